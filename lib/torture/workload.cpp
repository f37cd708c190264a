#include "torture/workload.h"

#include <algorithm>
#include <map>

#include "norsim/flash.h"
#include "norsim/random.h"
#include "torture/host_volume.h"

namespace flashstore::torture {
namespace {

using Kind = Step::Kind;
constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;
using norsim::next_random;
using norsim::random_below;

void put_half(Bytes& bytes, size_t at, uint16_t half) {
  if (at + 2 <= bytes.size()) {
    bytes[at] = static_cast<uint8_t>(half);
    bytes[at + 1] = static_cast<uint8_t>(half >> 8);
  }
}

void fill_with_magics(Bytes& bytes, uint64_t& random) {
  constexpr uint16_t kMagics[] = {0x5AA5, 0x5A00, 0x5AA0, 0x5AFA};
  constexpr uint8_t kStatuses[] = {0xFE, 0xFC, 0xF8, 0xF0, 0xE0, 0x00};
  for (size_t at = 0; at < bytes.size(); at += 8) {
    put_half(bytes, at, kMagics[random_below(random, 4)]);
    if (at + 8 <= bytes.size() && random_below(random, 2) == 0) {
      bytes[at + 2] = kStatuses[random_below(random, 6)];
      put_half(bytes, at + 4, static_cast<uint16_t>(random_below(random, 64)));
      put_half(bytes, at + 6, 0);
    }
  }
}

// A small partition's image as content: a head and committed files behind it.
void fill_with_records(Bytes& bytes) {
  std::fill(bytes.begin(), bytes.end(), uint8_t{0xFF});
  for (size_t at = 0; at + 32 <= bytes.size(); at += 24) {
    put_half(bytes, at, at == 0 ? 0x5A00 : 0x5AA5);
    bytes[at + 2] = 0xFC;
    bytes[at + 3] = 0;
    put_half(bytes, at + 4, at == 0 ? 0 : 8);
    put_half(bytes, at + 6, 0);
    bytes[at + 8] = static_cast<uint8_t>('a' + at / 24 % 26);
    bytes[at + 9] = 0;
    if (at == 0) {
      bytes[8] = 0;
      at -= 8;  // a head without data has 16 bytes
    }
  }
}

// Steps in the order they are written down.
class Script {
 public:
  Script(std::string name, uint32_t sectors)
      : workload_{.name = std::move(name), .sectors = sectors, .steps = {}} {}

  Script& write(std::string path, uint32_t size, Style style = Style::kRandom,
                uint32_t pieces = 1) {
    const uint64_t seed = workload_.steps.size() + 1;
    workload_.steps.push_back(
        {Kind::kWrite, std::move(path), make_bytes(style, size, seed), pieces});
    return *this;
  }
  Script& step(Kind kind, std::string path = {}) {
    workload_.steps.push_back({.kind = kind, .path = std::move(path)});
    return *this;
  }
  Script& mkdir(std::string path) { return step(Kind::kMakeDirectory, std::move(path)); }
  Script& remove(std::string path) { return step(Kind::kRemove, std::move(path)); }
  Script& mount() { return step(Kind::kMount); }
  Script& fills_up() {
    workload_.fills_up = true;
    return *this;
  }
  // What was written down so far only prepares.
  Script& setup() {
    workload_.setup = static_cast<uint32_t>(workload_.steps.size());
    return *this;
  }
  Workload done() { return std::move(workload_); }

 private:
  Workload workload_;
};

Workload create() {
  return Script("create", 4)
      .write("a", 100)
      .mkdir("d")
      .write("d/b", 10)
      .mkdir("d/e")
      .write("d/e/c", 300, Style::kRandom, 3)
      .write("empty", 0)
      .write("erased", 40, Style::kErased)
      .write("zero", 33, Style::kZero)
      .done();
}

// Often enough for three laps of the log.
Workload update() {
  Script script("update", 4);
  script.write("kept", 200).write("other", 77, Style::kErased);
  for (uint32_t i = 0; i < 40; ++i) {
    script.write("hot", 900 + i % 8);
    if (i % 16 == 15) {
      script.mount();
    }
  }
  return script.done();
}

Workload grow() {
  Script script("grow", 6);
  script.write("kept", 100);
  for (uint32_t size = 0; size <= 1800; size += 200) {
    script.write("log", size, Style::kRandom, 1 + size / 200);
  }
  return script.mount().write("log", 50).done();
}

Workload remove() {
  Script script("remove", 4);
  script.mkdir("d").write("kept", 60);
  for (uint32_t i = 0; i < 12; ++i) {
    script.write("d/f", 500).write("d/g", 0).remove("d/f").remove("d/g");
  }
  return script.remove("d").mount().write("after", 10).done();
}

// Every sector border falls somewhere else in header and name.
Workload names() {
  Script script("names", 3);
  const std::string name(63, 'n');
  script.write(name, 5).write(std::string(62, 'm'), 3);
  for (uint32_t i = 0; i < 90; ++i) {
    script.write(name, i % 7 * 8);
  }
  return script.mount().done();
}

Workload magics() {
  Script script("magics", 5);
  script.write("kept", 60, Style::kMagics).mkdir("d");
  for (uint32_t i = 0; i < 20; ++i) {
    script.write("d/m", 700 + i * 8, Style::kMagics, 1 + i % 2);
    script.write("image", 300 + i * 24, Style::kRecords);
  }
  return script.mount().done();
}

// Small files that come to lie at offset 0 and are moved on from there.
Workload empties() {
  Script script("empties", 3);
  script.mkdir("d").write("d/a", 0).write("b", 0);
  for (uint32_t i = 0; i < 60; ++i) {
    script.write("b", 0).write("x", 120 + i % 5 * 8);
    if (i % 8 == 7) {
      script.mkdir("d" + std::to_string(i)).remove("d" + std::to_string(i)).mount();
    }
  }
  return script.done();
}

// Written in pieces, so that the end of the partition comes in the middle of a file.
Workload moves() {
  Script script("moves", 8);
  script.write("kept", 300);
  for (uint32_t i = 0; i < 16; ++i) {
    script.write("big", 2500 + i * 8, Style::kRandom, 5);
  }
  return script.mount().done();
}

Workload readers() {
  Script script("readers", 5);
  script.write("a", 300).write("b", 400);
  for (uint32_t i = 0; i < 12; ++i) {
    script.step(Kind::kOpenReader, "a").step(Kind::kOpenReader, "b");
    script.write("b", 450).write("c", 350);
    script.step(Kind::kCloseReaders).write("a", 300 + i);
  }
  return script.done();
}

Workload full() {
  Script script("full", 4);
  script.fills_up();
  for (uint32_t round = 0; round < 3; ++round) {
    for (uint32_t i = 0; i < 14; ++i) {
      script.write("f" + std::to_string(i), 700 + 8 * round);
    }
    script.mount();
    for (uint32_t i = 0; i < 14; i += 2) {
      script.write("f" + std::to_string(i), 20);
    }
    for (uint32_t i = 1; i < 14; i += 2) {
      script.remove("f" + std::to_string(i));
    }
  }
  return script.done();
}

// Sizes that let records end everywhere near the end of the partition.
Workload ends() {
  Script script("ends", 3);
  script.write("kept", 8);
  for (uint32_t i = 0; i < 130; ++i) {
    script.write("f", 8 * (i * 37 % 61), i % 3 == 0 ? Style::kErased : Style::kRandom);
  }
  return script.done();
}

Workload bin() {
  Script script("bin", 128);
  script.write("a", 500).write("x.bin", 3000).mkdir("y.bin").write("y.bin/c", 10);
  script.write("x.bin", 100).write("a", 10).mount();
  return script.write("x.bin", 2000).done();
}

// How much all records together may take so that an update of any always has room.
uint32_t room(uint32_t sectors) {
  return (sectors - 1) * 4096 / 3;
}

// On `paths`, of which those of `there` exist; files of less than `largest` bytes.
void add_random_steps(Script& script, const std::vector<std::string>& paths,
                      std::map<std::string, bool>& there, uint32_t largest, uint32_t steps,
                      uint64_t& random) {
  for (uint32_t i = 0; i < steps; ++i) {
    const std::string& path = paths[random_below(random, static_cast<uint32_t>(paths.size()))];
    const uint32_t chance = random_below(random, 100);
    if (chance < 4) {
      script.mount();
    } else if (chance < 12 && there[path]) {
      script.remove(path);
      there[path] = false;
    } else if (chance < 16 && there[path]) {
      script.step(Kind::kOpenReader, path);
    } else if (chance < 20) {
      script.step(Kind::kCloseReaders);
    } else {
      const uint32_t size = random_below(random, 8) == 0 ? 0 : random_below(random, largest);
      const auto style = static_cast<Style>(random_below(random, 5));
      script.write(path, size, style, 1 + random_below(random, 3));
      there[path] = true;
    }
  }
}

}  // namespace

Bytes make_bytes(Style style, uint32_t size, uint64_t seed) {
  Bytes bytes(size, style == Style::kZero ? 0x00 : 0xFF);
  uint64_t random = seed;
  if (style == Style::kRandom || style == Style::kMagics) {
    for (uint8_t& byte : bytes) {
      byte = static_cast<uint8_t>(next_random(random));
    }
  }
  if (style == Style::kMagics) {
    fill_with_magics(bytes, random);
  } else if (style == Style::kRecords) {
    fill_with_records(bytes);
  }
  return bytes;
}

std::vector<Workload> scripted_workloads() {
  return {create(),  update(), grow(),    remove(), names(), magics(),
          empties(), moves(),  readers(), full(),   ends(),  bin()};
}

Workload tiny_workload(uint32_t sectors, uint32_t moves) {
  Script script("tiny-" + std::to_string(sectors) + "-" + std::to_string(moves), sectors);
  script.mkdir("d").write("d/kept", 30).write("hot", 10);
  for (uint32_t i = 0; i < moves; ++i) {
    script.write("d/big", 620 + 40 * (i % 3));
  }
  script.setup().write("hot", 20).write("d/big", 610).write("new", 5);
  return script.remove("new").mkdir("e").mount().write("hot", 12).done();
}

Workload seeded_workload(uint32_t sectors, uint32_t files, uint32_t steps, uint64_t seed) {
  constexpr uint32_t kRecordBytes = 88;  // header, name and padding at most
  uint64_t random = seed;
  const std::string name = "seed-" + std::to_string(sectors) + "-" + std::to_string(files) + "-" +
                           std::to_string(steps) + "-" + std::to_string(seed);
  Script script(name, sectors);
  script.mkdir("d");
  const uint32_t share = room(sectors) / (files + 2);
  const uint32_t largest = share > 2 * kRecordBytes ? share - kRecordBytes : kRecordBytes;
  std::vector<std::string> paths;
  for (uint32_t i = 0; i < files; ++i) {
    const std::string tail(random_below(random, 40), static_cast<char>('a' + i % 26));
    paths.push_back((i % 3 == 0 ? "d/f" : "f") + std::to_string(i) + tail);
  }
  std::map<std::string, bool> there;
  add_random_steps(script, paths, there, largest, steps, random);
  return script.done();
}

std::optional<Workload> image_workload(Content image, uint32_t steps, uint64_t seed) {
  constexpr size_t kMostOld = 16;
  constexpr size_t kNew = 4;
  norsim::Flash flash(norsim::Contents::over(*image));
  HostVolume volume(flash);
  Listing found;
  if (!volume.mount().done() || !volume.list(found).done()) {
    return std::nullopt;
  }
  uint64_t random = seed;
  std::vector<std::string> paths;
  std::map<std::string, bool> there;
  uint32_t largest = 0;
  for (const auto& [path, bytes] : found.files) {
    if (!path.ends_with('/')) {
      paths.push_back(path);
      there[path] = true;
      largest = std::max(largest, static_cast<uint32_t>(bytes.size()));
    }
  }
  while (paths.size() > kMostOld) {
    paths.erase(paths.begin() + random_below(random, static_cast<uint32_t>(paths.size())));
  }
  for (size_t i = 0; i < kNew; ++i) {
    paths.push_back("torture" + std::to_string(i));
  }
  // What fits for a while: the log needs room to move files.
  const auto space = volume.volume().space();
  const uint32_t free = space ? space.value().free : 0;
  largest = std::max<uint32_t>(std::min<uint32_t>(std::max<uint32_t>(largest, 1024), free / 4), 16);
  Script script("image-" + std::to_string(steps) + "-" + std::to_string(seed),
                flash.size() / kSectorBytes);
  script.fills_up();
  add_random_steps(script, paths, there, largest, steps, random);
  Workload workload = script.done();
  workload.image = std::move(image);
  return workload;
}

}  // namespace flashstore::torture
