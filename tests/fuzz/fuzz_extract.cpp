// Images taken apart, and what is made of the parts: whatever the bytes are, there is a verdict,
// and what is accepted is bytecode that the reader of bytecode takes for the same functions.
#include <cstdlib>

#include "image_input.h"
#include "luac/chunk.h"
#include "luac/image_writer.h"
#include "luac/lift.h"
#include "luac/listing.h"

namespace {

using namespace flashstore;
using namespace flashstore::luac;

void require(bool condition) {
  if (!condition) {
    std::abort();
  }
}

// Bytecode cannot say that a function has no source: it has that of the one around it.
void fill_sources(Function& function, const std::string& around) {
  if (!function.source) {
    function.source = around;
  }
  for (Function& child : function.children) {
    fill_sources(child, *function.source);
  }
}

void extract(const Lifted& image) {
  for (Function module : image.master.children) {
    fill_sources(module, "=?");
    const std::string chunk = write_chunk(module, image.flavour);
    const auto again = read_chunk(chunk, image.flavour);
    require(again.ok() && write_chunk(again.value(), image.flavour) == chunk);
    require(!write_stock_chunk(module).empty());
  }
}

// What is written of the functions is an image of the same functions.
void rebuild(const Lifted& image) {
  const Image written = write_image(image.master, image.flavour);
  const auto again = lift(luaflash::open_image(written.image()).value());
  require(again.ok() &&
          write_image(again.value().master, image.flavour).payload == written.payload);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes = fuzz::image_of({data, size});
  const auto view = luaflash::open_image(bytes);
  if (!view.ok()) {
    return 0;
  }
  const auto image = lift(view.value());
  if (!image.ok()) {
    require(image.error().offset < view.value().words());
    return 0;
  }
  extract(image.value());
  list(image.value().master, true);
  if (view.value().generation() != luaflash::Generation::kMarch2018) {
    rebuild(image.value());  // the masters of that month are no longer made
  }
  return 0;
}
