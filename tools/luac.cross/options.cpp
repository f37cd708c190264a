#include "options.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "host/numbers.h"
#include "luaflash/format.h"

namespace flashstore::luac_cross {
namespace {

constexpr uint32_t kSector = 4096;  // LFS regions are whole sectors of flash

constexpr std::string_view kNameType = "NAME";

// What CLI11 fills in before the texts are looked at.
struct Raw {
  std::string base;
  std::string max_bytes;
  std::string attach_to;
  std::string lfs_address;
  std::string target;
  std::string compress;
  std::string script;
  std::string depfile;
  std::vector<std::string> resources;
  std::vector<std::string> files;  // stays empty: here for the help text
};

std::unique_ptr<CLI::App> make_app(Options& options, Raw& raw) {
  auto app = std::make_unique<CLI::App>("Compiles Lua 5.1 for NodeMCU devices.", "luac.cross");
  const std::string name(kNameType);
  app->set_help_flag("--help", "print this text");
  app->add_flag("-f,--flash", options.image, "write an LFS image for node.flashreload");
  app->add_option("-a,--absolute", raw.base, "write an LFS image for this address (implies -f)")
      ->type_name("ADDR");
  app->add_option("-m,--max-size", raw.max_bytes,
                  "size of the LFS region, K and M allowed (implies -f)")
      ->type_name("SIZE");
  app->add_option("--attach-to", raw.attach_to,
                  "with -a: for node.LFS.attach beside this image, or 'none', in LFS")
      ->type_name(name);
  app->add_option("--lfs-address", raw.lfs_address, "where LFS is mapped, if that is relocatable")
      ->type_name("ADDR");
  app->add_option("-e,--execute", raw.script,
                  "run a script here; a function it returns is a module")
      ->type_name(name);
  app->add_flag("-i,--lookup", options.lookup, "write bytecode that finds modules by name");
  app->add_flag("-l,--list", options.list, "list; twice: with constants");
  app->add_option("-o,--output", options.output, "output file, '-' is stdout")
      ->type_name(name)
      ->default_str("luac.out");
  app->add_flag("-p,--parse-only", options.parse_only, "write nothing");
  app->add_flag("-s,--strip", options.strip, "leave out lines; twice: sources' names too");
  app->add_flag("-v,--version", options.version, "show the version");
  app->add_option("--target", raw.target, "numbers of the device: float (default), int, dword")
      ->type_name("KIND");
  app->add_option("--compress", raw.compress,
                  "the image file: none, fast, default, best (smallest, slow)")
      ->type_name("LEVEL");
  app->add_option("--resource", raw.resources, "add a module that returns what FILE holds")
      ->type_name("MODULE=FILE")
      ->expected(1)
      ->allow_extra_args(false)
      ->take_all();
  app->add_option("--depfile", raw.depfile, "write a make rule for the output")->type_name(name);
  app->add_flag("--json", options.json, "report on stdout, as JSON");
  app->add_flag("--strict", options.strict, "warnings are errors");
  app->add_flag("-q,--quiet", options.quiet, "no summary");
  app->add_option("FILES", raw.files, "Lua sources or bytecode; '-' is stdin")->type_name("...");
  app->footer("Options end at the first file, or at '--'.");
  for (CLI::Option* option : app->get_options()) {
    if (option->get_items_expected_max() == 1 && option->get_name() != "--resource") {
      option->take_last();  // as in the original, of several the last counts
    }
  }
  return app;
}

// A name that looks like an option is one whose name was forgotten; a number may begin with a sign.
bool is_value_for(const CLI::Option& option, const std::string& word) {
  const bool looks_like_option = word.size() > 1 && word[0] == '-';
  return !word.empty() && (option.get_type_name() != kNameType || !looks_like_option);
}

using MaybeError = std::optional<UsageError>;

MaybeError convert_address(const std::string& name, const std::string& text,
                           std::optional<uint32_t>& address) {
  address = host::parse_number(text, false);
  constexpr uint32_t kLow = luaflash::kMinAbsoluteBase;
  constexpr uint32_t kHigh = kLow + luaflash::kFlashWindowBytes;
  if (!address || *address < kLow || *address > kHigh || *address % luaflash::kWordBytes != 0) {
    return UsageError{"'" + name + "' address '" + text + "' must be a multiple of 4 from " +
                      host::hex(kLow) + " to " + host::hex(kHigh)};
  }
  return std::nullopt;
}

MaybeError convert_max_bytes(const std::string& text, Options& options) {
  options.max_bytes = host::parse_number(text, true);
  if (!options.max_bytes || *options.max_bytes % kSector != 0) {
    return UsageError{"'-m' maximum size '" + text + "' must be a multiple of 4,096"};
  }
  return std::nullopt;
}

// Sets `value` to what `text` names in `table`, or says what the option `name` takes.
template <class Table, class Value>
MaybeError convert_name(const Table& table, const std::string& name, const std::string& text,
                        const std::string& choices, Value& value) {
  for (const auto& [key, named] : table) {
    if (text == key) {
      value = named;
      return std::nullopt;
    }
  }
  return UsageError{"'" + name + "' '" + text + "' must be " + choices};
}

MaybeError convert_resource(const std::string& text, Options& options) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
    return UsageError{"'--resource' '" + text + "' must be MODULE=FILE"};
  }
  options.resources.push_back({text.substr(0, equals), text.substr(equals + 1)});
  return std::nullopt;
}

MaybeError convert(const Raw& raw, Options& options) {
  MaybeError error;
  if (!raw.base.empty()) {
    error = convert_address("-a", raw.base, options.base);
  }
  if (!error && !raw.lfs_address.empty()) {
    error = convert_address("--lfs-address", raw.lfs_address, options.lfs_address);
  }
  if (!error && !raw.attach_to.empty()) {
    options.attach_to = raw.attach_to;
  }
  if (!error && options.attach_to && !options.base) {
    error = UsageError{"'--attach-to' needs '-a', the address at which the file will be mapped"};
  }
  if (!error && options.lfs_address && (!options.attach_to || *options.attach_to == kNoBase)) {
    error = UsageError{"'--lfs-address' goes with '--attach-to' and an image"};
  }
  if (!error && !raw.max_bytes.empty()) {
    error = convert_max_bytes(raw.max_bytes, options);
  }
  if (!error && !raw.target.empty()) {
    error = convert_name(luac::kFlavourNames, "--target", raw.target, "float, int or dword",
                         options.flavour);
  }
  if (!error && !raw.compress.empty()) {
    error = convert_name(image::kCompressionNames, "--compress", raw.compress,
                         "none, fast, default or best", options.compression);
  }
  for (const std::string& resource : raw.resources) {
    error = error ? error : convert_resource(resource, options);
  }
  if (!error && options.json && (options.output == "-" || options.list > 0)) {
    const std::string other = options.list > 0 ? "-l" : "-o -";
    error = UsageError{"'--json' and '" + other + "' both want stdout"};
  }
  if (!error && !raw.depfile.empty() && options.output == "-") {
    error = UsageError{"'--depfile' needs an output that is a file, not '-o -'"};
  }
  if (!raw.script.empty()) {
    options.script = raw.script;
  }
  if (!raw.depfile.empty()) {
    options.depfile = raw.depfile;
  }
  options.image = options.image || options.base || options.max_bytes;
  return error;
}

// How many of `words` are options and their values. CLI11 takes options anywhere and bundles short
// ones; here they end at the first other word.
std::variant<size_t, UsageError> count_option_words(const CLI::App& app,
                                                    const std::vector<std::string>& words) {
  size_t end = 0;
  while (end < words.size()) {
    const std::string& word = words[end];
    if (word.size() < 2 || word[0] != '-' || word == "--") {
      break;
    }
    const bool has_equals = word.starts_with("--") && word.find('=') != std::string::npos;
    const CLI::Option* option = app.get_option_no_throw(word.substr(0, word.find('=')));
    if (option == nullptr || (!has_equals && word.find('=') != std::string::npos)) {
      return UsageError{"unrecognized option '" + word + "'"};
    }
    ++end;
    const bool takes_value = option->get_items_expected_max() > 0;
    if (has_equals && !takes_value) {
      return UsageError{"unrecognized option '" + word + "'"};
    }
    if (has_equals && word.ends_with('=')) {
      return UsageError{"'" + word.substr(0, word.size() - 1) + "' needs argument"};
    }
    if (takes_value && !has_equals) {
      if (end == words.size() || !is_value_for(*option, words[end])) {
        return UsageError{"'" + word + "' needs argument"};
      }
      ++end;
    }
  }
  return end;
}

}  // namespace

std::variant<Options, UsageError, HelpText> parse_options(const std::string& program,
                                                          const std::vector<std::string>& words) {
  Options options;
  for (const auto& [name, flavour] : luac::kFlavourNames) {
    if (program.ends_with("luac.cross." + std::string(name))) {
      options.flavour = flavour;
    }
  }
  Raw raw;
  const auto app = make_app(options, raw);
  const auto counted = count_option_words(*app, words);
  if (const auto* error = std::get_if<UsageError>(&counted)) {
    return *error;
  }
  auto end = words.begin() + static_cast<ptrdiff_t>(std::get<size_t>(counted));
  std::vector<std::string> option_words(words.begin(), end);
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
  if (end != words.end() && *end == "--") {
    ++end;
  }
  options.files.assign(end, words.end());
  const bool nothing_named = options.files.empty() && options.resources.empty() && !options.script;
  if (nothing_named && (options.list > 0 || options.parse_only)) {
    options.files.push_back(options.output);  // as in the original: looks at what was made before
    options.parse_only = true;
  }
  return options;
}

std::vector<std::string> input_files(const Options& options) {
  std::vector<std::string> files;
  if (options.script) {
    files.push_back(*options.script);
  }
  files.insert(files.end(), options.files.begin(), options.files.end());
  for (const Resource& resource : options.resources) {
    files.push_back(resource.file);
  }
  if (options.attach_to && *options.attach_to != kNoBase) {
    files.push_back(*options.attach_to);
  }
  return files;
}

std::vector<std::string> output_files(const Options& options) {
  std::vector<std::string> files{options.output};
  if (options.depfile) {
    files.push_back(*options.depfile);
  }
  return files;
}

std::string usage() {
  Options options;
  Raw raw;
  return make_app(options, raw)->help();
}

}  // namespace flashstore::luac_cross
