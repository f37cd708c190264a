#include "partition/idf_table.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/bytes.h"
#include "partition/md5.h"

namespace flashstore::partition {
namespace {

using Bytes = std::vector<uint8_t>;

std::string hexadecimal(std::span<const uint8_t> bytes) {
  std::string text;
  for (const uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

std::string md5_of(const std::string& text) {
  return hexadecimal(md5({reinterpret_cast<const uint8_t*>(text.data()), text.size()}));
}

TEST(Md5, GivesTheDigestsOfItsSpecification) {
  EXPECT_EQ(md5_of(""), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(md5_of("a"), "0cc175b9c0f1b6a831c399e269772661");
  EXPECT_EQ(md5_of("message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(md5_of("abcdefghijklmnopqrstuvwxyz"), "c3fcd3d76192e4007dfb496cca67e13b");
  EXPECT_EQ(md5_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"),
            "d174ab98d277d9f5a5611c2c9f419d9f");
  EXPECT_EQ(md5_of("1234567890123456789012345678901234567890"
                   "1234567890123456789012345678901234567890"),
            "57edf4a22be3c955ac49da2e2107b67a");
}

TEST(Md5, PadsWhateverTheLength) {  // 55, 56 and 64 are where blocks begin and end
  EXPECT_EQ(md5_of(std::string(55, 'a')), "ef1772b6dff9a122358552954ad0df65");
  EXPECT_EQ(md5_of(std::string(56, 'a')), "3b0c8ac703f828b04c6c197006d17218");
  EXPECT_EQ(md5_of(std::string(64, 'a')), "014842d480b571495a4a0363793f7367");
}

std::vector<IdfPartition> some_partitions() {
  std::vector<IdfPartition> partitions(4);
  const auto set = [&](size_t index, uint8_t type, uint8_t subtype, uint32_t address,
                       uint32_t bytes, const char* label) {
    partitions[index] = {type, subtype, address, bytes};
    EXPECT_TRUE(partitions[index].set_name(label));
  };
  set(0, 1, 2, 0x9000, 0x6000, "nvs");
  set(1, 0, 0, 0x10000, 0x100000, "factory");
  set(2, 0xC2, 1, 0x110000, 0x40000, "lfs");
  set(3, 0x40, 0, 0x150000, 0x80000, "sixteen letters!");
  partitions[3].flags = kIdfEncrypted;
  return partitions;
}

class IdfTables : public testing::Test {
 protected:
  Bytes written(bool with_digest) {
    Bytes bytes(0x1000);
    EXPECT_TRUE(write_idf_table(partitions_, with_digest, bytes).ok());
    return bytes;
  }

  void expect_problem(const Bytes& bytes, IdfFlaw flaw, uint32_t offset) {
    const auto result = read_idf_table(bytes, room_);
    ASSERT_FALSE(result.ok());
    EXPECT_STREQ(name(result.error().flaw), name(flaw));
    EXPECT_EQ(result.error().offset, offset);
  }

  void expect_partitions(const Bytes& bytes, bool has_digest) {
    const auto result = read_idf_table(bytes, room_);
    ASSERT_TRUE(result.ok()) << name(result.error().flaw);
    const auto& found = result.value().partitions;
    EXPECT_EQ(std::vector(found.begin(), found.end()), partitions_);
    EXPECT_EQ(result.value().has_digest, has_digest);
    EXPECT_EQ(result.value().bytes, (partitions_.size() + (has_digest ? 1 : 0)) * kIdfEntryBytes);
  }

  std::vector<IdfPartition> partitions_ = some_partitions();
  std::array<IdfPartition, 96> room_;
};

TEST_F(IdfTables, AreReadAsTheyAreWritten) {
  expect_partitions(written(true), true);
  expect_partitions(written(false), false);
}

TEST_F(IdfTables, EntriesAreLaidOutAsTheToolsOfIdfDo) {
  const Bytes bytes = written(true);
  EXPECT_EQ(hexadecimal(std::span(bytes).subspan(64, 32)),
            "aa50c20100001100000004006c66730000000000000000000000000000000000");
  EXPECT_EQ(hexadecimal(std::span(bytes).subspan(128, 16)), "ebebffffffffffffffffffffffffffff");
  EXPECT_EQ(bytes.back(), 0xFF);
}

TEST_F(IdfTables, AnOldOneEndsWithItsBytes) {
  Bytes bytes = written(false);
  bytes.resize(4 * kIdfEntryBytes);
  expect_partitions(bytes, false);
  bytes.pop_back();
  expect_problem(bytes, IdfFlaw::kCutOff, 96);
}

TEST_F(IdfTables, TheDigestIsOfAllInFrontOfIt) {
  const Bytes whole = written(true);
  for (size_t i = 0; i < 5 * kIdfEntryBytes; ++i) {
    Bytes bytes = whole;
    bytes[i] ^= 0x10;
    EXPECT_FALSE(read_idf_table(bytes, room_).ok()) << i;
  }
  Bytes bytes = whole;
  bytes[8] ^= 1;
  expect_problem(bytes, IdfFlaw::kDigest, 128);
}

TEST_F(IdfTables, RefusesWhatIsNoEntry) {
  Bytes bytes = written(false);
  bytes[64] = 0xAB;
  expect_problem(bytes, IdfFlaw::kMagic, 64);
  bytes = written(false);
  bytes[12 + 10] = 'x';  // behind "nvs"
  expect_problem(bytes, IdfFlaw::kLabel, 0);
  bytes = written(true);
  std::copy_n(bytes.begin(), kIdfEntryBytes, bytes.begin() + 160);
  expect_problem(bytes, IdfFlaw::kNotTheEnd, 160);
}

TEST_F(IdfTables, RefusesWhatThereIsNoRoomFor) {
  const Bytes bytes = written(true);
  const auto result = read_idf_table(bytes, std::span(room_).first(3));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().flaw, IdfFlaw::kNoRoom);
  partitions_.resize(95);
  EXPECT_TRUE(read_idf_table(written(true), room_).ok());
  partitions_.resize(96);
  Bytes sector(0x1000);
  EXPECT_FALSE(write_idf_table(partitions_, true, sector).ok());
  EXPECT_TRUE(write_idf_table(partitions_, false, sector).ok());
  EXPECT_TRUE(read_idf_table(sector, room_).ok());
  EXPECT_FALSE(write_idf_table(partitions_, false, std::span(sector).first(100)).ok());
}

TEST_F(IdfTables, NamesAreAtMostSixteenLetters) {
  IdfPartition partition;
  EXPECT_TRUE(partition.set_name("sixteen letters!"));
  EXPECT_EQ(partition.name(), "sixteen letters!");
  EXPECT_FALSE(partition.set_name("seventeen letters"));
  EXPECT_FALSE(partition.set_name(std::string_view("a\0b", 3)));
  EXPECT_TRUE(partition.set_name("lfs"));
  EXPECT_EQ(partition.name(), "lfs");
}

}  // namespace
}  // namespace flashstore::partition
