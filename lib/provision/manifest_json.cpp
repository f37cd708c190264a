// Manifests as JSON: manifest.schema.json.
#include "host/json.h"
#include "provision/manifest.h"

namespace flashstore::provision {
namespace {

using host::Json;

constexpr const char* kSchema = "nodeflash.manifest/1";
const std::vector<std::string_view> kPolicies = {"firmware", "device", "default"};
const std::vector<std::string_view> kNumbers = {"float", "int", "dword"};
const std::vector<std::string_view> kOtadata = {"keep", "erase"};
constexpr uint32_t kMostStripped = 2;

void read_flash(const JsonValue& value, JsonErrors& errors, Manifest::Flash& flash) {
  JsonObject object(value, errors);
  object.size("size", flash.bytes);
  object.text("mode", flash.mode);
  object.text("frequency", flash.frequency);
  object.finish();
}

void read_lfs(const JsonValue& value, JsonErrors& errors, Manifest::Lfs& lfs) {
  JsonObject object(value, errors);
  object.texts("sources", lfs.sources);
  object.each("resources", [&](const JsonValue& item) {
    JsonObject resource(item, errors);
    Manifest::Resource found;
    resource.text("module", found.module);
    resource.text("file", found.file);
    resource.require("module");
    resource.require("file");
    resource.finish();
    lfs.resources.push_back(std::move(found));
  });
  object.number("strip", lfs.strip);
  object.text("image", lfs.image);
  object.finish();
  if (lfs.strip > kMostStripped) {
    errors.add(value, "wrong-value", "'strip' is 0, 1 or 2");
  }
  if (!lfs.is_given()) {
    errors.add(value, "missing-key", "'sources' or 'image' is missing");
  }
}

void read_lilotafs(const JsonValue& value, JsonErrors& errors, Manifest::Lilotafs& lilotafs) {
  JsonObject object(value, errors);
  object.text("directory", lilotafs.directory);
  object.text("image", lilotafs.image);
  object.finish();
  if (!lilotafs.is_given()) {
    errors.add(value, "missing-key", "'directory' or 'image' is missing");
  }
}

void read_place(const JsonValue& value, JsonErrors& errors, bool is_mapped, Place& place) {
  JsonObject object(value, errors);
  object.size("address", place.address);
  object.size("size", place.bytes);
  object.text("label", place.label);
  if (is_mapped) {
    object.size("mapped", place.mapped);
  }
  object.finish();
}

void read_partitions(const JsonValue& value, JsonErrors& errors, Manifest::Partitions& partitions) {
  JsonObject object(value, errors);
  size_t policy = 0;
  if (object.choice("policy", kPolicies, policy)) {
    partitions.policy = static_cast<TablePolicy>(policy);
  }
  object.text("app", partitions.app);
  if (const JsonValue* lfs = object.find("lfs")) {
    read_place(*lfs, errors, true, partitions.lfs);
  }
  if (const JsonValue* lilotafs = object.find("lilotafs")) {
    read_place(*lilotafs, errors, false, partitions.lilotafs);
  }
  object.finish();
}

void read_raw(const JsonValue& value, JsonErrors& errors, std::vector<Manifest::Raw>& raw) {
  JsonObject object(value, errors);
  Manifest::Raw found;
  std::optional<uint32_t> address;
  object.text("file", found.file);
  object.size("address", address);
  object.require("file");
  object.require("address");
  object.finish();
  found.address = address.value_or(0);
  raw.push_back(std::move(found));
}

Manifest::Port read_port(const JsonValue& value, JsonErrors& errors) {
  if (value.kind == JsonValue::Kind::kText) {
    if (value.text.empty() || value.text.find('\0') != std::string::npos) {
      errors.add(value, "wrong-value", "a text that is not empty, without NUL, is wanted");
    }
    return {value.text, ""};
  }
  Manifest::Port port;
  JsonObject object(value, errors);
  object.text("port", port.name);
  if (object.text("mac", port.mac) && !is_mac(port.mac)) {
    errors.add(value, "wrong-value", "'" + port.mac + "' is no address of a board",
               "as 5c:cf:7f:00:00:01");
  }
  object.require("port");
  object.finish();
  return port;
}

Manifest::Smoke read_smoke(const JsonValue& value, JsonErrors& errors) {
  JsonObject object(value, errors);
  Manifest::Smoke smoke;
  object.texts("modules", smoke.modules);
  object.number("seconds", smoke.seconds);
  object.finish();
  return smoke;
}

void set(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) {
    json[name] = text;
  }
}

Json to_json(const Place& place) {
  Json json = Json::object();
  if (place.address) {
    json["address"] = *place.address;
  }
  if (place.bytes) {
    json["size"] = *place.bytes;
  }
  set(json, "label", place.label);
  if (place.mapped) {
    json["mapped"] = *place.mapped;
  }
  return json;
}

// What a check of the whole manifest found, with the line of what it is about.
Problem at_its_place(Problem problem, const std::string& file, const JsonValue& document) {
  constexpr std::pair<const char*, std::string_view> kPlaces[] = {
      {"unknown-chip", "/chip"},
      {"flash-size", "/flash/size"},
      {"flash-mode", "/flash/mode"},
      {"flash-frequency", "/flash/frequency"}};
  host::Diagnostic& diagnostic = problem.diagnostic;
  diagnostic.file = file;
  diagnostic.line = document.line;
  for (const auto& [id, pointer] : kPlaces) {
    const JsonValue* value = diagnostic.id == id ? find(document, pointer) : nullptr;
    if (value != nullptr) {
      diagnostic.line = value->line;
      diagnostic.message = value->pointer + ": " + diagnostic.message;
    }
  }
  return problem;
}

}  // namespace

Manifest read_manifest(const JsonValue& value, JsonErrors& errors) {
  JsonObject object(value, errors);
  Manifest manifest;
  std::string schema = kSchema;
  object.text("schema", schema);
  if (schema != kSchema) {
    errors.add(value, "unknown-schema", "'" + schema + "' is not " + kSchema);
  }
  object.text("chip", manifest.chip);
  if (const JsonValue* flash = object.find("flash")) {
    read_flash(*flash, errors, manifest.flash);
  }
  object.text("firmware", manifest.firmware);
  object.text("bootloader", manifest.bootloader);
  object.text("partition_table", manifest.partition_table);
  size_t otadata = 0;
  object.choice("otadata", kOtadata, otadata);
  manifest.erases_otadata = otadata != 0;
  size_t numbers = 0;
  if (object.choice("numbers", kNumbers, numbers)) {
    manifest.numbers = luac::kFlavourNames[numbers].second;
  }
  if (const JsonValue* lfs = object.find("lfs")) {
    read_lfs(*lfs, errors, manifest.lfs);
  }
  if (const JsonValue* lilotafs = object.find("lilotafs")) {
    read_lilotafs(*lilotafs, errors, manifest.lilotafs);
  }
  if (const JsonValue* partitions = object.find("partitions")) {
    read_partitions(*partitions, errors, manifest.partitions);
  }
  object.each("raw", [&](const JsonValue& item) { read_raw(item, errors, manifest.raw); });
  object.each("ports",
              [&](const JsonValue& item) { manifest.ports.push_back(read_port(item, errors)); });
  object.each("bauds", [&](const JsonValue& item) {
    if (item.kind != JsonValue::Kind::kNumber || item.number == 0 || item.number > UINT32_MAX) {
      errors.add(item, "wrong-value", "a number of bits per second is wanted");
    } else {
      manifest.bauds.push_back(static_cast<uint32_t>(item.number));
    }
  });
  if (const JsonValue* smoke = object.find("smoke")) {
    manifest.smoke = read_smoke(*smoke, errors);
  }
  object.require("chip");
  object.finish();
  return manifest;
}

core::Result<Manifest, Problem> parse_manifest(const std::string& file, std::string_view text) {
  const auto document = read_json(file, text);
  if (!document) {
    return document.error();
  }
  JsonErrors errors(file);
  Manifest manifest = read_manifest(document.value(), errors);
  if (errors.problem()) {
    return *errors.problem();
  }
  if (const auto problem = check_manifest(manifest)) {
    return at_its_place(*problem, file, document.value());
  }
  return manifest;
}

Json to_json(const Manifest& manifest) {
  Json json{{"schema", kSchema}, {"chip", manifest.chip}};
  Json flash = Json::object();
  if (manifest.flash.bytes) {
    flash["size"] = *manifest.flash.bytes;
  }
  set(flash, "mode", manifest.flash.mode);
  set(flash, "frequency", manifest.flash.frequency);
  json["flash"] = flash;
  set(json, "firmware", manifest.firmware);
  set(json, "bootloader", manifest.bootloader);
  set(json, "partition_table", manifest.partition_table);
  if (manifest.erases_otadata) {
    json["otadata"] = "erase";
  }
  if (manifest.numbers) {
    json["numbers"] = luac::name(*manifest.numbers);
  }
  if (const Manifest::Lfs& lfs = manifest.lfs; lfs.is_given()) {
    Json& made = json["lfs"];
    if (lfs.is_compiled()) {
      made["sources"] = lfs.sources;
      made["resources"] = Json::array();
      for (const Manifest::Resource& resource : lfs.resources) {
        made["resources"].push_back({{"module", resource.module}, {"file", resource.file}});
      }
      made["strip"] = lfs.strip;
    }
    set(made, "image", lfs.image);
  }
  if (manifest.lilotafs.is_given()) {
    set(json["lilotafs"], "directory", manifest.lilotafs.directory);
    set(json["lilotafs"], "image", manifest.lilotafs.image);
  }
  Json& partitions = json["partitions"];
  partitions["policy"] = kPolicies[static_cast<size_t>(manifest.partitions.policy)];
  set(partitions, "app", manifest.partitions.app);
  if (manifest.partitions.lfs != Place{}) {
    partitions["lfs"] = to_json(manifest.partitions.lfs);
  }
  if (manifest.partitions.lilotafs != Place{}) {
    partitions["lilotafs"] = to_json(manifest.partitions.lilotafs);
  }
  json["raw"] = Json::array();
  for (const Manifest::Raw& raw : manifest.raw) {
    json["raw"].push_back({{"file", raw.file}, {"address", raw.address}});
  }
  json["ports"] = Json::array();
  for (const Manifest::Port& port : manifest.ports) {
    json["ports"].push_back(port.mac.empty() ? Json(port.name)
                                             : Json({{"port", port.name}, {"mac", port.mac}}));
  }
  json["bauds"] = manifest.bauds;
  if (manifest.smoke) {
    json["smoke"] = {{"modules", manifest.smoke->modules}, {"seconds", manifest.smoke->seconds}};
  }
  return json;
}

}  // namespace flashstore::provision
