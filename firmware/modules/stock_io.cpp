// The C library's files, for Lua's own code (stock_io.h); Lua files out of the file system.
#include <algorithm>
#include <array>
#include <cstdio>

#include "board/board.h"
#include "boot/device.h"
#include "boot/messages.h"
#include "modules/stock_io.h"

extern "C" {
#include "lauxlib.h"
}

namespace flashstore::firmware {
namespace {

// A file as lua_load reads it.
class Source {
 public:
  Source(lilotafs::Volume& files, int descriptor) : files_(files), descriptor_(descriptor) {}

  // What a first line that begins with '#' says is for others; its newline stays.
  void skip_first_line() {
    bool begun = refill();
    if (!begun || piece_[0] != '#') {
      return;
    }
    while (begun && piece_[first_] != '\n') {
      first_++;
      begun = first_ < end_ || refill();
    }
  }

  static const char* next(lua_State*, void* source, size_t* bytes) {
    auto& self = *static_cast<Source*>(source);
    if (self.first_ == self.end_ && !self.refill()) {
      return nullptr;
    }
    *bytes = self.end_ - self.first_;
    const char* piece = self.piece_ + self.first_;
    self.first_ = self.end_;
    return piece;
  }

  bool failed() const { return failed_; }

 private:
  bool refill() {
    const auto got = files_.read(descriptor_, {reinterpret_cast<uint8_t*>(piece_), sizeof piece_});
    failed_ = failed_ || !got;
    first_ = 0;
    end_ = got ? got.value() : 0;
    return end_ > 0;
  }

  lilotafs::Volume& files_;
  int descriptor_;
  bool failed_ = false;
  uint32_t first_ = 0;
  uint32_t end_ = 0;
  char piece_[128];
};

// Files that functions run from stay open, so that they stay where they are. A start closes them.
constexpr size_t kMostInPlace = 4;            // of eight that can be open at all
std::array<uint32_t, kMostInPlace> in_place;  // where they lie in the chip
size_t in_place_count = 0;

// Bytecode as it is mapped; nothing if it is not.
std::span<const uint8_t> mapped_bytecode(int descriptor) {
  const auto content = device().mapped_file(descriptor);
  return !content.empty() && content[0] == LUA_SIGNATURE[0] ? content : std::span<const uint8_t>();
}

bool stays(uint32_t address) {
  return std::ranges::count(std::span(in_place).first(in_place_count), address) > 0;
}

// Whether functions can run from a file that begins there.
bool may_stay(uint32_t address) {
  return in_place_count < kMostInPlace || stays(address);
}

// Returns whether the file has to be kept open for it.
bool let_stay(uint32_t address) {
  if (stays(address)) {
    return false;  // it is open already
  }
  in_place[in_place_count++] = address;
  return true;
}

// All of it at once.
const char* read_mapped(lua_State*, void* content, size_t* bytes) {
  auto& rest = *static_cast<std::span<const uint8_t>*>(content);
  *bytes = rest.size();
  const auto* const piece = reinterpret_cast<const char*>(rest.data());
  rest = {};
  return piece;
}

int fail_to(lua_State* L, const char* what, const char* name, const char* why) {
  lua_pushfstring(L, "cannot %s %s: %s", what, name, why);
  return LUA_ERRFILE;
}

}  // namespace
}  // namespace flashstore::firmware

using namespace flashstore::firmware;

// Takes the place of Lua's own: loadfile, dofile and require end up here.
extern "C" int luaL_loadfile(lua_State* L, const char* name) {
  flashstore::lilotafs::Volume* files = device().files();
  if (name == nullptr || files == nullptr) {
    return fail_to(L, "open", name == nullptr ? "stdin" : name, "there is no file system");
  }
  auto opened = files->Reader::open(name);
  if (!opened && opened.error() == flashstore::lilotafs::Error::kTooManyOpen) {
    lua_gc(L, LUA_GCCOLLECT, 0);  // closes those nobody can use any more
    opened = files->Reader::open(name);
  }
  if (!opened) {
    return fail_to(L, "open", name, flashstore::lilotafs::describe(opened.error()));
  }
  // From here on nothing may raise before the file is closed; lua_load does not.
  char chunk_name[flashstore::lilotafs::kMaxNameBytes + 2];
  std::snprintf(chunk_name, sizeof chunk_name, "@%s", name);
  std::span<const uint8_t> content = mapped_bytecode(opened.value());
  const auto place = static_cast<uint32_t>(content.data() - flashstore::board::mapped().data());
  if (!content.empty() && may_stay(place)) {
    const int status = lua_load(L, read_mapped, &content, chunk_name);
    if (status != 0 || !let_stay(place)) {
      (void)files->close(opened.value());
    }
    return status;
  }
  Source source(*files, opened.value());
  source.skip_first_line();
  const int status = lua_load(L, Source::next, &source, chunk_name);
  (void)files->close(opened.value());
  if (source.failed()) {
    lua_pop(L, 1);
    return fail_to(L, "read", name, "the flash failed");
  }
  return status;
}

extern "C" int firmware_put_text(const char* text) {
  say(text);
  return 0;
}

extern "C" int firmware_file_exists(const char* name) {
  flashstore::lilotafs::Volume* files = device().files();
  return files != nullptr && files->stat(name) ? 1 : 0;
}
