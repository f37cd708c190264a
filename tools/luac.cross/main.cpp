// luac.cross: Lua 5.1 sources -> LFS image. See luac.cross.1.
#include <cstdio>
#include <exception>
#include <string>

#include "build_time.h"
#include "host/files.h"
#include "image/gzip.h"
#include "inputs.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luaflash/format.h"
#include "options.h"

namespace flashstore::luac_cross {
namespace {

constexpr const char* kVersion = "Lua 5.1.5  Copyright (C) 1994-2012 Lua.org, PUC-Rio\n";

// Exit statuses, as of the original.
constexpr int kOk = 0;
constexpr int kFailed = 1;

// The one place that prints errors.
class Console {
 public:
  explicit Console(std::string program) : program_(std::move(program)) {}

  int error(const std::string& message) const {
    std::fprintf(stderr, "%s: %s\n", program_.c_str(), message.c_str());
    return kFailed;
  }

  int usage_error(const std::string& message) const {
    error(message);
    std::fputs(usage().c_str(), stderr);
    return kFailed;
  }

 private:
  std::string program_;
};

int write_image_file(const Options& options, std::vector<luac::Function> modules,
                     const Console& console) {
  if (modules.size() > luac::kMaxModules) {
    return console.usage_error("'-f': Number of modules > " + std::to_string(luac::kMaxModules));
  }
  const auto time = build_time();
  if (!time) {
    return console.error(time.error().message);
  }
  const luac::Function master = luac::make_master(std::move(modules), time.value());
  const luac::Image image = luac::write_image(master, luac::Flavour::kFloat);
  if (image.image_bytes > luaflash::kMaxImageWords * luaflash::kWordBytes) {
    return console.error("Out of Flash memory");
  }
  const bool fits = !options.max_bytes || image.image_bytes <= *options.max_bytes;
  if (fits) {
    const std::vector<uint8_t> file =
        options.base ? luac::make_absolute(image, *options.base) : image::gzip(image.payload);
    if (const auto failed = host::write_file(options.output, file)) {
      return console.error(failed->message);
    }
  }
  if (options.output != "-") {
    std::printf("Image size: %u\n", image.image_bytes);
  }
  return fits ? kOk : console.error("The image is too large for specfied LFS size");
}

int run(const Options& options, const Console& console) {
  if (options.version) {
    std::fputs(kVersion, stdout);
    if (options.files.empty()) {
      return kOk;
    }
  }
  if (options.files.empty()) {
    return console.usage_error("no input files given");
  }
  auto modules = compile_inputs(options.files);
  if (!modules) {
    return console.error(modules.error().message);
  }
  if (options.parse_only) {
    return kOk;
  }
  if (!options.image) {
    return console.usage_error("'-f', '-a' or '-m' must be given: only images can be written");
  }
  return write_image_file(options, std::move(modules).value(), console);
}

int main_with(const std::string& program, const std::vector<std::string>& words) {
  const Console console(program);
  const auto parsed = parse_options(words);
  if (const auto* error = std::get_if<UsageError>(&parsed)) {
    return console.usage_error(error->message);
  }
  if (const auto* help = std::get_if<HelpText>(&parsed)) {
    std::fputs(help->text.c_str(), stdout);
    return kOk;
  }
  const int status = run(std::get<Options>(parsed), console);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    return console.error("cannot write stdout");
  }
  return status;
}

}  // namespace
}  // namespace flashstore::luac_cross

int main(int argc, char** argv) {
  const std::string program = argc > 0 ? argv[0] : "luac.cross";
  try {
    return flashstore::luac_cross::main_with(program, {argv + (argc > 0 ? 1 : 0), argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.c_str(), error.what());
    return 1;
  }
}
