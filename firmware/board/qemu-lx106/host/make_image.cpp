// Makes of a linked firmware what is written into a chip's flash (partition/firmware_format.h),
// from address 0 on. Its partition page is one before the first boot.
//
//   lx106-image FIRMWARE.elf OUTPUT.bin
#include <elf.h>

#include <cstdio>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "board/qemu-lx106/memory_map.h"
#include "host/exit_status.h"
#include "host/files.h"
#include "norsim/flash.h"
#include "partition/firmware_format.h"
#include "partition/nodemcu_page.h"

namespace flashstore::lx106 {
namespace {

constexpr size_t kMaxElfBytes = size_t{64} << 20;
constexpr uint32_t kChipBytes = uint32_t{4} << 20;
constexpr uint8_t kDualMode4MiB40MHz[] = {2, 0x40};

using Bytes = std::vector<uint8_t>;

struct Segment {
  uint32_t address;
  Bytes content;

  bool is_mapped() const { return address >= LX106_FLASH && address < LX106_FLASH_END; }
};

struct Program {
  uint32_t entry;
  std::vector<Segment> segments;  // those with content
};

template <typename T>
T read_at(const std::string& file, size_t offset) {
  T value;
  if (offset > file.size() || file.size() - offset < sizeof value) {
    throw std::runtime_error("an ELF file that is cut short");
  }
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

Program read_program(const std::string& file) {
  const auto header = read_at<Elf32_Ehdr>(file, 0);
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_machine != EM_XTENSA) {
    throw std::runtime_error("not an ELF file for Xtensa");
  }
  Program program{header.e_entry, {}};
  for (uint32_t i = 0; i < header.e_phnum; i++) {
    const auto part = read_at<Elf32_Phdr>(file, header.e_phoff + i * sizeof(Elf32_Phdr));
    if (part.p_type != PT_LOAD || part.p_filesz == 0) {
      continue;
    }
    if (part.p_offset > file.size() || file.size() - part.p_offset < part.p_filesz) {
      throw std::runtime_error("an ELF file that is cut short");
    }
    const auto* first = reinterpret_cast<const uint8_t*>(file.data()) + part.p_offset;
    Segment segment{part.p_vaddr, Bytes(first, first + part.p_filesz)};
    segment.content.resize((segment.content.size() + 3) / 4 * 4);
    program.segments.push_back(std::move(segment));
  }
  return program;
}

// The chip from its beginning to the end of the firmware's text.
class Flash {
 public:
  void put(uint32_t address, std::span<const uint8_t> content) {
    if (bytes_.size() < address + content.size()) {
      bytes_.resize(address + content.size(), 0xFF);
    }
    std::copy(content.begin(), content.end(), bytes_.begin() + address);
  }

  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

template <typename T>
void append(Bytes& bytes, const T& value) {
  const auto* first = reinterpret_cast<const uint8_t*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

Bytes loaded_image(const Program& program) {
  Bytes image;
  partition::ImageHeader header{partition::kImageMagic, 0, kDualMode4MiB40MHz[0],
                                kDualMode4MiB40MHz[1], program.entry};
  for (const Segment& segment : program.segments) {
    header.segments += segment.is_mapped() ? 0 : 1;
  }
  append(image, header);
  uint8_t checksum = partition::kChecksumSeed;
  for (const Segment& segment : program.segments) {
    if (segment.is_mapped()) {
      continue;
    }
    append(image, partition::SegmentHeader{segment.address, uint32_t(segment.content.size())});
    image.insert(image.end(), segment.content.begin(), segment.content.end());
    for (const uint8_t byte : segment.content) {
      checksum ^= byte;
    }
  }
  image.resize(image.size() / partition::kImageAlignment * partition::kImageAlignment +
               partition::kImageAlignment - 1);
  image.push_back(checksum);
  return image;
}

// LFS and what is behind it lie where they lie in a chip that has no table, whatever the size of
// the firmware, so that images for one address serve many.
partition::Table factory_table(uint32_t firmware_end) {
  partition::Table table = partition::default_table(kChipBytes);
  for (partition::Partition& entry : std::span(table.entries).first(table.count)) {
    switch (entry.type) {
      case partition::kIrom0Text:
        entry.bytes = 0;
        break;
      case partition::kLilotafs:
        entry.address = 0;
        entry.bytes = partition::kAllTheRest;
        break;
      case partition::kSystemParameter:
        entry.address = 0;
        break;
      default:
        break;
    }
  }
  table.firmware_end = firmware_end;
  return table;
}

Bytes partition_page(uint32_t firmware_end) {
  norsim::Flash chip{norsim::Contents(kChipBytes)};
  partition::PageStore page(chip);
  if (!page.replace_table(factory_table(firmware_end)).ok()) {
    throw std::logic_error("the partition page cannot be made");
  }
  Bytes bytes(partition::kBackupAddress + partition::kPageBytes - partition::kPageAddress);
  chip.read(partition::kPageAddress, bytes);
  return bytes;
}

Bytes image_of(const Program& program) {
  Flash flash;
  flash.put(0, loaded_image(program));
  for (const Segment& segment : program.segments) {
    if (segment.is_mapped()) {
      const auto end = static_cast<uint32_t>(segment.address + segment.content.size());
      flash.put(segment.address - LX106_FLASH, segment.content);
      flash.put(partition::kPageAddress, partition_page(end));
    }
  }
  return flash.take();
}

void write_file(const std::string& path, Bytes bytes) {
  auto file = host::PendingFile::prepare(path, std::move(bytes));
  if (!file.ok()) {
    throw std::runtime_error(file.error().message);
  }
  if (const auto error = file.value().commit()) {
    throw std::runtime_error(error->message);
  }
}

int run(const std::string& input, const std::string& output) {
  const auto file = host::read_file(input, kMaxElfBytes);
  if (!file.ok()) {
    throw std::runtime_error(file.error().message);
  }
  write_file(output, image_of(read_program(file.value())));
  return host::kOk;
}

}  // namespace
}  // namespace flashstore::lx106

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: lx106-image FIRMWARE.elf OUTPUT.bin\n", stderr);
    return flashstore::host::kUsage;
  }
  try {
    return flashstore::lx106::run(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "lx106-image: error: %s: %s\n", argv[1], error.what());
    return flashstore::host::kEnvironment;
  }
}
