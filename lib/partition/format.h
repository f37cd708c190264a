// Partition tables in flash: constants and layouts, nothing else. FORMAT.md beside this file tells
// what they mean; a test holds the two against each other.
//
// All numbers are little-endian; addresses are offsets in the flash chip unless said otherwise.
#pragma once

#include <cstdint>

namespace flashstore::partition {

// --- NodeMCU: the page of records ---
inline constexpr uint32_t kPageAddress = 0x10000;  // the first page of the firmware's text
inline constexpr uint32_t kPageBytes = 4096;
inline constexpr uint32_t kRecordBytes = 4092;  // of the page, for records; the last word stays set
inline constexpr uint32_t kMaxBodyWords = 64;
enum RecordId : uint32_t {
  kDeleted = 0,
  kPartitionTable = 1,
  kPhyData = 2,
  kReflash = 3,
  kFlashLfs = 4,
  kInitString = 5,
  kStartupOption = 6,
  kFree = 0xFF,  // here the records end
};
inline constexpr uint32_t kUnfinishedBit = 0x80;  // of an id: power went while it was written

// --- the table record ---
inline constexpr uint32_t kEntryWords = 3;  // type, address, bytes
inline constexpr uint32_t kMaxEntries = 21;
enum PartitionType : uint32_t {
  kEndMarker = 0,  // last entry of a factory table; its address: where the firmware ends, mapped
  kRfCalibration = 4,
  kPhyInit = 5,
  kSystemParameter = 6,
  kEagleRom = 101,
  kIrom0Text = 102,
  kLfs = 103,
  kLfs1 = 104,
  kTlsCertificates = 105,
  kLilotafs = 106,  // SPIFFS in the original firmware
  kFreezer = 107,   // a second SPIFFS there
};

// --- first boot ---
inline constexpr uint32_t kAllocationBytes = 0x2000;
inline constexpr uint32_t kAllTheRest = 0xFFFFFFFF;  // as the bytes of kLilotafs
inline constexpr uint32_t kFilesAddress = 0x100000;  // of kLilotafs, if it fits there
inline constexpr uint32_t kSystemParameterBytes = 0x3000;
inline constexpr uint32_t kMinFlashBytes = 0x100000;
inline constexpr uint32_t kWindowBytes = 0x100000;     // what the chip maps of its flash
inline constexpr uint32_t kFirmwareBase = 0x40210000;  // where kPageAddress is mapped

// --- the reload record ---
inline constexpr uint32_t kReloadContinuedBit = 1u << 0;  // of its first word; 0: was tried again
inline constexpr uint32_t kReloadOverBit = 1u << 1;       // 0: nothing is left to do
inline constexpr uint32_t kReloadStateMask = 0xFFFFFFFC;  // bits that are always set

// --- the page's backup ---
inline constexpr uint32_t kBackupAddress = 0x11000;
inline constexpr uint32_t kCommitOffset = 4092;  // in the backup: the last word

// --- ESP-IDF: the table ---
inline constexpr uint32_t kIdfAddress = 0x8000;
inline constexpr uint32_t kIdfMaxBytes = 0xC00;
inline constexpr uint32_t kIdfEntryBytes = 32;
inline constexpr uint32_t kIdfEntryMagic = 0x50AA;   // the first two bytes
inline constexpr uint32_t kIdfDigestMagic = 0xEBEB;  // of the entry with the MD5
inline constexpr uint32_t kIdfLabelBytes = 16;
enum IdfEntryByte : uint32_t {
  kIdfMagic = 0,
  kIdfType = 2,
  kIdfSubtype = 3,
  kIdfOffset = 4,
  kIdfSize = 8,
  kIdfLabel = 12,
  kIdfFlags = 28,
  kIdfDigest = 16,
};
inline constexpr uint32_t kIdfLfsType = 0xC2;  // of NodeMCU
inline constexpr uint32_t kIdfLfsSubtype = 1;
enum IdfFlag : uint32_t { kIdfEncrypted = 1, kIdfReadOnly = 2 };

}  // namespace flashstore::partition
