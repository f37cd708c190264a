#include "targets.h"

#include <algorithm>

#include "host/json.h"
#include "provision/ports.h"

namespace flashstore::nodeflash {
namespace {

using provision::Manifest;

Problem usage(const std::string& message, const std::string& hint = "") {
  return {host::kUsage, {.id = "usage", .message = message, .hint = hint}};
}

bool is_empty(const Manifest& manifest) {
  return to_json(manifest) == to_json(Manifest{});
}

// What the command line says of the one board it is about.
std::optional<Problem> check_single(const FlashOptions& options, size_t boards) {
  for (const auto& [name, value] :
       {std::pair("--mac", &options.mac), std::pair("--keep-page", &options.keep_page)}) {
    if (!value->empty() && boards > 1) {
      return usage(std::string(name) + " is for one board, these are " + std::to_string(boards));
    }
  }
  if (!options.mac.empty() && !provision::is_mac(options.mac)) {
    return usage("'" + options.mac + "' is no address of a board", "as 5c:cf:7f:00:00:01");
  }
  return std::nullopt;
}

std::vector<Manifest::Port> ports_of(const FlashOptions& options, const PlanSource& source) {
  if (options.ports.empty()) {
    return source.what().ports;
  }
  std::vector<Manifest::Port> ports;
  for (const std::string& name : options.ports) {
    ports.push_back({name, ""});
  }
  return ports;
}

}  // namespace

core::Result<Sources, Problem> read_sources(const FlashOptions& options, Job& job) {
  const size_t count = std::max<size_t>(options.documents.size(), 1);
  const ReadText read = [&](const std::string& path, size_t max_bytes) {
    return count == 1 ? job.read(path, max_bytes) : host::read_input(path, max_bytes);
  };
  Sources sources;
  for (size_t i = 0; i < count; ++i) {
    PlanningOptions planning = options.planning;
    planning.document = options.documents.empty() ? "" : options.documents[i];
    if (!options.needs_plan && planning.document.empty() && is_empty(planning.manifest)) {
      return Sources{std::make_shared<const PlanSource>()};
    }
    auto source = read_source(planning, read);
    if (!source) {
      return source.error();
    }
    sources.push_back(std::make_shared<const PlanSource>(std::move(source).value()));
  }
  return sources;
}

core::Result<std::vector<Target>, Problem> find_targets(const FlashOptions& options,
                                                        const Sources& sources) {
  if (!options.ports.empty() && sources.size() > 1) {
    return usage("of several manifests each tells its own ports, --port cannot",
                 "put them into the manifests: \"ports\"");
  }
  std::vector<Target> targets;
  for (const auto& source : sources) {
    const std::vector<Manifest::Port> ports = ports_of(options, *source);
    if (ports.empty()) {
      return usage("nothing tells where the board is", "--port does, or \"ports\" in the manifest");
    }
    for (const Manifest::Port& port : ports) {
      const auto found = provision::find_ports(port.name);
      if (!found) {
        return found.error();
      }
      for (const provision::FoundPort& one : found.value()) {
        const auto other = std::find_if(targets.begin(), targets.end(), [&](const Target& target) {
          return target.identity == one.identity;
        });
        if (other != targets.end()) {
          return provision::refused("same-port",
                                    one.path + " and " + other->port + " are the same port",
                                    "nothing was written; name each board once");
        }
        targets.push_back(
            {one.path, one.identity, options.mac.empty() ? port.mac : options.mac, source});
      }
    }
  }
  if (const auto problem = check_single(options, targets.size())) {
    return *problem;
  }
  return targets;
}

}  // namespace flashstore::nodeflash
