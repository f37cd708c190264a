// The reader of bytecode, and what the compiler does with whatever it yields: whatever the bytes
// are, there is a verdict, and what is read is written back as the same bytes' meaning.
#include <cstdlib>
#include <string_view>

#include "luac/chunk.h"
#include "luac/image_writer.h"
#include "luac/listing.h"
#include "luac/master.h"

namespace {

using namespace flashstore::luac;

void try_flavour(std::string_view file, Flavour flavour) {
  auto function = read_chunk(file, flavour);
  if (!function) {
    if (function.error().offset > file.size()) {
      std::abort();
    }
    return;
  }
  const std::string written = write_chunk(function.value(), flavour);
  const auto again = read_chunk(written, flavour);
  if (!again || write_chunk(again.value(), flavour) != written) {
    std::abort();
  }
  list(function.value(), true);
  std::vector<Module> modules;
  modules.push_back(make_module(std::move(function).value()));
  write_image(make_master(std::move(modules), 1), flavour);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  try_flavour(file, Flavour::kFloat);
  try_flavour(file, Flavour::kInt);
  return 0;
}
