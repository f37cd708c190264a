#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <string_view>

#include "luaflash/format.h"

namespace flashstore::luac_cross {
namespace {

constexpr uint32_t kLfsGranule = 4096;  // sizes of LFS regions are whole sectors

// What CLI11 fills in before the texts of numbers are looked at.
struct Raw {
  std::string base;
  std::string max_bytes;
};

std::unique_ptr<CLI::App> make_app(Options& options, Raw& raw) {
  auto app =
      std::make_unique<CLI::App>("Compiles Lua 5.1 sources into an LFS image.", "luac.cross");
  app->set_help_flag("--help", "print this text");
  app->add_flag("-f,--flash", options.image, "output an LFS image");
  app->add_option("-a,--absolute", raw.base,
                  "output an absolute LFS image for this address (implies -f)")
      ->type_name("ADDR");
  app->add_option("-m,--max-size", raw.max_bytes,
                  "fail if the image is larger than this (implies -f)")
      ->type_name("SIZE");
  app->add_option("-o,--output", options.output, "output file, '-' is stdout")
      ->type_name("NAME")
      ->default_str("luac.out");
  app->add_flag("-p,--parse-only", options.parse_only, "parse only");
  app->add_flag("-v,--version", options.version, "show version information");
  app->footer("FILES are Lua sources; '-' is stdin. '--' ends the options.");
  return app;
}

// 0x..., or decimal; digits to the end. CLI11's own conversion would let signs and floats pass.
std::optional<uint32_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value, base);
  if (error != std::errc() || rest != end) {
    return std::nullopt;
  }
  return value;
}

std::string hex(uint32_t value) {
  char digits[8];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return "0x" + std::string(digits, end);
}

// A name that looks like an option is one whose name was forgotten; a number may begin with a sign.
bool is_value_for(const CLI::Option& option, const std::string& word) {
  const bool looks_like_option = word.size() > 1 && word[0] == '-';
  return !word.empty() && (option.get_type_name() != "NAME" || !looks_like_option);
}

// The error in the options' values, if there is one.
std::optional<UsageError> convert(const Raw& raw, Options& options) {
  if (!raw.base.empty()) {
    options.base = parse_number(raw.base);
    const uint32_t low = luaflash::kMinAbsoluteBase;
    const uint32_t high = low + luaflash::kFlashWindowBytes;
    if (!options.base || *options.base < low || *options.base > high ||
        *options.base % luaflash::kWordBytes != 0) {
      return UsageError{"'-a' address '" + raw.base + "' must be a multiple of 4 from " + hex(low) +
                        " to " + hex(high)};
    }
  }
  if (!raw.max_bytes.empty()) {
    options.max_bytes = parse_number(raw.max_bytes);
    if (!options.max_bytes || *options.max_bytes % kLfsGranule != 0) {
      return UsageError{"'-m' maximum size '" + raw.max_bytes + "' must be a multiple of 4,096"};
    }
  }
  options.image = options.image || options.base || options.max_bytes;
  return std::nullopt;
}

}  // namespace

std::variant<Options, UsageError, HelpText> parse_options(const std::vector<std::string>& words) {
  Options options;
  Raw raw;
  const auto app = make_app(options, raw);

  // CLI11 takes options anywhere and bundles short ones; here they end at the first other word.
  size_t end = 0;
  while (end < words.size()) {
    const std::string& word = words[end];
    if (word.size() < 2 || word[0] != '-' || word == "--") {
      break;
    }
    const CLI::Option* option = app->get_option_no_throw(word.substr(0, word.find('=')));
    if (option == nullptr) {
      return UsageError{"unrecognized option '" + word + "'"};
    }
    ++end;
    if (option->get_items_expected_max() > 0 && word.find('=') == std::string::npos) {
      if (end == words.size() || !is_value_for(*option, words[end])) {
        return UsageError{"'" + word + "' needs argument"};
      }
      ++end;
    }
  }
  std::vector<std::string> option_words(words.begin(), words.begin() + static_cast<ptrdiff_t>(end));
  std::reverse(option_words.begin(), option_words.end());  // CLI11 takes them from the back
  try {
    app->parse(option_words);
  } catch (const CLI::CallForHelp&) {
    return HelpText{app->help()};
  } catch (const CLI::ParseError& error) {
    return UsageError{error.what()};
  }
  if (const auto error = convert(raw, options)) {
    return *error;
  }

  if (end < words.size() && words[end] == "--") {
    ++end;
  }
  options.files.assign(words.begin() + static_cast<ptrdiff_t>(end), words.end());
  return options;
}

std::string usage() {
  Options options;
  Raw raw;
  return make_app(options, raw)->help();
}

}  // namespace flashstore::luac_cross
