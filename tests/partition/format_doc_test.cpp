// Holds FORMAT.md against format.h.
#include <gtest/gtest.h>

#include "partition/firmware_format.h"
#include "partition/format.h"
#include "support/files.h"
#include "support/format_doc.h"

namespace flashstore::partition {
namespace {

std::string source_file(const std::string& name) {
  return flashstore::test::read_text(FLASHSTORE_SOURCE_DIR "/lib/partition/" + name);
}

#define ENTRY(name) \
  { #name, name }
const flashstore::test::Constants kConstants = {
    ENTRY(kPageAddress),
    ENTRY(kPageBytes),
    ENTRY(kRecordBytes),
    ENTRY(kMaxBodyWords),
    ENTRY(kDeleted),
    ENTRY(kPartitionTable),
    ENTRY(kPhyData),
    ENTRY(kReflash),
    ENTRY(kFlashLfs),
    ENTRY(kInitString),
    ENTRY(kStartupOption),
    ENTRY(kFree),
    ENTRY(kUnfinishedBit),
    ENTRY(kEntryWords),
    ENTRY(kMaxEntries),
    ENTRY(kEndMarker),
    ENTRY(kRfCalibration),
    ENTRY(kPhyInit),
    ENTRY(kSystemParameter),
    ENTRY(kEagleRom),
    ENTRY(kIrom0Text),
    ENTRY(kLfs),
    ENTRY(kLfs1),
    ENTRY(kTlsCertificates),
    ENTRY(kLilotafs),
    ENTRY(kFreezer),
    ENTRY(kAllocationBytes),
    ENTRY(kAllTheRest),
    ENTRY(kFilesAddress),
    ENTRY(kSystemParameterBytes),
    ENTRY(kMinFlashBytes),
    ENTRY(kWindowBytes),
    ENTRY(kFirmwareBase),
    ENTRY(kReloadContinuedBit),
    ENTRY(kReloadOverBit),
    ENTRY(kReloadStateMask),
    ENTRY(kBackupAddress),
    ENTRY(kCommitOffset),
    ENTRY(kIdfAddress),
    ENTRY(kIdfMaxBytes),
    ENTRY(kIdfEntryBytes),
    ENTRY(kIdfEntryMagic),
    ENTRY(kIdfDigestMagic),
    ENTRY(kIdfLabelBytes),
    ENTRY(kIdfMagic),
    ENTRY(kIdfType),
    ENTRY(kIdfSubtype),
    ENTRY(kIdfOffset),
    ENTRY(kIdfSize),
    ENTRY(kIdfLabel),
    ENTRY(kIdfFlags),
    ENTRY(kIdfDigest),
    ENTRY(kIdfEncrypted),
    ENTRY(kIdfReadOnly),
    ENTRY(kIdfLfsType),
    ENTRY(kIdfLfsSubtype),
    ENTRY(kImageMagic),
    ENTRY(kImageSegments),
    ENTRY(kImageFlashMode),
    ENTRY(kImageFlashSizeAndSpeed),
    ENTRY(kImageEntry),
    ENTRY(kMaxImageSegments),
    ENTRY(kImageAlignment),
    ENTRY(kChecksumSeed),
    ENTRY(kImageV2Magic),
    ENTRY(kImageV2Segments),
    ENTRY(kEsp32HeaderBytes),
    ENTRY(kEsp32ChipId),
    ENTRY(kEsp32DigestAppended),
    ENTRY(kEsp32DigestBytes),
    ENTRY(kMarkOffset),
    ENTRY(kMarkBytes),
};
#undef ENTRY

TEST(PartitionFormatDoc, TheTestKnowsEachConstantOfTheHeaders) {
  // Less the texts of marks.
  const std::string headers =
      std::regex_replace(source_file("format.h") + source_file("firmware_format.h"),
                         std::regex("inline constexpr char .*"), "");
  flashstore::test::expect_header_declares(headers, kConstants);
}

TEST(PartitionFormatDoc, TablesHoldEachConstantOnce) {
  flashstore::test::expect_tables_hold(source_file("FORMAT.md"), kConstants);
}

TEST(PartitionFormatDoc, SectionsCodeRefersToExist) {
  flashstore::test::expect_sections(
      source_file("FORMAT.md"), {"Page of records", "Table record", "First boot", "Reload record",
                                 "Backup", "ESP-IDF", "Firmware images", "Our firmware"});
}

}  // namespace
}  // namespace flashstore::partition
