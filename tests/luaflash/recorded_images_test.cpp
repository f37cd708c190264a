// The independent reader and the images the original compiler made agree: the page they share is
// right.
#include <gmock/gmock.h>

#include <fstream>
#include <functional>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/image_reader.h"
#include "support/recorded_images.h"

namespace flashstore::test {
namespace {

using Json = nlohmann::json;
using testing::HasSubstr;

const std::string kExpected = FLASHSTORE_TEST_DATA "/lfs/expected/";

uint32_t signature(const Json& record) {
  return static_cast<uint32_t>(std::stoul(record["sig"].get<std::string>(), nullptr, 16));
}

// The manifest has text of any encoding byte by byte, as if it were Latin-1.
std::string as_recorded(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += static_cast<char>(0xC0 | byte >> 6);
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

// The names a master function answers to: its constants but the last, which is the time.
std::vector<std::string> modules(const ReadImage& image) {
  std::vector<std::string> names;
  for (const ReadConstant& constant : image.main.constants) {
    if (const auto* name = std::get_if<std::string>(&constant)) {
      names.push_back(as_recorded(*name));
    }
  }
  return names;
}

double build_time(const ReadImage& image) {
  const ReadConstant& time = image.main.constants.back();
  const auto* integer = std::get_if<int32_t>(&time);
  return integer != nullptr ? *integer : std::get<double>(time);
}

void expect_master(const ReadImage& image, const Json& record) {
  const auto n = image.main.children.size();
  EXPECT_EQ(image.main.source, "=(luac)");
  EXPECT_EQ(image.main.line_map, "");
  EXPECT_EQ(image.main.code.size(), 5 * n + 5);
  EXPECT_EQ(image.main.constants.size(), n + 1);
  EXPECT_EQ(image.main.maxstack, n + 3);
  EXPECT_EQ(image.main.numparams, 1);
  EXPECT_EQ(build_time(image), record["time"].get<double>());
}

TEST(RecordedImages, RelocatableOnesAreReadWithTheirCounts) {
  const std::vector<RecordedImage> all = recorded_images("pi-v1");
  ASSERT_EQ(all.size(), 168u);
  for (const auto& [file, record, payload] : all) {
    SCOPED_TRACE(file);
    EXPECT_EQ(sha256(payload), record["payload_sha256"]);
    try {
      const ReadImage image = read_image(as_bytes(payload));
      EXPECT_EQ(image.signature, signature(record));
      EXPECT_EQ(image.image_bytes, record["image_size"]);
      EXPECT_EQ(image.strings.size(), record["strings"]);
      EXPECT_EQ(image.hash_slots, record["hash_slots"]);
      EXPECT_EQ(image.function_count(), record["protos"]);
      EXPECT_EQ(image.address_count, record["reloc_count"]);
      EXPECT_EQ(modules(image), record["modules"].get<std::vector<std::string>>());
      EXPECT_FALSE(image.base.has_value());
      expect_master(image, record);
    } catch (const std::runtime_error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

TEST(RecordedImages, AbsoluteOnesAreReadWithTheirBase) {
  const std::vector<RecordedImage> all = recorded_images("absolute-v1");
  ASSERT_EQ(all.size(), 10u);
  for (const auto& [file, record, bytes] : all) {
    SCOPED_TRACE(file);
    EXPECT_EQ(sha256(bytes), record["output_sha256"]);
    try {
      const ReadImage image = read_image(as_bytes(bytes));
      EXPECT_EQ(image.signature, signature(record));
      EXPECT_EQ(image.image_bytes, record["image_size"]);
      const std::string address = record["options"][1];
      EXPECT_EQ(image.base, std::stoul(address, nullptr, 0));
      expect_master(image, record);
    } catch (const std::runtime_error& error) {
      ADD_FAILURE() << error.what();
    }
  }
}

// --- the reader says no ---

class Damage : public testing::Test {
 protected:
  // A small image in which all kinds of objects occur that the compiler makes.
  const std::string payload_ = content_of("img/one-nested.float.img");
  const ReadImage image_ = read_image(as_bytes(payload_));

  static std::string content_of(const std::string& file) {
    return gunzip(read_text(kExpected + file));
  }

  static uint32_t word(const std::string& bytes, uint32_t offset) {
    uint32_t value = 0;
    for (size_t i = 4; i-- > 0;) {
      value = value << 8 | static_cast<uint8_t>(bytes.at(size_t{offset} * 4 + i));
    }
    return value;
  }

  static void set(std::string& bytes, uint32_t offset, uint32_t value) {
    for (size_t i = 0; i < 4; ++i) {
      bytes.at(size_t{offset} * 4 + i) = static_cast<char>(value >> 8 * i);
    }
  }

  // What the reader complains about if `offset` holds `value`; empty if it does not.
  std::string complaint(uint32_t offset, uint32_t value) const {
    std::string damaged = payload_;
    set(damaged, offset, value);
    try {
      read_image(as_bytes(damaged));
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
};

TEST_F(Damage, IsNamed) {
  const uint32_t proto = image_.main.children.at(0).offset;
  const uint32_t string = image_.strings.at(1).offset;
  const uint32_t words = image_.image_bytes / 4;
  EXPECT_THAT(complaint(0, 0xFAFAA254), HasSubstr("word 0x0: not a signature"));
  EXPECT_THAT(complaint(0, 0xFAFAA155), HasSubstr("absolute image with a bitmap"));
  EXPECT_THAT(complaint(1, image_.image_bytes + 4), HasSubstr("not the size"));
  EXPECT_THAT(complaint(2, words), HasSubstr("word 0x2: an address outside the image"));
  EXPECT_THAT(complaint(3, 9), HasSubstr("hash vector is not at offset 8"));
  EXPECT_THAT(complaint(4, word(payload_, 4) - 1), HasSubstr("not the number of strings"));
  EXPECT_THAT(complaint(5, image_.hash_slots * 2), HasSubstr("not the right number of slots"));
  EXPECT_THAT(complaint(string, string + 1), HasSubstr("pointing forwards"));
  EXPECT_THAT(complaint(string + 1, 0x24004), HasSubstr("not the mark of a string"));
  EXPECT_THAT(complaint(string + 2, 1), HasSubstr("not the string's hash"));
  EXPECT_THAT(complaint(proto + 1, 1), HasSubstr("is not zero"));
  EXPECT_THAT(complaint(proto + 2, proto + 2), HasSubstr("pointing forwards"));
  EXPECT_THAT(complaint(proto + 3, word(payload_, proto + 2)), HasSubstr("not where the last"));
  EXPECT_THAT(complaint(proto + 5, string), HasSubstr("not the address of a string"));
  EXPECT_THAT(complaint(proto + 8, string + 1), HasSubstr("not the address of a string"));
  EXPECT_THAT(complaint(proto + 11, word(payload_, proto + 11) - 1), HasSubstr("not where"));
  EXPECT_THAT(complaint(words, word(payload_, words) & ~4u), HasSubstr("does not mark"));
  EXPECT_THAT(complaint(words, word(payload_, words) | 1), HasSubstr("but no address"));
}

TEST_F(Damage, OfAnyStructuralBitIsFound) {
  std::vector<uint32_t> structural;
  const ReadString& last = image_.strings.back();
  const auto strings_end = static_cast<uint32_t>(last.offset + 4 + last.bytes.size() / 4 + 1);
  for (uint32_t i = 0; i < strings_end; ++i) {
    if (i != 6 && i != 7) {  // these mean nothing
      structural.push_back(i);
    }
  }
  const std::set<uint32_t> free = {14, 15, 17};  // lines defined and traits
  const std::function<void(const ReadFunction&)> add = [&](const ReadFunction& function) {
    for (uint32_t i = 0; i < 18; ++i) {
      if (!free.contains(i)) {
        structural.push_back(function.offset + i);
      }
    }
    for (const ReadFunction& child : function.children) {
      add(child);
    }
  };
  add(image_.main);
  for (uint32_t i = image_.image_bytes / 4; i < payload_.size() / 4; ++i) {
    structural.push_back(i);
  }
  for (const uint32_t offset : structural) {
    for (uint32_t bit = 0; bit < 32; ++bit) {
      EXPECT_NE(complaint(offset, word(payload_, offset) ^ 1u << bit), "")
          << "word 0x" << std::hex << offset << " bit " << std::dec << bit;
    }
  }
}

TEST_F(Damage, OfLengthIsFound) {
  for (size_t size = 0; size < payload_.size(); ++size) {
    if (size != image_.image_bytes) {
      EXPECT_THROW(read_image(as_bytes(payload_).first(size)), std::runtime_error) << size;
    }
  }
  EXPECT_THROW(read_image(as_bytes(payload_ + std::string(4, '\0'))), std::runtime_error);
}

TEST_F(Damage, NoneInTheImageWithoutItsBitmap) {
  const ReadImage bare = read_image(as_bytes(payload_).first(image_.image_bytes));
  EXPECT_EQ(bare.address_count, image_.address_count);
}

}  // namespace
}  // namespace flashstore::test
