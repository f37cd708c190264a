#include "plan.h"

#include <algorithm>
#include <optional>

#include "core/nor_flash.h"
#include "host/digest.h"
#include "host/json.h"
#include "norsim/flash.h"

namespace flashstore::lilotafs_img {
namespace {

using host::Json;
using norsim::Operation;

constexpr const char* kSchema = "lilotafs-img.fsck-plan/1";
constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

std::string digest(std::span<const uint8_t> bytes) {
  return host::sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::string to_hex(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<std::vector<uint8_t>> from_hex(const std::string& text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return text.size() % 2 == 0 ? std::optional(bytes) : std::nullopt;
}

// Throws Json::exception where it is not as it should be.
Operations operations_of(const Json& plan) {
  Operations operations;
  for (const Json& entry : plan.at("operations")) {
    const std::string kind = entry.at("operation");
    norsim::OperationLog::Entry operation{
        .kind = Operation::Kind::kErase, .address = entry.at("offset"), .bytes = {}};
    if (kind == "program") {
      const auto bytes = from_hex(entry.at("bytes"));
      operation.kind = Operation::Kind::kProgram;
      operation.bytes = bytes.value_or(std::vector<uint8_t>{});
    }
    operations.push_back(std::move(operation));
  }
  return operations;
}

}  // namespace

Operations rewrite(std::span<const uint8_t> before, std::span<const uint8_t> after) {
  Operations operations;
  const auto is_erased = [](uint8_t byte) { return byte == 0xFF; };
  for (uint32_t at = 0; at < before.size(); at += kSectorBytes) {
    const auto old_bytes = before.subspan(at, kSectorBytes);
    const auto new_bytes = after.subspan(at, kSectorBytes);
    if (std::equal(old_bytes.begin(), old_bytes.end(), new_bytes.begin())) {
      continue;
    }
    if (!std::all_of(old_bytes.begin(), old_bytes.end(), is_erased)) {
      operations.push_back({.kind = Operation::Kind::kErase, .address = at, .bytes = {}});
    }
    const auto end = std::find_if_not(new_bytes.rbegin(), new_bytes.rend(), is_erased).base();
    if (end != new_bytes.begin()) {
      operations.push_back(
          {.kind = Operation::Kind::kProgram, .address = at, .bytes = {new_bytes.begin(), end}});
    }
  }
  return operations;
}

std::vector<uint8_t> replay(std::span<const uint8_t> before, const Operations& operations) {
  norsim::Flash flash(norsim::Contents::over(before));
  for (const auto& operation : operations) {
    operation.kind == Operation::Kind::kErase ? flash.erase(operation.address)
                                              : flash.program(operation.address, operation.bytes);
  }
  return flash.contents().bytes();
}

Json to_json(const Operations& operations) {
  Json json = Json::array();
  for (const auto& operation : operations) {
    Json& entry = json.emplace_back();
    const bool is_erase = operation.kind == Operation::Kind::kErase;
    entry["operation"] = is_erase ? "erase" : "program";
    entry["offset"] = operation.address;
    if (!is_erase) {
      entry["bytes"] = to_hex(operation.bytes);
    }
  }
  return json;
}

Json to_plan(std::span<const uint8_t> before, const Operations& operations) {
  return {{"schema", kSchema},
          {"partition", {{"size", before.size()}, {"sha256", digest(before)}}},
          {"operations", to_json(operations)}};
}

core::Result<std::vector<uint8_t>, Problem> apply_plan(const std::string& file,
                                                       const std::string& text,
                                                       std::span<const uint8_t> partition) {
  const auto refuse = [&](const char* id, const std::string& message, const std::string& hint) {
    return Problem{host::kNo, {.id = id, .message = message, .hint = hint, .file = file}};
  };
  try {
    const Json plan = Json::parse(text);
    if (plan.at("schema") != kSchema) {
      return refuse("no-plan", "it is no plan of fsck", "'lilotafs-img fsck --plan' writes one");
    }
    if (plan.at("partition").at("sha256") != digest(partition)) {
      return refuse("plan-of-another", "the plan is for a partition with other bytes",
                    "have a new one made");
    }
    return replay(partition, operations_of(plan));
  } catch (const Json::exception&) {
    return refuse("no-plan", "it is no plan of fsck", "'lilotafs-img fsck --plan' writes one");
  } catch (const norsim::Violation& violation) {
    return refuse("plan-impossible", violation.what(), "");
  }
}

}  // namespace flashstore::lilotafs_img
