// What a board is to hold: a manifest, written by a person or made of options.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/json_forward.h"
#include "luac/target.h"
#include "provision/json_value.h"

namespace flashstore::provision {

// Which partition table holds, before Manifest::Partitions changes it.
enum class TablePolicy : uint8_t {
  kFirmware,  // that of the firmware file
  kDevice,    // that of the device, which stays
  kDefault,   // that of a chip without one (partition/FORMAT.md)
};

// Which partition, and where it is to be; empty: as the table has it.
struct Place {
  std::optional<uint32_t> address = {};
  std::optional<uint32_t> bytes = {};
  std::string label = {};               // ESP32: of the partition; empty: the usual one
  std::optional<uint32_t> mapped = {};  // ESP32, LFS: where the firmware maps it

  bool moves() const { return address || bytes; }
  bool operator==(const Place&) const = default;
};

// Paths are relative to a folder, and stay in it.
struct Manifest {
  struct Flash {
    std::optional<uint32_t> bytes;  // empty: as the firmware's header has it
    std::string mode;               // "dio"; empty: likewise
    std::string frequency;          // "40m"; empty: likewise
  };
  struct Resource {
    std::string module;
    std::string file;
  };
  // Of Lua sources and resources, or an image: neither if LFS is none of the manifest's business.
  struct Lfs {
    std::vector<std::string> sources;  // files, or patterns in the name: "app/*.lua"
    std::vector<Resource> resources;
    uint32_t strip = 0;  // as luac.cross -s: 0, 1, 2
    std::string image;

    bool is_compiled() const { return !sources.empty() || !resources.empty(); }
    bool is_given() const { return is_compiled() || !image.empty(); }
  };
  // A directory or an image, or neither.
  struct Lilotafs {
    std::string directory;
    std::string image;

    bool is_given() const { return !directory.empty() || !image.empty(); }
  };
  struct Partitions {
    TablePolicy policy = TablePolicy::kFirmware;
    std::string app;  // ESP32: label of the firmware's; empty: the factory's, or the first
    Place lfs;
    Place lilotafs;
  };
  // Bytes that go to an address as they are: calibration data, certificates.
  struct Raw {
    std::string file;
    uint32_t address = 0;
  };
  // Where a board is.
  struct Port {
    std::string name;  // as ports.h has it
    std::string mac;   // the only board that is wanted there; empty: any
  };
  // What a board that runs must answer.
  struct Smoke {
    std::vector<std::string> modules;
    uint32_t seconds = 10;
  };

  std::string chip = "esp8266";
  Flash flash;
  // What is empty stays as it is. Of an ESP32 the firmware is the app, or all of them in one file.
  std::string firmware;
  std::string bootloader;                // ESP32
  std::string partition_table;           // ESP32, as a file
  bool erases_otadata = false;           // ESP32: which app boots is to be found anew
  std::optional<luac::Flavour> numbers;  // of a firmware that does not tell
  Lfs lfs;
  Lilotafs lilotafs;
  Partitions partitions;
  std::vector<Raw> raw;
  std::vector<Port> ports;
  std::vector<uint32_t> bauds;
  std::optional<Smoke> smoke;
};

// What `text`, the content of `file`, says: manifest.schema.json.
core::Result<Manifest, Problem> parse_manifest(const std::string& file, std::string_view text);

// The same of a part of a document.
Manifest read_manifest(const JsonValue& value, JsonErrors& errors);

// What parse_manifest() makes the same manifest of.
host::Json to_json(const Manifest& manifest);

// Whether `text` is the address of a board, as "5c:cf:7f:00:00:01".
bool is_mac(std::string_view text);

// What is wrong with a manifest, be it made of options: contradictions, unknown chips.
std::optional<Problem> check_manifest(const Manifest& manifest);

}  // namespace flashstore::provision
