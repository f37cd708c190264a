// Any bytes as what is left of a partition: what is found lies in them, and packing it again keeps
// it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "image/pack.h"
#include "image/salvage.h"

namespace {

using namespace flashstore;

void require(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
  }
}

void check_order(const std::vector<image::SalvagedRecord>& records, std::span<const uint8_t> dump) {
  uint64_t last = 0;
  for (const image::SalvagedRecord& record : records) {
    require(record.offset >= last, "in the order of their offsets");
    last = record.offset;
    require(record.bytes.empty() ||
                (record.bytes.data() >= dump.data() &&
                 record.bytes.data() + record.bytes.size() <= dump.data() + dump.size()),
            "inside the dump");
    require(!record.path.empty() && record.path.size() <= 63, "a name");
  }
}

// Files whose paths a partition takes.
void check_packing(std::vector<image::SalvagedRecord> files) {
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return image::packs_before(a.path, b.path); });
  std::vector<image::PackItem> items;
  for (const image::SalvagedRecord& file : files) {
    items.push_back({file.path, file.bytes.size()});
  }
  if (!image::check_paths(items).empty()) {
    return;
  }
  const image::PackLayout layout = image::lay_out(items);
  if (layout.needed > 16 << 20) {
    return;
  }
  std::vector<uint8_t> partition(layout.needed);
  const image::Packer packer(partition, true);
  for (size_t i = 0; i < files.size(); ++i) {
    std::copy(files[i].bytes.begin(), files[i].bytes.end(),
              packer.data(items[i], layout.places[i]).begin());
    packer.commit(items[i], layout.places[i]);
  }
  const auto again = image::latest(image::find_records(partition, 0));
  require(again.size() == files.size(), "as many as were packed");
  for (const image::SalvagedRecord& file : again) {
    const auto known = std::find_if(files.begin(), files.end(),
                                    [&](const auto& other) { return other.path == file.path; });
    require(known != files.end() && std::equal(file.bytes.begin(), file.bytes.end(),
                                               known->bytes.begin(), known->bytes.end()),
            "with the same bytes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span dump(data, size);
  for (const auto partition : {std::optional<uint64_t>(), std::optional<uint64_t>(0)}) {
    const auto records = image::find_records(dump, partition);
    check_order(records, dump);
    check_packing(image::latest(records));
  }
  return 0;
}
