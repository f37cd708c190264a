// The lilotafs format: constants and layouts, nothing else. FORMAT.md beside this file tells what
// they mean; a test holds the two against each other.
//
// Addresses count bytes from the start of the partition. Integers are little-endian.
#pragma once

#include <cstdint>

#include "core/nor_flash.h"

namespace flashstore::lilotafs {

// --- the partition ---
inline constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;
inline constexpr uint32_t kMinSectors = 3;
inline constexpr uint32_t kAlignment = 8;                  // of records and of data
inline constexpr uint32_t kExecutableAlignment = 0x10000;  // of the data of files named *.bin

// --- record: header, name and its NUL, gap, data, gap ---
inline constexpr uint32_t kHeaderBytes = 8;
enum HeaderByte : uint32_t {
  kMagic = 0,   // 2 bytes
  kStatus = 2,  // 1 byte
  kCheck = 3,   // 1 byte
  kLength = 4,  // 4 bytes: of the data; kLengthOpen until the file is closed
  kName = 8,
};
inline constexpr uint32_t kLengthOpen = 0xFFFFFFFF;
inline constexpr uint32_t kMaxNameBytes = 63;       // without the NUL
inline constexpr uint32_t kEmptyRecordBytes = 16;   // neither name nor data
inline constexpr uint32_t kOriginalTailBytes = 72;  // the original reads as much at the tail

// --- magic ---
inline constexpr uint16_t kMagicRecord = 0x5AA5;
inline constexpr uint16_t kMagicNextHead = 0x5AA0;
inline constexpr uint16_t kMagicHead = 0x5A00;
inline constexpr uint16_t kMagicWrap = 0x5AFA;
inline constexpr uint16_t kMagicPassed = 0x0000;

// --- status ---
inline constexpr uint8_t kStatusErased = 0xFF;
inline constexpr uint8_t kStatusOpen = 0xFE;
inline constexpr uint8_t kStatusCommitted = 0xFC;
inline constexpr uint8_t kStatusMigrating = 0xF8;
inline constexpr uint8_t kStatusWrap = 0xF0;
inline constexpr uint8_t kStatusWear = 0xE0;
inline constexpr uint8_t kStatusDeleted = 0x00;
inline constexpr uint8_t kStatusDying = 0x7F;  // the bits the first step to kStatusDeleted keeps

// --- check byte: a CRC-8 of name, length and data ---
inline constexpr uint8_t kCheckErased = 0xFF;
inline constexpr uint8_t kCheckNone = 0x00;
inline constexpr uint8_t kCheckPolynomial = 0x2F;  // most significant bit first
inline constexpr uint8_t kCheckInitial = 0xFF;
inline constexpr uint8_t kCheckEscape = 0x01;  // turned over in a sum that would mean "none"

// --- the head of a new partition ---
inline constexpr uint8_t kFirstHead[] = {0x00, 0x5A, 0xFC, 0, 0, 0, 0, 0, 0};

}  // namespace flashstore::lilotafs
