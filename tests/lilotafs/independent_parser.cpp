#include "lilotafs/independent_parser.h"

#include <algorithm>
#include <set>

namespace flashstore::test {
namespace {

constexpr uint32_t kSector = 4096;

uint32_t round_up(uint32_t offset, uint32_t step) {
  return (offset + step - 1) / step * step;
}

class Parser {
 public:
  explicit Parser(std::span<const uint8_t> image)
      : image_(image), size_(static_cast<uint32_t>(image.size())) {}

  ParsedImage parse() {
    if (find_head() && walk()) {
      judge_paths();
      find_dirt();
    }
    return result_;
  }

 private:
  uint32_t word(uint32_t offset, uint32_t bytes) const {
    uint32_t value = 0;
    for (uint32_t i = 0; i < bytes; ++i) {
      value |= uint32_t{image_[offset + i]} << 8 * i;
    }
    return value;
  }
  uint32_t magic(uint32_t offset) const { return offset + 8 <= size_ ? word(offset, 2) : 0xFFFF; }

  bool fail(const char* damage, uint32_t offset) {
    result_.damage = damage;
    result_.damage_offset = offset;
    return false;
  }

  struct Record {
    std::string name;
    uint32_t data = 0;
    uint32_t length = 0;
    uint32_t next = 0;
  };

  // A record that is complete; nothing is said of its status.
  std::optional<Record> record_at(uint32_t offset) {
    Record record;
    const uint32_t name_end = std::min(offset + 8 + 64, size_);
    const auto* nul = std::find(&image_[offset] + 8, image_.data() + name_end, 0);
    if (nul == image_.data() + name_end) {
      fail("name without end", offset);
      return {};
    }
    record.name.assign(reinterpret_cast<const char*>(&image_[offset] + 8),
                       reinterpret_cast<const char*>(nul));
    record.data = round_up(offset + 8 + static_cast<uint32_t>(record.name.size()) + 1,
                           record.name.ends_with(".bin") ? 0x10000 : 8);
    record.length = word(offset + 4, 4);
    if (record.data > size_ || record.length > size_ - record.data) {
      fail("data past the end", offset);
      return {};
    }
    record.next = round_up(record.data + record.length, 8);
    return record;
  }

  bool is_wrap(uint32_t offset) const {
    return magic(offset) == 0x5AFA || image_[offset + 2] == 0xF0;
  }

  // At 0, or the first in the free space behind the chain that begins there.
  bool find_head() {
    uint32_t at = 0;
    while (magic(at) == 0x5AA5 && !is_wrap(at)) {
      const auto record = record_at(at);
      if (!record) {
        return false;
      }
      at = record->next;
    }
    for (; magic(at) != 0x5A00; at += 8) {
      if (magic(at) == 0x5AA0) {
        return fail("head being moved", at);
      }
      if (at + 8 >= size_) {
        return fail("no head", 0);
      }
    }
    result_.head = at;
    return true;
  }

  bool walk() {
    uint32_t at = result_.head;
    for (bool first = true; first || magic(at) != 0xFFFF; first = false) {
      if (!first && (magic(at) == 0x5A00 || magic(at) == 0x5AA0)) {
        return fail(at == result_.head ? "runs into its head" : "two heads", at);
      }
      if (!first && magic(at) != 0x5AA5 && magic(at) != 0x5AFA) {
        return fail("torn magic", at);
      }
      ++result_.records;
      if (is_wrap(at)) {
        if (word(at + 4, 4) != 0) {
          return fail("wrap marker with a length", at);
        }
        if (wrap_) {
          return fail("wraps twice", at);
        }
        wrap_ = at;
        at = 0;
      } else {
        const auto record = record_at(at);
        if (!record || !judge_status(at, *record)) {
          return false;
        }
        at = record->next;
        if (at == size_ && result_.head >= kSector) {  // the ring closes without a marker
          wrap_ = at;
          at = 0;
        }
      }
      if (wrap_ && at >= result_.head / kSector * kSector) {
        return fail("runs into its head", at);
      }
    }
    result_.tail = at;
    const auto* end = image_.data() + std::min(at + 8, size_);
    return std::all_of(&image_[0] + at, end, [](uint8_t b) { return b == 0xFF; }) ||
           fail("no erased end", at);
  }

  bool judge_status(uint32_t at, const Record& record) {
    switch (image_[at + 2]) {
      case 0xFF:
      case 0xFE:
        return fail("open record", at);
      case 0xF8:
        return fail("old version kept", at);
      case 0xFC:
        break;
      default:
        return true;
    }
    const auto bytes = image_.subspan(record.data, record.length);
    const uint8_t check = image_[at + 3];
    if (check != 0x00 && check != 0xFF && check != check_of(at, record, bytes)) {
      return fail("check differs", at);
    }
    if (!record.name.empty()) {
      result_.files.push_back({record.name, at, record.data, bytes});
    }
    return true;
  }

  uint8_t check_of(uint32_t at, const Record& record, std::span<const uint8_t> bytes) const {
    uint32_t sum = 0xFF;
    for (const auto& part :
         {image_.subspan(at + 8, record.name.size()), bytes, image_.subspan(at + 4, 4)}) {
      for (const uint8_t byte : part) {
        sum ^= byte;
        for (int bit = 0; bit < 8; ++bit) {
          sum = (sum << 1 ^ ((sum & 0x80) != 0 ? 0x12F : 0)) & 0xFF;
        }
      }
    }
    return static_cast<uint8_t>(sum == 0x00 || sum == 0xFF ? sum ^ 0x01 : sum);
  }

  void judge_paths() {
    std::set<std::string> paths;
    for (const ParsedFile& file : result_.files) {
      if (!paths.insert(file.path).second) {
        fail("same path twice", file.offset);
        return;
      }
    }
    for (const ParsedFile& file : result_.files) {
      const size_t slash = file.path.find_last_of('/', file.path.size() - 2);
      if (slash != std::string::npos && !paths.contains(file.path.substr(0, slash + 1))) {
        fail("no directory", file.offset);
        return;
      }
    }
  }

  // In front of the head its sector may hold the remains of records that were moved on.
  void find_dirt() {
    const uint32_t head_sector = result_.head / kSector * kSector;
    const auto scan = [this](uint32_t from, uint32_t to) {
      for (uint32_t at = from; at < to && !result_.dirty; ++at) {
        if (image_[at] != 0xFF) {
          result_.dirty = at;
        }
      }
    };
    if (wrap_) {
      scan(result_.tail, head_sector);
      scan(*wrap_ + 8, size_);
    } else {
      scan(result_.tail, size_);
      scan(0, head_sector);
    }
  }

  std::span<const uint8_t> image_;
  uint32_t size_;
  std::optional<uint32_t> wrap_;
  ParsedImage result_;
};

}  // namespace

ParsedImage parse_lilotafs(std::span<const uint8_t> image) {
  return Parser(image).parse();
}

}  // namespace flashstore::test
