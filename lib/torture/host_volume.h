// The file system with a computer's memory behind it: whole files in one call.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "core/nor_flash.h"
#include "lilotafs/volume.h"
#include "torture/expectation.h"

namespace flashstore::torture {

// Of a call: done, refused for want of room, or failed for a reason that is no one's right.
struct Outcome {
  bool full = false;
  std::string failure = {};  // empty: none
  bool done() const { return !full && failure.empty(); }
};

class HostVolume {
 public:
  // `flash` is the caller's and outlives this.
  explicit HostVolume(core::NorFlash& flash, uint32_t buffer_bytes = 256);
  ~HostVolume();

  lilotafs::Volume& volume();
  // The call of the file system under way, or the last one: "close".
  const char* call() const;

  Outcome mount();
  // A new file or a new content, in so many calls.
  Outcome write(const std::string& path, std::span<const uint8_t> bytes, uint32_t pieces = 1);
  Outcome remove(const std::string& path);
  Outcome mkdir(const std::string& path);
  // All files and directories, from the root down.
  Outcome list(Listing& listing);
  Outcome read(const std::string& path, Bytes& bytes);

  // Keeps a reader open; read_again() reads all of it anew.
  Outcome open_reader(const std::string& path);
  Outcome read_again(size_t reader, Bytes& bytes);
  void close_readers();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flashstore::torture
