// The LFS image format: constants and layouts, nothing else. FORMAT.md beside this file tells what
// they mean; a test holds the two against each other.
//
// A word is 32 bits, little-endian. An offset is a number of words from the start of the image.
#pragma once

#include <cstdint>

namespace flashstore::luaflash {

inline constexpr uint32_t kWordBytes = 4;

// --- signature: word 0 of an image ---
inline constexpr uint32_t kSignatureFixed = 0xFAFAA050;
inline constexpr uint32_t kSignatureFixedMask = 0xFFFFF0F0;
inline constexpr uint32_t kVersionMask = 0x00000F00;
inline constexpr uint32_t kVersion = 0x00000100;
inline constexpr uint32_t kVersionAttach = 0x00000A00;  // of an image to attach
inline constexpr uint32_t kAbsoluteBit = 1u << 0;
inline constexpr uint32_t kIntegerBit = 1u << 1;     // numbers are int32
inline constexpr uint32_t kPackedBit = 1u << 2;      // TValues take 12 bytes
inline constexpr uint32_t kInProgressBit = 1u << 3;  // only ever on a device: being written
inline constexpr uint32_t kSignatureFloat = kSignatureFixed | kVersion | kPackedBit;
inline constexpr uint32_t kSignatureInt = kSignatureFixed | kVersion | kIntegerBit;
inline constexpr uint32_t kSignatureDword = kSignatureFixed | kVersion;

// --- header: 8 words ---
inline constexpr uint32_t kHeaderWords = 8;
enum HeaderWord : uint32_t {
  kHeaderSignature = 0,
  kHeaderSize = 1,        // bytes of the image, a multiple of 4
  kHeaderMain = 2,        // address of the master function's Proto
  kHeaderHashVector = 3,  // address of the hash vector: it follows the header
  kHeaderStringCount = 4,
  kHeaderHashSlots = 5,  // a power of two greater than the number of strings
  // of an image to attach; else 0
  kHeaderBase = 6,   // CRC-32 of the image it goes with, without word 0; 0: it goes with none
  kHeaderCheck = 7,  // CRC-32 of the image itself, without this word
};

// --- tags of a TValue ---
enum Tag : uint32_t { kTagNil = 0, kTagBoolean = 1, kTagNumber = 3, kTagString = 4 };

// --- string: header of 4 words, bytes, NUL, zeros up to a word ---
inline constexpr uint32_t kStringHeaderWords = 4;
inline constexpr uint32_t kStringMark =
    0x00004004;  // byte 0: type tag; byte 1: mark, bit 6 "in flash"
enum StringWord : uint32_t {
  kStringNext = 0,  // next string of the bucket, or 0
  kStringTypeMark = 1,
  kStringHash = 2,
  kStringLength = 3,
};

// --- Proto: 18 words ---
inline constexpr uint32_t kProtoWords = 18;
enum ProtoWord : uint32_t {
  kProtoNext = 0,
  kProtoTypeMark = 1,  // 0: neither type nor mark
  kProtoConstants = 2,
  kProtoCode = 3,
  kProtoChildren = 4,
  kProtoLineMap = 5,  // address of the first byte, not of the string that holds it
  kProtoLocals = 6,
  kProtoUpvalueNames = 7,
  kProtoSource = 8,
  kProtoUpvalueNameCount = 9,
  kProtoConstantCount = 10,
  kProtoCodeCount = 11,
  kProtoChildCount = 12,
  kProtoLocalCount = 13,
  kProtoLineDefined = 14,
  kProtoLastLineDefined = 15,
  kProtoGcList = 16,
  kProtoTraits = 17,  // nups | numparams << 8 | is_vararg << 16 | maxstack << 24
};

// --- local variable: 3 words ---
inline constexpr uint32_t kLocalWords = 3;
enum LocalWord : uint32_t { kLocalName = 0, kLocalStartPc = 1, kLocalEndPc = 2 };

// --- line map: a NUL-terminated run of [delta] count ---
inline constexpr uint8_t kLineDeltaBit = 0x80;  // this byte belongs to a delta
inline constexpr uint8_t kLineBackBit = 0x40;   // first byte of a delta: towards lower lines
inline constexpr uint32_t kLineFirstBits = 6;   // value bits in the first byte of a delta
inline constexpr uint32_t kLineMoreBits = 7;    // value bits in each further byte
inline constexpr uint32_t kLineMaxCount = 126;  // instructions one count byte can stand for
inline constexpr uint8_t kLineFiller = 0x7F;

// --- earlier generations ---
inline constexpr uint32_t kSignatureMarch2018 = 0xFAFAAF00;  // the only one of its generation
inline constexpr uint32_t kVersionApril2018 = 0x00000F00;
inline constexpr uint32_t kOldTagNumber = 5;  // all that came before April 2020
inline constexpr uint32_t kOldTagString = 6;
inline constexpr uint32_t kOldStringMark = 0x00004006;
inline constexpr uint32_t kChainedProtoMark = 0x0000410B;  // low half of word kProtoTypeMark
inline constexpr uint32_t kChainTargetMask = 0x0000FFFF;   // of an address word: its target
inline constexpr uint32_t kChainNextShift = 16;  // of an address word: the next address word

// --- limits and addresses ---
inline constexpr uint32_t kMaxImageWords = 65536;
inline constexpr uint32_t kFlashWindow =
    0x40200000;  // the ESP8266 maps the first MiB of flash here
inline constexpr uint32_t kFlashWindowBytes = 0x100000;
inline constexpr uint32_t kMinAbsoluteBase =
    0x40210000;  // absolute images: base in [this, this + 1 MiB]
inline constexpr uint32_t kMaxBackReference = 16384;  // gzip: the device's window
inline constexpr uint32_t kMinFileBytes = 201;        // shorter files are refused unread

}  // namespace flashstore::luaflash
