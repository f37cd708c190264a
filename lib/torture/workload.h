// What is done to a file system while power is cut: written out, or made from a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "torture/expectation.h"

namespace flashstore::torture {

struct Step {
  enum class Kind : uint8_t {
    kWrite,  // a new file, or a new content
    kRemove,
    kMakeDirectory,
    kMount,       // unmount and mount again
    kOpenReader,  // and keep it open, until the next mount or kCloseReaders
    kCloseReaders,
  };

  Kind kind = Kind::kWrite;
  std::string path = {};
  Bytes bytes = {};
  uint32_t pieces = 1;  // calls that write them
};

struct Workload {
  std::string name;  // part of the ids of its cuts
  uint32_t sectors = 4;
  Content image = {};  // a partition of so many sectors to begin with; null: a blank one
  // A step may be refused because there is no room; otherwise that is a failure.
  bool fills_up = false;
  uint32_t setup = 0;  // so many of the first steps, and the first mount, are spared
  std::vector<Step> steps;
};

// What files may hold.
enum class Style : uint8_t {
  kRandom,
  kErased,  // all 0xFF: cannot be told from free space
  kZero,
  kMagics,   // on every multiple of 8 a magic of the format, half of the time with a status
  kRecords,  // looks like a chain of complete records
};
Bytes make_bytes(Style style, uint32_t size, uint64_t seed);

// Each of these aims at one corner of the format.
std::vector<Workload> scripted_workloads();

// So small that their recoveries, too, can be cut everywhere: a few small steps after so many that
// only move the log on.
Workload tiny_workload(uint32_t sectors, uint32_t moves);

// Random steps on `files` paths of a partition of so many sectors, which they do not fill up.
Workload seeded_workload(uint32_t sectors, uint32_t files, uint32_t steps, uint64_t seed);

// Random steps on some files of a partition there is, and on new ones; not all of them may find
// room. nullopt: it cannot be mounted.
std::optional<Workload> image_workload(Content image, uint32_t steps, uint64_t seed);

}  // namespace flashstore::torture
