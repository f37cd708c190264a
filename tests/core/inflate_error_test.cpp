// Each flaw of a stream, made on purpose: what the inflater calls it and where it sees it.
#include <gmock/gmock.h>

#include <set>

#include "core/bit_writer.h"
#include "core/gunzip_both.h"
#include "support/files.h"

namespace flashstore::core {
namespace {

using test::all_code_lengths;
using test::as_bytes;
using test::BitWriter;
using test::dynamic_block;
using test::dynamic_start;
using test::fixed_block;
using test::fixed_distances;
using test::fixed_lengths;
using test::gunzip_ours;
using test::gunzip_zlib;
using test::gzip_header;
using test::gzip_member;
using test::Inflated;
using test::Lengths;
using test::some_lengths;
using test::stored_block;
using test::word;

constexpr size_t kHeader = 10;
constexpr uint32_t kEnd = 256;

struct Case {
  std::string name;
  InflateError error;
  size_t input_offset;
  uint32_t output_bytes;
  std::string file;
  InflateOptions options = {};
};

// A match of the fixed codes: of 3 bytes unless the symbol says more, its distance as symbol and
// extra bits.
BitWriter& match(BitWriter& writer, uint32_t distance_symbol, uint32_t extra = 0,
                 uint32_t extra_bits = 0, uint32_t length_symbol = 257) {
  return writer.symbol(length_symbol, fixed_lengths())
      .symbol(distance_symbol, fixed_distances())
      .bits(extra, extra_bits);
}

BitWriter literals(const std::string& data) {
  BitWriter writer = fixed_block();
  for (const char c : data) {
    writer.symbol(static_cast<uint8_t>(c), fixed_lengths());
  }
  return writer;
}

std::string end(BitWriter writer) {
  return writer.symbol(kEnd, fixed_lengths()).bytes();
}

// A member that cannot be told from a good one up to its flaw: blocks, then zeros.
std::string broken(const std::string& blocks) {
  return gzip_header() + blocks + std::string(64, '\0');
}

std::string broken(const BitWriter& blocks) {
  return broken(blocks.bytes());
}

std::vector<Case> header_cases() {
  using enum InflateError;
  const std::string good = gzip_member(stored_block("data"), "data");
  const std::string empty_extra =
      gzip_member(stored_block(""), "", gzip_header(4) + word(0).substr(0, 2));
  const std::string wrong_crc =
      gzip_member(stored_block(""), "", gzip_header(2) + word(0x1234).substr(0, 2));
  const auto with = [&](size_t at, uint8_t byte) {
    std::string file = good;
    file[at] = static_cast<char>(byte);
    return file;
  };
  return {
      {"good", kNone, good.size(), 4, good},
      {"nothing", kTruncated, 0, 0, ""},
      {"magic_0", kBadMagic, 0, 0, with(0, 0x1E)},
      {"magic_1", kBadMagic, 1, 0, with(1, 0x8A)},
      {"method_7", kBadMethod, 2, 0, with(2, 7)},
      {"flag_5", kReservedFlags, 3, 0, with(3, 0x20)},
      {"flag_6", kReservedFlags, 3, 0, with(3, 0x40)},
      {"flag_7", kReservedFlags, 3, 0, with(3, 0x80)},
      {"truncated_in_fixed_fields", kTruncated, 9, 0, good.substr(0, 9)},
      {"truncated_in_extra_size", kTruncated, 11, 0, gzip_header(4) + "\x01"},
      {"truncated_in_extra", kTruncated, 14, 0, gzip_header(4) + std::string("\x03\0ab", 4)},
      {"truncated_in_name", kTruncated, 13, 0, gzip_header(8) + "abc"},
      {"truncated_in_comment", kTruncated, 13, 0, gzip_header(16) + "abc"},
      {"truncated_in_header_crc", kTruncated, 11, 0, gzip_header(2) + "a"},
      {"truncated_after_header", kTruncated, 10, 0, gzip_header()},
      {"header_crc", kHeaderChecksum, 11, 0, wrong_crc},
      {"header_crc_not_looked_at",
       kNone,
       wrong_crc.size(),
       0,
       wrong_crc,
       {.check_header_crc = false}},
      {"empty_extra", kNone, empty_extra.size(), 0, empty_extra},
      {"empty_extra_refused", kEmptyExtra, 11, 0, empty_extra, {.refuse_empty_extra = true}},
  };
}

std::vector<Case> block_cases() {
  using enum InflateError;
  const std::string data(2000, 'd');
  const std::string stored = stored_block(data);
  return {
      {"block_type_3", kBadBlockType, kHeader, 0, broken(BitWriter().bits(7, 3))},
      {"block_type_3_after_another", kBadBlockType, kHeader + 1, 0,
       broken(BitWriter().bits(0, 1).bits(1, 2).symbol(kEnd, fixed_lengths()).bits(7, 3))},
      {"stored_length", kStoredLength, kHeader + 4, 0, broken(stored_block("ab", 0xFFFE))},
      {"stored_truncated_in_length", kTruncated, 13, 0, gzip_header() + stored.substr(0, 3)},
      {"stored_truncated", kTruncated, kHeader + 5 + 7, 7, gzip_header() + stored.substr(0, 12)},
      {"no_next_block", kTruncated, 15, 0, gzip_header() + std::string("\0\0\0\xff\xff", 5)},
      {"fixed_truncated", kTruncated, kHeader + 3, 2, gzip_header() + literals("ab").bytes()},
      {"fixed_truncated_in_extra_bits", kTruncated, kHeader + 2, 0,
       gzip_header() + fixed_block().symbol(284, fixed_lengths()).bytes()},
      {"length_symbol_286", kBadLengthSymbol, kHeader + 1, 0,
       broken(fixed_block().symbol(286, fixed_lengths()))},
      {"length_symbol_287", kBadLengthSymbol, kHeader + 2, 1,
       broken(literals("a").symbol(287, fixed_lengths()))},
      {"distance_symbol_30", kBadDistanceSymbol, kHeader + 2, 1,
       broken(literals("a").symbol(257, fixed_lengths()).symbol(30, fixed_distances()))},
      {"distance_symbol_31", kBadDistanceSymbol, kHeader + 2, 1,
       broken(literals("a").symbol(257, fixed_lengths()).symbol(31, fixed_distances()))},
  };
}

// Literal/length codes for 'a', the end and the shortest match; the distances 1 and 2.
Lengths few_lengths() {
  return some_lengths(258, {{'a', 1}, {kEnd, 2}, {257, 2}});
}
Lengths two_distances() {
  return some_lengths(2, {{0, 1}, {1, 1}});
}
// A block that ends before anything has to be repeated.
Lengths only_end() {
  return some_lengths(257, {{kEnd, 1}});
}

std::vector<Case> code_cases() {
  using enum InflateError;
  const auto accepted = [](const char* name, const BitWriter& block, const std::string& data) {
    const std::string file = gzip_member(block.bytes(), data);
    return Case{name, kNone, file.size(), static_cast<uint32_t>(data.size()), file};
  };
  const auto block = [](const Lengths& lengths, const Lengths& distances) {
    return dynamic_block(lengths, distances);
  };
  // Where the bits of a block end that has nothing behind them.
  const auto last_byte = [](const BitWriter& writer) {
    return kHeader + writer.bytes().size() - 1;
  };
  const auto refused = [&](const char* name, InflateError error, const BitWriter& writer,
                           uint32_t output_bytes = 0) {
    return Case{name, error, last_byte(writer), output_bytes, broken(writer)};
  };
  // The announced numbers alone, with the little that follows them in their byte.
  const auto counts = [](uint32_t length_codes, uint32_t distance_codes) {
    return BitWriter()
        .bits(1, 1)
        .bits(2, 2)
        .bits(length_codes - 257, 5)
        .bits(distance_codes - 1, 5);
  };
  const auto code_lengths = [](std::initializer_list<std::pair<size_t, uint8_t>> used) {
    return dynamic_start(257, 1, some_lengths(19, used));
  };
  // As many code lengths as that, all of them 0 but for the end of the block.
  const auto lengths_up_to = [](uint32_t total) {
    BitWriter writer = dynamic_start(257, 1);
    for (uint32_t i = 0; i < total; ++i) {
      writer.symbol(i == kEnd, all_code_lengths());
    }
    return writer;
  };
  // The second code straddles: a run of zeros through both of them.
  BitWriter straddling = dynamic_start(257, 8);
  for (uint32_t i = 0; i < kEnd; ++i) {
    straddling.symbol(i == 'a' ? 1 : 0, all_code_lengths());
  }
  straddling.symbol(1, all_code_lengths()).symbol(1, all_code_lengths());
  straddling.symbol(1, all_code_lengths()).symbol(17, all_code_lengths()).bits(3, 3);

  Lengths long_distances(30, 0);  // codes of 1 to 15 bits
  for (uint8_t i = 0; i < 15; ++i) {
    long_distances[i] = static_cast<uint8_t>(i + 1);
  }
  long_distances[15] = 15;

  return {
      accepted("dynamic",
               block(few_lengths(), two_distances())
                   .symbol('a', few_lengths())
                   .symbol(257, few_lengths())
                   .symbol(0, two_distances())
                   .symbol(kEnd, few_lengths()),
               "aaaa"),
      accepted("codes_of_15_bits",
               block(few_lengths(), long_distances)
                   .symbol('a', few_lengths())
                   .symbol(257, few_lengths())
                   .symbol(0, long_distances)
                   .symbol(257, few_lengths())
                   .symbol(3, long_distances)
                   .symbol(kEnd, few_lengths()),
               "aaaaaaa"),
      accepted("one_distance_code",
               block(few_lengths(), {1})
                   .symbol('a', few_lengths())
                   .symbol(257, few_lengths())
                   .bits(0, 1)
                   .symbol(kEnd, few_lengths()),
               "aaaa"),
      accepted("no_distance_code",
               block(few_lengths(), {0}).symbol('a', few_lengths()).symbol(kEnd, few_lengths()),
               "a"),
      accepted("one_length_code", block(only_end(), {0}).bits(0, 1), ""),
      accepted("run_of_zeros_through_both_codes",
               straddling.symbol(kEnd, some_lengths(257, {{'a', 1}, {kEnd, 1}})), ""),
      refused("length_codes_287", kTooManyCodes, counts(287, 1).bits(0, 4)),
      refused("length_codes_288", kTooManyCodes, counts(288, 1).bits(0, 4)),
      refused("distance_codes_31", kTooManyCodes, counts(257, 31).bits(0, 4)),
      refused("distance_codes_32", kTooManyCodes, counts(257, 32).bits(0, 4)),
      refused("code_lengths_oversubscribed", kOversubscribedCode,
              code_lengths({{0, 1}, {1, 1}, {2, 1}})),
      refused("code_lengths_incomplete", kIncompleteCode, code_lengths({{0, 1}, {1, 2}})),
      refused("code_lengths_single", kIncompleteCode, code_lengths({{0, 1}})),
      refused("code_lengths_none", kIncompleteCode, code_lengths({})),
      refused("repeat_first", kRepeatWithoutPrevious,
              dynamic_start(257, 1).symbol(16, all_code_lengths())),
      refused("repeat_last_too_long", kRepeatTooLong,
              lengths_up_to(256).symbol(16, all_code_lengths()).bits(0, 2)),
      refused("repeat_zero_too_long", kRepeatTooLong,
              lengths_up_to(256).symbol(17, all_code_lengths()).bits(0, 3)),
      refused("repeat_many_zeros_too_long", kRepeatTooLong,
              lengths_up_to(248).symbol(18, all_code_lengths()).bits(0, 7)),
      refused("lengths_oversubscribed", kOversubscribedCode,
              block(some_lengths(257, {{'a', 1}, {'b', 1}, {kEnd, 1}}), {0})),
      refused("lengths_of_15_bits_oversubscribed", kOversubscribedCode,
              block(some_lengths(257, {{'a', 1}, {'b', 1}, {kEnd, 15}}), {0})),
      refused("lengths_incomplete", kIncompleteCode,
              block(some_lengths(257, {{'a', 2}, {kEnd, 2}}), {0})),
      refused("one_length_code_of_two_bits", kIncompleteCode,
              block(some_lengths(257, {{kEnd, 2}}), {0})),
      refused("distances_oversubscribed", kOversubscribedCode, block(few_lengths(), {1, 1, 1})),
      refused("distances_incomplete", kIncompleteCode, block(few_lengths(), {2, 2, 2})),
      refused("one_distance_code_of_two_bits", kIncompleteCode, block(few_lengths(), {2})),
      refused("no_end_of_block", kNoEndOfBlock,
              block(some_lengths(257, {{'a', 1}, {'b', 1}}), {0})),
      refused("unused_length_code", kUnusedCode, block(only_end(), {0}).bits(1, 1)),
      refused("unused_distance_code", kUnusedCode,
              block(few_lengths(), {1})
                  .symbol('a', few_lengths())
                  .symbol(257, few_lengths())
                  .bits(1, 1),
              1),
      refused("distance_without_codes", kUnusedCode,
              block(few_lengths(), {0})
                  .symbol('a', few_lengths())
                  .symbol(257, few_lengths())
                  .bits(1, 1),
              1),
      {"dynamic_truncated_in_code_lengths", kTruncated, kHeader + 20, 0,
       gzip_header() + lengths_up_to(257).bytes().substr(0, 20)},
  };
}

// A bad code that begins with each of the bits of a byte.
std::vector<Case> shifted_cases() {
  std::vector<Case> cases;
  for (uint32_t shift = 0; shift < 8; ++shift) {
    BitWriter writer = dynamic_block(few_lengths(), {0});
    for (uint32_t i = 0; i < shift; ++i) {
      writer.symbol('a', few_lengths());
    }
    writer.symbol(257, few_lengths()).bits(1, 1);
    cases.push_back({"unused_code_shifted_" + std::to_string(shift), InflateError::kUnusedCode,
                     kHeader + writer.bytes().size() - 1, shift, broken(writer)});
  }
  return cases;
}

// A member of `data`, all of it 'x', and then a match of 3 bytes.
std::string far_match(const std::string& data, uint32_t distance_symbol, uint32_t extra,
                      uint32_t extra_bits) {
  BitWriter writer = fixed_block();
  match(writer, distance_symbol, extra, extra_bits);
  return gzip_member(stored_block(data, 0xFFFF, false) + end(writer), data + "xxx");
}

std::vector<Case> match_cases() {
  using enum InflateError;
  std::vector<Case> cases;
  const auto accepted = [&](const char* name, const std::string& file, size_t output,
                            const InflateOptions& options = {}) {
    cases.push_back({name, kNone, file.size(), static_cast<uint32_t>(output), file, options});
  };
  BitWriter at_start = fixed_block();
  match(at_start, 0);
  cases.push_back({"match_of_nothing", kDistanceBeforeStart, kHeader + 1, 0, broken(at_start)});

  BitWriter before = literals("abc");
  match(before, 3);  // 4 back
  cases.push_back({"distance_before_start", kDistanceBeforeStart, kHeader + 4, 3, broken(before)});

  BitWriter first = literals("abc");
  match(first, 2);
  const std::string first_byte = gzip_member(end(first), "abcabc");
  accepted("match_of_first_byte", first_byte, 6);
  cases.push_back({"match_of_first_byte_refused",
                   kMatchOfFirstByte,
                   kHeader + 4,
                   3,
                   first_byte,
                   {.refuse_first_byte = true}});
  BitWriter second = literals("abc");
  match(second, 1);
  accepted("match_of_second_byte", gzip_member(end(second), "abcbcb"), 6,
           {.refuse_first_byte = true});

  // Distance 16384 is symbol 27 with all 12 extra bits, one more is symbol 28 with none.
  const std::string far_data(20000, 'x');
  const std::string at_limit = far_match(far_data, 27, 4095, 12);
  const std::string behind_limit = far_match(far_data, 28, 0, 13);
  const size_t place = kHeader + stored_block(far_data).size() + 3;  // the last of its extra bits
  accepted("distance_of_window", at_limit, 20003, {.max_distance = 16384});
  cases.push_back({"distance_beyond_limit",
                   kDistanceBeyondWindow,
                   place,
                   20000,
                   behind_limit,
                   {.max_distance = 16384}});
  cases.push_back({"distance_beyond_lower_limit",
                   kDistanceBeyondWindow,
                   place,
                   20000,
                   at_limit,
                   {.max_distance = 16383}});
  accepted("distance_within_larger_window", behind_limit, 20003);

  const auto limit = [](uint32_t bytes) { return InflateOptions{.max_output = bytes}; };
  BitWriter run = literals("a");
  match(run, 0);
  const std::string aaaa = gzip_member(end(run), "aaaa");
  accepted("output_of_limit", aaaa, 4, limit(4));
  cases.push_back({"match_passes_limit", kTooMuchOutput, kHeader + 2, 3, aaaa, limit(3)});
  cases.push_back({"literal_passes_limit", kTooMuchOutput, kHeader + 1, 0, aaaa, limit(0)});
  const std::string stored = gzip_member(stored_block(far_data), far_data);
  accepted("stored_of_limit", stored, 20000, limit(20000));
  cases.push_back(
      {"stored_passes_limit", kTooMuchOutput, kHeader + 5 + 19999, 19999, stored, limit(19999)});
  accepted("nothing_of_limit_0", gzip_member(stored_block(""), ""), 0, limit(0));
  return cases;
}

std::vector<Case> trailer_cases() {
  using enum InflateError;
  const std::string blocks = stored_block("data");
  const std::string good = gzip_member(blocks, "data");
  const size_t size = good.size();
  return {
      {"crc", kDataChecksum, size - 5, 4, gzip_member(blocks, "date")},
      {"size", kDataSize, size - 1, 4, good.substr(0, size - 4) + word(5)},
      {"size_high_half", kDataSize, size - 1, 4, good.substr(0, size - 4) + word(0x10004)},
      {"truncated_before_crc", kTruncated, size - 8, 4, good.substr(0, size - 8)},
      {"truncated_in_crc", kTruncated, size - 5, 4, good.substr(0, size - 5)},
      {"truncated_before_size", kTruncated, size - 4, 4, good.substr(0, size - 4)},
      {"truncated_in_size", kTruncated, size - 1, 4, good.substr(0, size - 1)},
      {"trailing_zero", kTrailingData, size, 4, good + std::string(1, '\0')},
      {"trailing_half_of_magic", kTrailingData, size, 4, good + "\x1f"},
      {"trailing_other_half_of_magic", kTrailingData, size, 4, good + "\x1e\x8b"},
      {"trailing_magic_after_zero", kTrailingData, size, 4, good + std::string("\0\x1f\x8b", 3)},
      {"second_member", kSecondMember, size, 4, good + good},
      {"second_magic", kSecondMember, size, 4, good + "\x1f\x8b"},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& some : {header_cases(), block_cases(), code_cases(), shifted_cases(),
                           match_cases(), trailer_cases()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

void PrintTo(const Case& test, std::ostream* out) {
  *out << test.name;
}

class InflateFlaw : public testing::TestWithParam<Case> {};

TEST_P(InflateFlaw, IsNamedAndPlaced) {
  const Case& test = GetParam();
  for (const size_t piece : {SIZE_MAX, size_t{1}, size_t{3}, size_t{1024}}) {
    const Inflated ours = gunzip_ours(as_bytes(test.file), test.options, piece);
    EXPECT_STREQ(name(ours.result.error), name(test.error));
    EXPECT_EQ(ours.result.input_offset, test.input_offset);
    EXPECT_EQ(ours.result.output_bytes, test.output_bytes);
  }
}

TEST_P(InflateFlaw, ZlibAgreesWhereItHasASay) {
  const Case& test = GetParam();
  const Inflated ours = gunzip_ours(as_bytes(test.file), test.options);
  if (test.error == InflateError::kNone && !test.options.check_header_crc) {
    EXPECT_FALSE(gunzip_zlib(as_bytes(test.file)).accepted);
  } else {
    EXPECT_EQ(test::difference(as_bytes(test.file), ours, gunzip_zlib(as_bytes(test.file))), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Flaws, InflateFlaw, testing::ValuesIn(all_cases()),
                         [](const auto& test) { return test.param.name; });

TEST(InflateErrors, WindowBoundsDistancesWhateverTheLimit) {
  const std::string file = far_match(std::string(20000, 'x'), 28, 0, 13);
  EXPECT_EQ(gunzip_ours(as_bytes(file), {.max_distance = 32768}, SIZE_MAX, 16384).result.error,
            InflateError::kDistanceBeyondWindow);
}

TEST(InflateErrors, OutputBeforeAFlawIsDeliveredInWholePieces) {
  const std::string file = gzip_header() + literals(std::string(5000, 'x')).bytes();
  const Inflated ours = gunzip_ours(as_bytes(file));
  EXPECT_EQ(ours.result.error, InflateError::kTruncated);
  EXPECT_EQ(ours.result.output_bytes, 5000u);
  EXPECT_THAT(ours.pieces, testing::ElementsAre(2048, 2048));
}

// A source whose reading fails after some bytes, and that must not be asked again then.
struct FailingSource final : ByteSource {
  std::optional<std::span<const uint8_t>> next() override {
    if (!good.empty()) {
      return std::exchange(good, {});
    }
    EXPECT_FALSE(failed);
    failed = true;
    return std::nullopt;
  }

  std::span<const uint8_t> good;
  bool failed = false;
};

TEST(InflateErrors, SourceThatFailsAnywhere) {
  const std::string file = gzip_member(end(literals("some data")), "some data");
  for (size_t size = 0; size <= file.size(); ++size) {
    std::vector<uint8_t> window(16384);
    Inflater inflater(window);
    FailingSource source;
    source.good = as_bytes(file).first(size);
    test::Collector sink;
    const InflateResult result = inflater.gunzip(source, sink);
    EXPECT_EQ(result.error, InflateError::kSourceFailed) << size;
    EXPECT_EQ(result.input_offset, size);
  }
}

struct StoppingSink final : ByteSink {
  bool take(std::span<const uint8_t>) override { return --more > 0; }

  int more;
};

TEST(InflateErrors, SinkThatStopsGetsNoMore) {
  const std::string data(10000, 'x');
  const std::string file = gzip_member(stored_block(data), data);
  for (const int pieces : {1, 3, 5}) {  // the fifth is the rest
    std::vector<uint8_t> window(16384);
    Inflater inflater(window);
    SpanSource source(as_bytes(file));
    StoppingSink sink;
    sink.more = pieces;
    const InflateResult result = inflater.gunzip(source, sink);
    EXPECT_EQ(result.error, InflateError::kSinkStopped);
    EXPECT_EQ(result.output_bytes, std::min(pieces * 2048, 10000));
    EXPECT_EQ(sink.more, 0);
  }
}

TEST(InflateErrors, EachIsMadeByACaseHereAndHasAName) {
  std::set<InflateError> made = {InflateError::kSourceFailed, InflateError::kSinkStopped};
  for (const Case& test : all_cases()) {
    made.insert(test.error);
  }
  std::set<std::string> names;
  uint32_t id = 0;
  for (; *name(static_cast<InflateError>(id)) != '\0'; ++id) {
    EXPECT_TRUE(made.contains(static_cast<InflateError>(id)))
        << name(static_cast<InflateError>(id));
    EXPECT_TRUE(names.insert(name(static_cast<InflateError>(id))).second);
  }
  EXPECT_EQ(id, static_cast<uint32_t>(InflateError::kTrailingData) + 1);
}

}  // namespace
}  // namespace flashstore::core
