#include "treemap.h"

#include "attributed.h"
#include "host/json.h"
#include "host/printable.h"
#include "kinds.h"
#include "treemap_page.h"

namespace flashstore::lfsimg {
namespace {

using host::Json;
using image::Attribution;
using image::Owner;
using image::OwnerType;

Json node(const Owner& owner) {
  Json own = Json::array();
  for (size_t i = 0; i < image::kKinds; ++i) {
    if (owner.own[i] != 0) {
      own.push_back({i, owner.own[i]});
    }
  }
  return {{"name", host::printable(label(owner))},
          {"bytes", owner.total},
          {"own", own},
          {"inside", Json::array()}};
}

// Owners inside their parents. Those inside come behind those around them: taken from the back,
// each is complete before it is put into its parent.
Json tree(const Attribution& sizes) {
  std::vector<Json> nodes;
  for (const Owner& owner : sizes.owners) {
    nodes.push_back(node(owner));
  }
  Json top = Json::array();
  for (size_t i = nodes.size(); i-- > 0;) {
    const uint32_t parent = sizes.owners[i].parent;
    if (sizes.owners[i].total != 0) {
      (parent == image::kNoOwner ? top : nodes[parent]["inside"]).push_back(std::move(nodes[i]));
    }
  }
  return top;
}

}  // namespace

std::string treemap(const ImageFile& file, const Attribution& sizes) {
  Json kinds = Json::array();
  for (size_t i = 0; i < image::kKinds; ++i) {
    kinds.push_back({{"name", name(kind_at(i))},
                     {"bytes", sizes.by_kind[i]},
                     {"colour", look(kind_at(i)).colour}});
  }
  const Json data = {
      {"summary", summary(file)},
      {"kinds", kinds},
      {"tree", {{"name", title(file)}, {"bytes", sizes.payload_bytes}, {"inside", tree(sizes)}}}};
  // Inside a script nothing may look like its end; ASCII alone also survives any guess of encoding.
  std::string text = data.dump(-1, ' ', true, Json::error_handler_t::replace);
  for (size_t at = 0; (at = text.find('<', at)) != std::string::npos;) {
    text.replace(at, 1, "\\u003c");
  }
  return std::string(kTreemapHead) + text + kTreemapTail;
}

}  // namespace flashstore::lfsimg
