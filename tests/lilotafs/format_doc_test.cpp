// Holds FORMAT.md against format.h, and its example against what is written.
#include <gmock/gmock.h>

#include <sstream>
#include <string>

#include "lilotafs/format.h"
#include "support/files.h"
#include "support/format_doc.h"

namespace flashstore {
namespace {

using namespace lilotafs;

std::string source_file(const std::string& name) {
  return test::read_text(FLASHSTORE_SOURCE_DIR "/lib/lilotafs/" + name);
}

#define ENTRY(name) \
  { #name, name }
const test::Constants kConstants = {
    ENTRY(kSectorBytes),      ENTRY(kMinSectors),
    ENTRY(kAlignment),        ENTRY(kExecutableAlignment),
    ENTRY(kHeaderBytes),      ENTRY(kMagic),
    ENTRY(kStatus),           ENTRY(kCheck),
    ENTRY(kLength),           ENTRY(kName),
    ENTRY(kLengthOpen),       ENTRY(kMaxNameBytes),
    ENTRY(kEmptyRecordBytes), ENTRY(kOriginalTailBytes),
    ENTRY(kMagicRecord),      ENTRY(kMagicNextHead),
    ENTRY(kMagicHead),        ENTRY(kMagicWrap),
    ENTRY(kMagicPassed),      ENTRY(kStatusErased),
    ENTRY(kStatusOpen),       ENTRY(kStatusCommitted),
    ENTRY(kStatusMigrating),  ENTRY(kStatusWrap),
    ENTRY(kStatusWear),       ENTRY(kStatusDeleted),
    ENTRY(kStatusDying),      ENTRY(kCheckErased),
    ENTRY(kCheckNone),        ENTRY(kCheckPolynomial),
    ENTRY(kCheckInitial),     ENTRY(kCheckEscape),
};
#undef ENTRY

// The one array, drawn instead of tabled.
const std::string kArray = "inline constexpr uint8_t kFirstHead[] = ";

TEST(LilotafsFormatDoc, TheTestKnowsEachConstantOfTheHeader) {
  std::string header = source_file("format.h");
  const size_t array = header.find(kArray);
  ASSERT_NE(array, std::string::npos);
  test::expect_header_declares(header.erase(array, kArray.size()), kConstants);
}

TEST(LilotafsFormatDoc, TablesHoldEachConstantOnce) {
  test::expect_tables_hold(source_file("FORMAT.md"), kConstants);
}

TEST(LilotafsFormatDoc, TheFirstHeadIsTheOneDrawn) {
  std::string drawn;
  char text[4];
  for (const uint8_t byte : kFirstHead) {
    std::snprintf(text, sizeof text, "%02X ", byte);
    drawn += drawn.size() == kHeaderBytes * 3 ? std::string("| ") + text : text;
  }
  drawn.pop_back();
  EXPECT_NE(source_file("FORMAT.md").find("`" + drawn + "`"), std::string::npos) << drawn;
}

TEST(LilotafsFormatDoc, SectionsCodeRefersToExist) {
  test::expect_sections(source_file("FORMAT.md"),
                        {"Record", "Magic", "Status", "Special records", "Chain",
                         "Order of programming", "Check byte", "Moving the head", "Free space",
                         "Recovery", "What cannot be decided", "Living with the original"});
}

}  // namespace
}  // namespace flashstore
