// What the inflater gives back of what zlib and the original tools have packed.
#include "core/inflate.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <functional>
#include <random>

#include "core/bit_writer.h"
#include "core/gunzip_both.h"
#include "support/files.h"

namespace flashstore::core {
namespace {

using test::as_bytes;
using test::as_text;
using test::gunzip_ours;
using test::Inflated;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;

std::string gzip(const std::string& data, int level, int strategy = Z_DEFAULT_STRATEGY,
                 int window_bits = 14) {
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, window_bits + 16, 9, strategy) != Z_OK) {
    throw std::bad_alloc();
  }
  std::string file(data.size() * 2 + 100, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(file.data());
  stream.avail_out = static_cast<uInt>(file.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  file.resize(stream.total_out);
  deflateEnd(&stream);
  return file;
}

std::string noise(size_t size) {
  std::mt19937 random(1);
  std::string data(size, '\0');
  std::generate(data.begin(), data.end(), [&] { return static_cast<char>(random()); });
  return data;
}

// Words like those of an image: little numbers, some repeated at all kinds of distances.
std::string words(size_t size) {
  std::mt19937 random(2);
  std::string data;
  while (data.size() < size) {
    const uint32_t kind = random() % 4;
    if (kind == 0 && data.size() > 8) {
      const size_t from = random() % (data.size() - 4);
      data += data.substr(from, 3 + random() % 300);
    } else {
      data += test::word(kind == 1 ? random() : random() % 64);
    }
  }
  data.resize(size);
  return data;
}

// All symbols of very unequal frequency, so that codes come in all lengths up to the longest.
std::string skewed(size_t size) {
  std::mt19937 random(3);
  std::string data;
  while (data.size() < size) {
    data += static_cast<char>(std::min(random() & 255, random() & random() & random() & 255));
  }
  return data;
}

void expect_gives(const std::string& file, const std::string& data, size_t piece_bytes,
                  size_t window_bytes, uint32_t sink_bytes) {
  const Inflated ours =
      gunzip_ours(as_bytes(file), {.piece_bytes = sink_bytes}, piece_bytes, window_bytes);
  ASSERT_STREQ(name(ours.result.error), "none");
  ASSERT_EQ(ours.result.input_offset, file.size());
  ASSERT_EQ(ours.result.output_bytes, data.size());
  ASSERT_EQ(ours.result.crc, ::crc32(0, as_bytes(data).data(), static_cast<uInt>(data.size())));
  ASSERT_TRUE(as_text(ours.bytes) == data);
}

TEST(Inflate, GivesBackWhatZlibPacked) {
  const std::vector<std::string> data = {noise(5000), words(40000), skewed(20000),
                                         std::string(20000, 'x')};
  const std::vector<size_t> pieces = {1, 7, 1024, SIZE_MAX};
  size_t turn = 0;
  for (const std::string& each : data) {
    for (int level = 0; level <= 9; ++level) {
      for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED}) {
        for (int bits = 9; bits <= 15; ++bits) {
          SCOPED_TRACE(testing::Message() << "data " << &each - data.data() << " level " << level
                                          << " strategy " << strategy << " window " << bits);
          // The window is no larger than the matches need, and each kind of piece has its turn.
          const size_t window = size_t{1} << bits;
          expect_gives(gzip(each, level, strategy, bits), each, pieces[turn % pieces.size()],
                       window, static_cast<uint32_t>(window >> turn % 3));
          ASSERT_FALSE(HasFatalFailure());
          ++turn;
        }
      }
    }
  }
}

TEST(Inflate, AnySizeOfData) {
  for (const size_t size :
       {0, 1, 2, 255, 256, 257, 2047, 2048, 2049, 4096, 16383, 16384, 16385, 32768, 100000}) {
    const std::string data = words(size);
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{1024}, SIZE_MAX}) {
      SCOPED_TRACE(testing::Message() << size << " bytes, read in " << piece);
      for (const int level : {0, 9}) {
        expect_gives(gzip(data, level), data, piece, 16384, 2048);
        ASSERT_FALSE(HasFatalFailure());
      }
    }
  }
}

TEST(Inflate, SinkGetsWholePiecesAndARest) {
  const auto pieces = [](size_t size) {
    return gunzip_ours(as_bytes(gzip(words(size), 9))).pieces;
  };
  EXPECT_THAT(pieces(0), IsEmpty());
  EXPECT_THAT(pieces(2047), ElementsAre(2047));
  EXPECT_THAT(pieces(2048), ElementsAre(2048));
  EXPECT_THAT(pieces(4097), ElementsAre(2048, 2048, 1));
}

TEST(Inflate, ManyBlocksOfEveryKindInARow) {
  // A full flush ends a block, and the level and strategy may change between blocks.
  const std::string data = words(30000);
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 14 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string file(200000, '\0');
  stream.next_out = reinterpret_cast<Bytef*>(file.data());
  stream.avail_out = static_cast<uInt>(file.size());
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  for (size_t done = 0, turn = 0; done < data.size(); done += 100, ++turn) {
    deflateParams(&stream, turn % 3 == 0 ? 0 : 9, turn % 3 == 1 ? Z_FIXED : Z_DEFAULT_STRATEGY);
    stream.avail_in = 100;
    deflate(&stream, turn % 2 ? Z_PARTIAL_FLUSH : Z_SYNC_FLUSH);
  }
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  file.resize(stream.total_out);
  deflateEnd(&stream);
  for (const size_t piece : {1, 7, 1024}) {
    expect_gives(file, data, piece, 16384, 2048);
  }
}

TEST(Inflate, TheLongestMatchHasTwoSpellings) {
  const auto member = [](uint32_t symbol, uint32_t extra_bits, uint32_t extra) {
    test::BitWriter blocks = test::fixed_block();
    blocks.symbol('x', test::fixed_lengths()).symbol(symbol, test::fixed_lengths());
    blocks.bits(extra, extra_bits).symbol(0, test::fixed_distances());
    blocks.symbol(256, test::fixed_lengths());
    return test::gzip_member(blocks.bytes(), std::string(259, 'x'));
  };
  expect_gives(member(285, 0, 0), std::string(259, 'x'), SIZE_MAX, 16384, 2048);
  expect_gives(member(284, 5, 31), std::string(259, 'x'), SIZE_MAX, 16384, 2048);
}

TEST(Inflate, OptionalHeaderFieldsAreSkipped) {
  const std::string data = "data";
  const std::string blocks = test::stored_block(data);
  for (uint32_t flags = 0; flags < 32; ++flags) {
    std::string header = test::gzip_header(static_cast<uint8_t>(flags));
    header += flags & 4 ? std::string("\x05\0extra", 7) : "";
    header += flags & 8 ? std::string("name\0", 5) : "";
    header += flags & 16 ? std::string("\0", 1) : "";  // an empty comment
    if (flags & 2) {
      const auto crc = ::crc32(0, as_bytes(header).data(), static_cast<uInt>(header.size()));
      header += test::word(static_cast<uint32_t>(crc)).substr(0, 2);
    }
    SCOPED_TRACE(flags);
    expect_gives(test::gzip_member(blocks, data, header), data, 1, 16384, 2048);
  }
  expect_gives(test::gzip_member(blocks, data, test::gzip_header(4) + std::string(2, '\0')), data,
               1, 16384, 2048);
  expect_gives(test::gzip_member(blocks, data, test::gzip_header(4) + "\xff\xff" + noise(65535)),
               data, 7, 16384, 2048);
}

TEST(Inflate, EveryRecordedImageAsADeviceReadsIt) {
  size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(FLASHSTORE_TEST_DATA "/lfs/expected/img")) {
    if (entry.path().extension() != ".img") {
      continue;
    }
    SCOPED_TRACE(entry.path().filename());
    const std::string file = test::read_text(entry.path());
    const std::string data = test::gunzip(file);
    for (const size_t piece : {size_t{1}, size_t{1024}}) {
      const Inflated ours = gunzip_ours(as_bytes(file), test::kDeviceRules, piece, 16384);
      ASSERT_STREQ(name(ours.result.error), "none");
      ASSERT_TRUE(as_text(ours.bytes) == data);
      ASSERT_THAT(ours.pieces, Each(Le(2048u)));
    }
    ++count;
  }
  EXPECT_GE(count, 150u);
}

TEST(Inflate, AnInflaterCanBeUsedAgain) {
  std::vector<uint8_t> window(16384);
  Inflater inflater(window);
  const std::string first = words(20000);
  const std::string second = skewed(3000);
  for (const std::string& data : {first, second, first}) {
    const std::string file = gzip(data, 9);
    // After one that breaks off in the middle as well.
    SpanSource half(as_bytes(file).first(file.size() / 2));
    test::Collector ignored;
    EXPECT_EQ(inflater.gunzip(half, ignored).error, InflateError::kTruncated);
    SpanSource source(as_bytes(file));
    test::Collector sink;
    EXPECT_TRUE(inflater.gunzip(source, sink).ok());
    EXPECT_TRUE(as_text(sink.bytes) == data);
  }
}

}  // namespace
}  // namespace flashstore::core
