// JSON that people write, read strictly: keys come once, and everything knows its line.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "provision/problems.h"

namespace flashstore::provision {

struct JsonValue {
  enum class Kind : uint8_t { kNull, kBoolean, kNumber, kOtherNumber, kText, kArray, kObject };

  Kind kind = Kind::kNull;
  uint64_t number = 0;  // of kNumber; kOtherNumber is negative or no integer
  std::string text = {};
  std::vector<JsonValue> items = {};
  std::vector<std::pair<std::string, JsonValue>> members = {};

  uint32_t line = 0;         // from 1
  std::string pointer = {};  // where it is in the document, as RFC 6901 has it: "/lfs/sources/0"
};

// What is at `pointer` in a document; nullptr: nothing.
const JsonValue* find(const JsonValue& document, std::string_view pointer);

// Where what is wrong with a document is kept: the first thing.
class JsonErrors {
 public:
  explicit JsonErrors(std::string file) : file_(std::move(file)) {}

  void add(const JsonValue& value, std::string id, const std::string& message,
           std::string hint = "");
  const std::optional<Problem>& problem() const { return problem_; }

 private:
  std::string file_;
  std::optional<Problem> problem_;
};

// The document in `text`, the content of `file`.
core::Result<JsonValue, Problem> read_json(const std::string& file, std::string_view text);

// The members of an object, each to be asked for once. What is of another kind than asked for is
// an error, and leaves the target as it is; so is what nobody asked for, told by finish().
class JsonObject {
 public:
  // Not an object: an error, and no members.
  JsonObject(const JsonValue& value, JsonErrors& errors);

  // nullptr: there is none.
  const JsonValue* find(std::string_view name);

  // Return whether the member is there.
  bool text(std::string_view name, std::string& into);
  bool number(std::string_view name, uint32_t& into);
  // A number, or a text with K or M behind it.
  bool size(std::string_view name, std::optional<uint32_t>& into);
  bool texts(std::string_view name, std::vector<std::string>& into);
  // Each item of an array.
  bool each(std::string_view name, const std::function<void(const JsonValue&)>& take);
  // One of `names`.
  bool choice(std::string_view name, const std::vector<std::string_view>& names, size_t& into);

  // An error unless it is there.
  void require(std::string_view name);
  void finish();

 private:
  const JsonValue* find(std::string_view name, JsonValue::Kind kind, const char* wanted);

  const JsonValue& value_;
  JsonErrors& errors_;
  std::vector<std::string_view> known_;
};

}  // namespace flashstore::provision
