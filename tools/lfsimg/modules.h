// What a master function finds: the modules of an image (luaflash/FORMAT.md, "Master function").
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/result.h"
#include "image_file.h"

namespace flashstore::lfsimg {

struct Module {
  std::string name;
  std::string source;         // without its first character; empty: none
  uint32_t proto = 0;         // offset, in words, of its main function
  uint32_t functions = 0;     // with those inside
  uint32_t instructions = 0;  // of all of them
  uint32_t bytes = 0;         // of all of them: Protos and vectors, no strings
};

struct Contents {
  std::vector<Module> modules;         // in the image's order
  std::optional<uint32_t> build_time;  // seconds since 1970
  uint32_t functions = 0;              // without the master
};

core::Result<Contents, Problem> read_contents(const ImageFile& image);

// Calls `visit` for the function whose Proto is at `offset`, then for all inside it, children by
// index. Returns the offset of what should be a Proto and is none. A sound image has no more
// functions than it has room for: `budget` is what is left of that.
std::optional<uint32_t> for_each_function(
    const luaflash::ImageView& view, uint32_t offset, uint32_t& budget,
    const std::function<void(const luaflash::ProtoObject&)>& visit);

// The most functions there may be.
inline uint32_t function_budget(const luaflash::ImageView& view) {
  return view.words() / luaflash::kProtoWords;
}

// That a function or string at `offset`, in words, is not what it should be.
Problem damaged(const ImageFile& image, uint32_t offset, const std::string& what);

// The text of the string at `offset`; empty where there is none.
std::string text_at(const luaflash::ImageView& view, uint32_t offset);

}  // namespace flashstore::lfsimg
