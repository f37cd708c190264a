#include "findings.h"

#include <algorithm>
#include <array>

namespace flashstore::lfsimg {
namespace {

// Effects.
constexpr std::string_view kRefused = "a device refuses this before it erases anything";
constexpr std::string_view kChecksum =
    "the original firmware refuses this for its checksum, if it gets that far";
constexpr std::string_view kLuck = "the original firmware takes this, by luck; do not count on it";
constexpr std::string_view kLuckOrCrash = "the original firmware takes this by luck, or crashes";
constexpr std::string_view kRefusedOrCrash =
    "a device refuses this before it erases anything, or crashes of it";
constexpr std::string_view kNoImageOrFault =
    "the original firmware writes this and boots without it, or faults at every boot";
constexpr std::string_view kBootFault =
    "the original firmware writes this and faults at every boot";
constexpr std::string_view kOldTags =
    "firmware since then takes this, and takes its numbers and strings for something else";
constexpr std::string_view kNeverFound =
    "the original firmware takes this and does not find the string";
constexpr std::string_view kStrange =
    "the original firmware may take this, but no compiler wrote it";
constexpr std::string_view kRunFault =
    "the original firmware writes this and faults when it gets there";

// Ways out.
constexpr std::string_view kCopyAgain = "copy the file again, or build it anew with luac.cross -f";
constexpr std::string_view kCompressAgain =
    "'lfsimg relocate --relocatable -o OUT IMG' compresses it anew, the way devices read";
constexpr std::string_view kSmallWindow =
    "gzip's own window is 32 KiB; 'lfsimg relocate --relocatable -o OUT IMG' compresses it anew";
constexpr std::string_view kBuildAgain = "build it anew with luac.cross -f";

constexpr std::array kFindings = {
    // the file
    Finding{"no-partition", "the device has no LFS partition", kRefused,
            "firmware with an LFS partition is needed"},
    Finding{"empty", "the file is empty", kRefused, kCopyAgain},
    Finding{"absolute-image", "this is an absolute image, for flashing", kRefused, ""},
    Finding{"payload-image", "this is an image that is not compressed", kRefused, kCompressAgain},
    Finding{"chained-image", "this is an image for firmware of early 2018", kRefused, kBuildAgain},
    Finding{
        "short-file", "the file has no more than 200 bytes", kRefused,
        "luac.cross -f writes no file that short; a comment in the gzip header makes it longer"},
    // the envelope
    Finding{"truncated", "the file ends within the gzip envelope", kRefused, kCopyAgain},
    Finding{"bad-magic", "this is no gzip file", kRefused, kCopyAgain},
    Finding{"bad-method", "the gzip header names an unknown method", kRefused, kCopyAgain},
    Finding{"reserved-flags", "the gzip header has flags that mean nothing", kRefused, kCopyAgain},
    Finding{"empty-extra", "the gzip header has an extra field without content", kRefused,
            kCompressAgain},
    Finding{"bad-block-type", "a block of the compressed data is of no known type", kRefused,
            kCopyAgain},
    Finding{"stored-length", "the length of a stored block is wrong", kRefused, kCopyAgain},
    Finding{"too-many-codes", "a block announces more codes than there can be", kChecksum,
            kCopyAgain},
    Finding{"repeat-without-previous", "a block repeats a code length before the first", kChecksum,
            kCopyAgain},
    Finding{"repeat-too-long", "a block repeats a code length too often", kChecksum, kCopyAgain},
    Finding{"oversubscribed-code", "a block has more codes of a length than there can be",
            kChecksum, kCopyAgain},
    Finding{"incomplete-code", "a block leaves codes without a meaning", kChecksum, kCopyAgain},
    Finding{"no-end-of-block", "a block has no code for its end", kChecksum, kCopyAgain},
    Finding{"unused-code", "a code in the compressed data has no meaning", kChecksum, kCopyAgain},
    Finding{"bad-length-symbol", "the compressed data has a length symbol that does not exist",
            kLuckOrCrash, kCopyAgain},
    Finding{"bad-distance-symbol", "the compressed data has a distance symbol that does not exist",
            kLuck, kCopyAgain},
    Finding{"distance-before-start", "a match reaches back before the beginning of the data",
            kRefused, kCopyAgain},
    Finding{"distance-beyond-window", "a match reaches back farther than the 16 KiB a device keeps",
            kRefused, kSmallWindow},
    Finding{"match-of-first-byte", "a match refers to the first byte of the data", kRefused,
            kCompressAgain},
    Finding{"too-much-output", "this is larger than any image", kRefused, ""},
    Finding{"data-checksum", "the checksum is not that of the data", kRefused, kCopyAgain},
    Finding{"data-size", "the length at the end of the file is not that of the data",
            kRefusedOrCrash, kCopyAgain},
    Finding{"second-member", "a second gzip member follows the first", kLuck, kCopyAgain},
    Finding{"trailing-data", "something follows the gzip member", kRefused,
            "cut off what was appended"},
    // the header
    Finding{"signature", "this is no image of Lua 5.1", kRefused, kBuildAgain},
    Finding{"version", "the image is of another version of the format", kRefused, kBuildAgain},
    Finding{"in-progress", "the image is marked as half written", kRefused, kBuildAgain},
    Finding{"absolute", "the image is marked as relocated, and is not", kLuck, kBuildAgain},
    Finding{"flavour", "the image is for firmware with other numbers", kRefused, ""},
    Finding{"too-large", "the image is larger than the LFS partition", kRefused,
            "'lfsimg size' tells what takes the space"},
    Finding{"size", "the size in the header is none an image can have", kRefused, kBuildAgain},
    Finding{"hash-vector", "the hash vector is not behind the header", kBootFault, kBuildAgain},
    Finding{"hash-slots", "the number of hash slots does not go with the number of strings",
            kRunFault, kBuildAgain},
    // the rest of the payload
    Finding{"payload-length", "what was compressed is not an image with its relocation bitmap",
            kRefused, kBuildAgain},
    Finding{"strings", "the strings lead out of the image", kRunFault, kBuildAgain},
    Finding{"main", "the main function lies outside the image", kNoImageOrFault, kBuildAgain},
    Finding{"header-addresses", "the relocation bitmap does not mark the addresses in the header",
            kBootFault, kBuildAgain},
    Finding{"address", "an address leads to nothing in the image", kRunFault, kBuildAgain},
    Finding{"bitmap-end", "the relocation bitmap marks what is behind the image", kLuck,
            kBuildAgain},
    Finding{"old-tags", "the image has the types of firmware from before April 2020", kOldTags,
            kBuildAgain},
    // the structure
    Finding{"string", "a string is none", kRunFault, kBuildAgain},
    Finding{"padding", "what follows a string is not its end", kRunFault, kBuildAgain},
    Finding{"hash", "a string's hash is not its own", kNeverFound, kBuildAgain},
    Finding{"bucket", "a bucket of the hash vector leads astray", kRunFault, kBuildAgain},
    Finding{"bucket-size", "a bucket of the hash vector has more strings than any image", kStrange,
            kBuildAgain},
    Finding{"duplicate", "a string is there twice", kNeverFound, kBuildAgain},
    Finding{"lost-string", "a string is in no bucket", kNeverFound, kBuildAgain},
    Finding{"proto", "there is no function where one should be", kRunFault, kBuildAgain},
    Finding{"vector", "a part of a function is not where it should be", kRunFault, kBuildAgain},
    Finding{"string-address", "an address leads to no string", kRunFault, kBuildAgain},
    Finding{"constant", "a constant is none", kRunFault, kBuildAgain},
    Finding{"local", "a local variable is alive where there is no code", kRunFault, kBuildAgain},
    Finding{"upvalue-names", "a function has names for some of its upvalues", kRunFault,
            kBuildAgain},
    Finding{"code", "an instruction is none a device can run", kRunFault, kBuildAgain},
    Finding{"line-map", "a line map does not fit its function", kRunFault, kBuildAgain},
    Finding{"child", "a function inside another is not where it should be", kRunFault, kBuildAgain},
    Finding{"gap", "some words belong to nothing", kStrange, kBuildAgain},
    Finding{"bitmap", "the relocation bitmap does not mark the image's addresses and nothing else",
            kRunFault, kBuildAgain},
    // flashed as it is: what that leads to is the same for each flaw
    Finding{"relocatable-image", "this is a relocatable image: flashed as it is, it is none", "",
            ""},
    Finding{"other-base", "the image is for another address", "", ""},
    Finding{"behind-window",
            "the image ends behind the first MiB of flash, which is all a device maps", "",
            "give the LFS partition a lower address"},
};

}  // namespace

const Finding& finding(std::string_view id) {
  static constexpr Finding kUnknown{"", "", "", ""};
  const auto found = std::find_if(kFindings.begin(), kFindings.end(),
                                  [&](const Finding& each) { return each.id == id; });
  return found == kFindings.end() ? kUnknown : *found;
}

}  // namespace flashstore::lfsimg
