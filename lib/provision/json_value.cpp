#include "provision/json_value.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "host/numbers.h"

namespace flashstore::provision {
namespace {

constexpr size_t kDeepest = 16;
constexpr const char* kNotJson = "not-json";

// How far a parser has read.
struct Position {
  uint32_t line = 1;
  bool at_line_start = false;  // the last character ended a line
};

// Characters that note how far they have been read.
class Characters {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Characters(const char* at, Position* position) : at_(at), position_(position) {}

  const char& operator*() const { return *at_; }
  Characters& operator++() {
    position_->at_line_start = *at_ == '\n';
    position_->line += position_->at_line_start ? 1 : 0;
    ++at_;
    return *this;
  }
  Characters operator++(int) {
    const Characters before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Characters& other) const { return at_ == other.at_; }
  bool operator!=(const Characters& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  Position* position_;
};

std::string escaped(std::string_view key) {
  std::string text;
  for (const char c : key) {
    text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
  return text;
}

// Builds the tree as the parser goes.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  Builder(std::string file, const Position& position) : errors_(file), position_(position) {}

  bool null() override { return put({}); }
  bool boolean(bool) override { return put({.kind = JsonValue::Kind::kBoolean}); }
  bool number_integer(number_integer_t) override { return put_number({}); }
  bool number_unsigned(number_unsigned_t value) override { return put_number(value); }
  bool number_float(number_float_t, const string_t&) override { return put_number({}); }
  bool string(string_t& value) override {
    return put({.kind = JsonValue::Kind::kText, .text = std::move(value)});
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonValue::Kind::kObject); }
  bool start_array(std::size_t) override { return open(JsonValue::Kind::kArray); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    JsonValue& object = stack_.back();
    const auto same = [&](const auto& member) { return member.first == name; };
    JsonValue value{.line = position_.line, .pointer = object.pointer + "/" + escaped(name)};
    if (std::any_of(object.members.begin(), object.members.end(), same)) {
      errors_.add(value, "repeated-key", "the key is there twice");
      return false;
    }
    object.members.emplace_back(std::move(name), std::move(value));
    return true;
  }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: what": the place is said.
    const std::string text = error.what();
    const size_t what = text.find(": ");
    errors_.add({.line = position_.line - (position_.at_line_start ? 1 : 0)}, kNotJson,
                what == std::string::npos ? text : text.substr(what + 2));
    return false;
  }

  const std::optional<Problem>& problem() const { return errors_.problem(); }
  JsonValue& root() { return root_; }

 private:
  bool put_number(std::optional<uint64_t> value) {
    // A parser knows that a number ends when it has read what is behind it.
    const uint32_t line = position_.line - (position_.at_line_start ? 1 : 0);
    return put({.kind = value ? JsonValue::Kind::kNumber : JsonValue::Kind::kOtherNumber,
                .number = value.value_or(0),
                .line = line});
  }

  bool put(JsonValue value) {
    value.line = value.line == 0 ? position_.line : value.line;
    if (stack_.empty()) {
      root_ = std::move(value);
      return true;
    }
    JsonValue& parent = stack_.back();
    if (parent.kind == JsonValue::Kind::kArray) {
      value.pointer = parent.pointer + "/" + std::to_string(parent.items.size());
      parent.items.push_back(std::move(value));
    } else {
      JsonValue& slot = parent.members.back().second;
      value.line = slot.line;
      value.pointer = std::move(slot.pointer);
      slot = std::move(value);
    }
    return true;
  }

  bool open(JsonValue::Kind kind) {
    JsonValue value{.kind = kind, .line = position_.line};
    if (!stack_.empty()) {
      const JsonValue& parent = stack_.back();
      value.pointer = parent.kind == JsonValue::Kind::kArray
                          ? parent.pointer + "/" + std::to_string(parent.items.size())
                          : parent.members.back().second.pointer;
    }
    if (stack_.size() == kDeepest) {
      errors_.add(value, "too-deep", "there are arrays in arrays more than anything needs");
      return false;
    }
    stack_.push_back(std::move(value));
    return true;
  }

  bool close() {
    JsonValue value = std::move(stack_.back());
    stack_.pop_back();
    return put(std::move(value));
  }

  JsonErrors errors_;
  const Position& position_;
  JsonValue root_;
  std::vector<JsonValue> stack_;
};

}  // namespace

const JsonValue* find(const JsonValue& document, std::string_view pointer) {
  if (document.pointer == pointer) {
    return &document;
  }
  for (const auto& [name, value] : document.members) {
    if (const JsonValue* found = find(value, pointer)) {
      return found;
    }
  }
  return nullptr;
}

void JsonErrors::add(const JsonValue& value, std::string id, const std::string& message,
                     std::string hint) {
  if (problem_) {
    return;
  }
  const std::string where = value.pointer.empty() ? "" : value.pointer + ": ";
  problem_ = refused(std::move(id), where + message, std::move(hint), file_);
  problem_->diagnostic.line = value.line;
}

core::Result<JsonValue, Problem> read_json(const std::string& file, std::string_view text) {
  Position position;
  Builder builder(file, position);
  const bool done =
      nlohmann::json::sax_parse(Characters(text.data(), &position),
                                Characters(text.data() + text.size(), &position), &builder);
  if (builder.problem()) {
    return *builder.problem();
  }
  if (!done) {
    return refused(kNotJson, "this is no JSON", "", file);
  }
  return std::move(builder.root());
}

JsonObject::JsonObject(const JsonValue& value, JsonErrors& errors)
    : value_(value), errors_(errors) {
  if (value.kind != JsonValue::Kind::kObject) {
    errors.add(value, "wrong-type", "an object is wanted");
  }
}

const JsonValue* JsonObject::find(std::string_view name) {
  known_.push_back(name);
  const auto found = std::find_if(value_.members.begin(), value_.members.end(),
                                  [&](const auto& member) { return member.first == name; });
  return found == value_.members.end() ? nullptr : &found->second;
}

const JsonValue* JsonObject::find(std::string_view name, JsonValue::Kind kind, const char* wanted) {
  const JsonValue* found = find(name);
  if (found != nullptr && found->kind != kind) {
    errors_.add(*found, "wrong-type", std::string(wanted) + " is wanted");
    return nullptr;
  }
  return found;
}

bool JsonObject::text(std::string_view name, std::string& into) {
  const JsonValue* found = find(name, JsonValue::Kind::kText, "a text");
  if (found == nullptr) {
    return false;
  }
  if (found->text.find('\0') != std::string::npos || found->text.empty()) {
    errors_.add(*found, "wrong-value", "a text that is not empty, without NUL, is wanted");
  }
  into = found->text;
  return true;
}

bool JsonObject::number(std::string_view name, uint32_t& into) {
  const JsonValue* found = find(name, JsonValue::Kind::kNumber, "a number, not below 0,");
  if (found == nullptr) {
    return false;
  }
  if (found->number > std::numeric_limits<uint32_t>::max()) {
    errors_.add(*found, "wrong-value", "the number has more than 32 bits");
    return false;
  }
  into = static_cast<uint32_t>(found->number);
  return true;
}

bool JsonObject::size(std::string_view name, std::optional<uint32_t>& into) {
  const JsonValue* found = find(name);
  if (found == nullptr) {
    return false;
  }
  known_.pop_back();
  if (found->kind != JsonValue::Kind::kText) {
    uint32_t value = 0;
    const bool is_number = number(name, value);
    if (is_number) {
      into = value;
    }
    return is_number;
  }
  known_.push_back(name);
  into = host::parse_number(found->text, true);
  if (!into) {
    errors_.add(*found, "wrong-value", "'" + found->text + "' is no size",
                "a number, or a text with K or M behind it: \"256K\"");
  }
  return into.has_value();
}

bool JsonObject::each(std::string_view name, const std::function<void(const JsonValue&)>& take) {
  const JsonValue* found = find(name, JsonValue::Kind::kArray, "an array");
  if (found == nullptr) {
    return false;
  }
  for (const JsonValue& item : found->items) {
    take(item);
  }
  return true;
}

bool JsonObject::texts(std::string_view name, std::vector<std::string>& into) {
  return each(name, [&](const JsonValue& item) {
    if (item.kind != JsonValue::Kind::kText || item.text.empty() ||
        item.text.find('\0') != std::string::npos) {
      errors_.add(item, "wrong-type", "a text that is not empty is wanted");
    } else {
      into.push_back(item.text);
    }
  });
}

bool JsonObject::choice(std::string_view name, const std::vector<std::string_view>& names,
                        size_t& into) {
  const JsonValue* found = find(name, JsonValue::Kind::kText, "a text");
  if (found == nullptr) {
    return false;
  }
  const auto at = std::find(names.begin(), names.end(), found->text);
  if (at == names.end()) {
    std::string all;
    for (const std::string_view one : names) {
      all += (all.empty() ? "" : ", ") + std::string(one);
    }
    errors_.add(*found, "wrong-value", "'" + found->text + "' is none of " + all);
    return false;
  }
  into = static_cast<size_t>(at - names.begin());
  return true;
}

void JsonObject::require(std::string_view name) {
  if (value_.kind == JsonValue::Kind::kObject && find(name) == nullptr) {
    errors_.add(value_, "missing-key", "'" + std::string(name) + "' is missing");
  }
}

void JsonObject::finish() {
  for (const auto& [name, value] : value_.members) {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      errors_.add(value, "unknown-key", "there is no such key");
    }
  }
}

}  // namespace flashstore::provision
