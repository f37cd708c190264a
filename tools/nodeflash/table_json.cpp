#include "host/json.h"
#include "host/numbers.h"
#include "host/printable.h"
#include "image/firmware.h"
#include "table.h"

namespace flashstore::nodeflash {
namespace {

using host::Json;

Json to_json(const partition::Partition& partition) {
  const Region region = provision::part_of(partition);
  const bool is_mapped = region.address < partition::kWindowBytes;
  return {{"name", region.name},
          {"type", partition.type},
          {"address", partition.address},
          {"size", partition.bytes},
          {"mapped", is_mapped ? Json(image::mapped(partition.address)) : Json(nullptr)}};
}

Json to_json(const partition::IdfPartition& partition) {
  return {{"name", std::string(partition.name())},
          {"type", partition.type},
          {"subtype", partition.subtype},
          {"address", partition.address},
          {"size", partition.bytes},
          {"flags", partition.flags}};
}

// Reads a table. What is wrong first ends it, by an exception.
class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  AnyTable table(const Json& document) const {
    require(document.is_object(), "an object with 'kind' and 'partitions' is wanted");
    const std::string kind = text(document, "kind");
    const bool is_idf = kind == name(TableKind::kIdf);
    require(is_idf || kind == name(TableKind::kNodemcu), "'" + kind + "' is no kind of table");
    require(document.contains("partitions") && document["partitions"].is_array(),
            "'partitions' is no array");
    AnyTable table;
    table.kind = is_idf ? TableKind::kIdf : TableKind::kNodemcu;
    for (const Json& entry : document["partitions"]) {
      require(entry.is_object(), "a partition is no object");
      if (is_idf) {
        table.idf.partitions.push_back(idf(entry));
      } else {
        require(table.nodemcu.add(nodemcu(entry)), "more partitions than a table has room for, " +
                                                       std::to_string(partition::kMaxEntries));
      }
    }
    if (document.contains("md5") && !document["md5"].is_null()) {
      require(document["md5"].is_boolean(), "'md5' is neither true nor false");
      table.idf.has_digest = document["md5"];
    }
    return table;
  }

 private:
  void require(bool condition, const std::string& message) const {
    if (!condition) {
      throw Problem{host::kNo, Diagnostic{.id = "table-format",
                                          .message = message,
                                          .hint = "table.schema.json describes a table",
                                          .file = file_}};
    }
  }

  std::string text(const Json& object, const char* key) const {
    require(object.contains(key) && object[key].is_string(),
            std::string("'") + key + "' is missing");
    return object[key];
  }

  // As a number, or as a text on a command line.
  uint32_t number(const Json& object, const char* key, uint32_t highest = UINT32_MAX) const {
    require(object.contains(key), std::string("'") + key + "' is missing");
    std::optional<uint32_t> found;
    if (object[key].is_number_unsigned() && object[key].get<uint64_t>() <= UINT32_MAX) {
      found = object[key].get<uint32_t>();
    } else if (object[key].is_string()) {
      found = host::parse_number(object[key].get<std::string>(), true);
    }
    require(found && *found <= highest, std::string("'") + key + "' is " + object[key].dump() +
                                            ", no number that can be there");
    return *found;
  }

  partition::Partition nodemcu(const Json& entry) const {
    std::optional<uint32_t> type;
    if (entry.contains("type")) {
      type = number(entry, "type");
    } else {
      const std::string name = text(entry, "name");
      type = partition::type_of(name);
      require(type.has_value(), "'" + name + "' is the name of no partition; 'type' is needed");
    }
    return {*type, number(entry, "address"), number(entry, "size")};
  }

  partition::IdfPartition idf(const Json& entry) const {
    partition::IdfPartition found;
    const std::string name = text(entry, "name");
    require(found.set_name(name), "'" + host::printable(name) + "' is no label: 16 bytes at most");
    found.type = static_cast<uint8_t>(number(entry, "type", UINT8_MAX));
    found.subtype = static_cast<uint8_t>(number(entry, "subtype", UINT8_MAX));
    found.address = number(entry, "address");
    found.bytes = number(entry, "size");
    found.flags = entry.contains("flags") ? number(entry, "flags") : 0;
    return found;
  }

  const std::string& file_;
};

}  // namespace

Json to_json(const AnyTable& table) {
  Json partitions = Json::array();
  if (table.kind == TableKind::kNodemcu) {
    for (const auto& partition : table.nodemcu.partitions()) {
      partitions.push_back(to_json(partition));
    }
  } else {
    for (const auto& partition : table.idf.partitions) {
      partitions.push_back(to_json(partition));
    }
  }
  return partitions;
}

core::Result<AnyTable, Problem> table_from_json(const std::string& text, const std::string& file) {
  try {
    return Reader(file).table(Json::parse(text));
  } catch (const Json::parse_error& error) {
    return Problem{host::kNo, Diagnostic{.id = "table-json",
                                         .message = "no JSON: unexpected byte or end",
                                         .file = file,
                                         .offset = error.byte == 0 ? 0 : error.byte - 1}};
  } catch (const Problem& problem) {
    return problem;
  }
}

}  // namespace flashstore::nodeflash
