// Holds FORMAT.md against format.h, and its examples against the compiler.
#include <gmock/gmock.h>

#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "luac/compiler.h"
#include "luac/image_writer.h"
#include "luac/master.h"
#include "luac/string_order.h"
#include "luac/strip.h"
#include "luaflash/format.h"
#include "luaflash/freezer_format.h"
#include "luaflash/string_hash.h"
#include "luaflash/verify_stream.h"
#include "luaflash/verify_structure.h"
#include "support/files.h"
#include "support/format_doc.h"
#include "support/image_reader.h"

namespace flashstore {
namespace {

using namespace luaflash;
using test::matches;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::SizeIs;

std::string source_file(const std::string& name) {
  return test::read_text(FLASHSTORE_SOURCE_DIR "/lib/luaflash/" + name);
}

#define ENTRY(name) \
  { #name, name }
const test::Constants kConstants = {
    ENTRY(kWordBytes),
    ENTRY(kSignatureFixed),
    ENTRY(kSignatureFixedMask),
    ENTRY(kVersionMask),
    ENTRY(kVersion),
    ENTRY(kVersionAttach),
    ENTRY(kAbsoluteBit),
    ENTRY(kIntegerBit),
    ENTRY(kPackedBit),
    ENTRY(kInProgressBit),
    ENTRY(kSignatureFloat),
    ENTRY(kSignatureInt),
    ENTRY(kSignatureDword),
    ENTRY(kHeaderWords),
    ENTRY(kHeaderSignature),
    ENTRY(kHeaderSize),
    ENTRY(kHeaderMain),
    ENTRY(kHeaderHashVector),
    ENTRY(kHeaderStringCount),
    ENTRY(kHeaderHashSlots),
    ENTRY(kHeaderBase),
    ENTRY(kHeaderCheck),
    ENTRY(kTagNil),
    ENTRY(kTagBoolean),
    ENTRY(kTagNumber),
    ENTRY(kTagString),
    ENTRY(kStringHeaderWords),
    ENTRY(kStringMark),
    ENTRY(kStringNext),
    ENTRY(kStringTypeMark),
    ENTRY(kStringHash),
    ENTRY(kStringLength),
    ENTRY(kProtoWords),
    ENTRY(kProtoNext),
    ENTRY(kProtoTypeMark),
    ENTRY(kProtoConstants),
    ENTRY(kProtoCode),
    ENTRY(kProtoChildren),
    ENTRY(kProtoLineMap),
    ENTRY(kProtoLocals),
    ENTRY(kProtoUpvalueNames),
    ENTRY(kProtoSource),
    ENTRY(kProtoUpvalueNameCount),
    ENTRY(kProtoConstantCount),
    ENTRY(kProtoCodeCount),
    ENTRY(kProtoChildCount),
    ENTRY(kProtoLocalCount),
    ENTRY(kProtoLineDefined),
    ENTRY(kProtoLastLineDefined),
    ENTRY(kProtoGcList),
    ENTRY(kProtoTraits),
    ENTRY(kLocalWords),
    ENTRY(kLocalName),
    ENTRY(kLocalStartPc),
    ENTRY(kLocalEndPc),
    ENTRY(kLineDeltaBit),
    ENTRY(kLineBackBit),
    ENTRY(kLineFirstBits),
    ENTRY(kLineMoreBits),
    ENTRY(kLineMaxCount),
    ENTRY(kLineFiller),
    ENTRY(kSignatureMarch2018),
    ENTRY(kVersionApril2018),
    ENTRY(kOldTagNumber),
    ENTRY(kOldTagString),
    ENTRY(kOldStringMark),
    ENTRY(kChainedProtoMark),
    ENTRY(kChainTargetMask),
    ENTRY(kChainNextShift),
    ENTRY(kMaxImageWords),
    ENTRY(kFlashWindow),
    ENTRY(kFlashWindowBytes),
    ENTRY(kMinAbsoluteBase),
    ENTRY(kMaxBackReference),
    ENTRY(kMinFileBytes),
};
const test::Constants kFreezerConstants = {
    ENTRY(kFreezerHeaderWords),   ENTRY(kFreezerMagicWord),  ENTRY(kFreezerMagic),
    ENTRY(kFreezerFlavour),       ENTRY(kFreezerBase),       ENTRY(kFreezerBytes),
    ENTRY(kFreezerLfs),           ENTRY(kFreezerClear),      ENTRY(kFreezerStringSlots),
    ENTRY(kFreezerFunctionSlots), ENTRY(kFreezerEndOfChain), ENTRY(kFreezerFirstBlock),
    ENTRY(kFunctionMark),
};
#undef ENTRY

// The lines of the fenced blocks "```kind".
std::vector<std::string> blocks(const std::string& kind) {
  std::istringstream page(source_file("FORMAT.md"));
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (inside && line == "```") {
      inside = false;
    } else if (inside) {
      found.back() += line + "\n";
    } else if (line == "```" + kind) {
      inside = true;
      found.emplace_back();
    }
  }
  return found;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

luac::Function compile(const std::string& text, const std::string& name) {
  auto result = luac::compile(text, name, luac::Flavour::kFloat);
  luac::strip(result.value().main, luac::Strip::kNames);
  return std::move(result.value().main);
}

TEST(FormatDoc, TheTestKnowsEachConstantOfTheHeader) {
  test::expect_header_declares(source_file("format.h"), kConstants);
  test::expect_header_declares(source_file("freezer_format.h"), kFreezerConstants);
}

TEST(FormatDoc, TablesHoldEachConstantOnce) {
  test::Constants all = kConstants;
  all.insert(kFreezerConstants.begin(), kFreezerConstants.end());
  test::expect_tables_hold(source_file("FORMAT.md"), all);
}

TEST(FormatDoc, SectionsCodeRefersToExist) {
  test::expect_sections(
      source_file("FORMAT.md"),
      {"Flavours", "Envelope", "Header", "Addresses", "Strings", "Order of strings", "Constants",
       "Functions", "Line map", "Master function", "Order in the image", "Limits",
       "What a device checks", "How a device reloads", "Freezer", "Images to attach",
       "What is checked", "Earlier generations"});
}

// The names in the table of findings that begins behind `start`.
std::vector<std::string> findings(const std::string& start) {
  const std::string page = source_file("FORMAT.md");
  const size_t begin = page.find("| finding |", page.find(start));
  const std::string table = page.substr(begin, page.find("\n\n", begin) - begin);
  std::vector<std::string> names;
  for (const std::smatch& row : matches(table, std::regex("\n\\| `([a-z-]+)` \\|"))) {
    names.push_back(row[1]);
  }
  return names;
}

TEST(FormatDoc, TablesHoldEachFindingInOrder) {
  std::vector<std::string> stream;
  for (int i = 1; i <= static_cast<int>(StreamFinding::kBitmapEnd); ++i) {
    const auto finding = static_cast<StreamFinding>(i);
    if (finding != StreamFinding::kEnvelope) {
      stream.emplace_back(name(StreamVerdict{.finding = finding}));
    }
  }
  EXPECT_EQ(findings("*Stream*"), stream);
  std::vector<std::string> structure;
  for (int i = 1; i <= static_cast<int>(StructureFinding::kBitmap); ++i) {
    const auto finding = static_cast<StructureFinding>(i);
    if (finding != StructureFinding::kNoRoom) {  // the caller's doing
      structure.emplace_back(name(finding));
    }
  }
  EXPECT_EQ(findings("*Structure*"), structure);
}

TEST(FormatDocExamples, StringsArePlacedAsTabled) {
  const std::string page = source_file("FORMAT.md");
  const size_t table = page.find("| inserted | placed |");
  ASSERT_NE(table, std::string::npos);
  const std::string rest = page.substr(table, page.find("\n\n", table) - table);
  const auto rows = matches(rest, std::regex("\\| ([a-z ]+) \\| ([a-z ]+) \\|"));
  ASSERT_GE(rows.size(), 4u + 1);
  for (size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string> inserted = words(rows[i][1]);
    std::vector<uint32_t> hashes;
    for (const std::string& word : inserted) {
      hashes.push_back(string_hash(word));
    }
    std::vector<std::string> placed;
    for (const uint32_t index : luac::placement_order(hashes)) {
      placed.push_back(inserted[index]);
    }
    EXPECT_THAT(placed, ElementsAreArray(words(rows[i][2])));
  }
}

TEST(FormatDocExamples, LineMapsAreThoseOfTheirSources) {
  const std::vector<std::string> sources = blocks("lua");
  const std::vector<std::string> maps = blocks("map");
  ASSERT_THAT(sources, SizeIs(2));
  ASSERT_THAT(maps, SizeIs(sources.size()));
  for (size_t i = 0; i < sources.size(); ++i) {
    std::string map;
    for (const std::smatch& entry : matches(maps[i], std::regex("(?:^|\n)((?:[0-9A-F]{2} )+) "))) {
      for (const std::string& byte : words(entry[1])) {
        map += static_cast<char>(std::stoul(byte, nullptr, 16));
      }
    }
    EXPECT_EQ(compile(sources[i], "@example.lua").line_map, map) << sources[i];
  }
}

TEST(FormatDocExamples, TheWholeImageIsTheOneCompiled) {
  const std::vector<std::string> dumps = blocks("image");
  ASSERT_THAT(dumps, SizeIs(1));
  std::vector<uint8_t> bytes;
  std::istringstream dump(dumps[0]);
  for (std::string line; std::getline(dump, line);) {
    EXPECT_EQ(std::stoul(line, nullptr, 16) * kWordBytes, bytes.size()) << line;
    std::smatch row;
    ASSERT_TRUE(std::regex_search(line, row, std::regex("^[0-9A-F]{2} ((?: [0-9A-F]{8})+)")))
        << line;
    for (const std::string& word : words(row[1])) {
      const unsigned long value = std::stoul(word, nullptr, 16);
      for (int shift = 0; shift < 32; shift += 8) {
        bytes.push_back(static_cast<uint8_t>(value >> shift));
      }
    }
  }
  const luac::Function master =
      luac::make_master({luac::make_module(compile("print \"hi\"\n", "@hi.lua"))}, 1518283691);
  EXPECT_EQ(bytes, luac::write_image(master, luac::Flavour::kFloat).payload);
  EXPECT_EQ(test::read_image(bytes).strings.size(), 5u);
}

}  // namespace
}  // namespace flashstore
