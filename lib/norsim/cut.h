// Where the power goes, and what it leaves of the operation under way.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "norsim/operation.h"

namespace flashstore::norsim {

// A chip programs in pages: the bytes of one page may be done in any order.
constexpr uint32_t kPageBytes = 256;

// Its text is an id that brings the same cut again: the number of the operation, a letter, and what
// the letter asks for: "12b5", "12t0.3c", "12u1f". Numbers are decimal, bits and seeds hexadecimal.
struct Cut {
  enum class Where : char {
    kBefore = 'b',    // byte `index` and what follows are not programmed; 0 also before an erase
    kTorn = 't',      // of byte `index` only the bits `detail` are programmed, nothing after it
    kPage = 'p',      // of page `index` some bits, chosen by the seed `detail`; nothing after it
    kFront = 'f',     // the first half of the sector is erased
    kRear = 'r',      // the second half
    kZeroed = 'z',    // all bits are 0: many chips program a sector before they erase it
    kUnstable = 'u',  // each 0 bit, by the seed `detail`: as it was, or 1, or unstable
    kAfter = 'a',     // the whole operation is done
  };

  uint32_t operation = 0;  // counted from 0 since power came
  Where where = Where::kBefore;
  uint32_t index = 0;
  uint32_t detail = 0;

  bool operator==(const Cut&) const = default;
};

// A cut, then one in the recovery from it, and so on: "12b5/3a".
using CutPath = std::vector<Cut>;

std::string to_string(const Cut& cut);
std::string to_string(std::span<const Cut> path);
// nullopt: not an id. What to_string() makes of it is the same text.
std::optional<CutPath> parse_cuts(std::string_view text);

// Does of `operation` what `cut` leaves of it. Throws std::invalid_argument if the operation has no
// such byte, page or state.
void perform_cut(Contents& contents, const Operation& operation, const Cut& cut);

// How many of the cuts in an operation to try. Always: before and after an erase, and each way to
// half-erase.
struct CutChoice {
  // Programs of up to so many bytes break before each byte that changes anything, and get it torn
  // in every way (sub-masks of the bits that change).
  uint32_t metadata_bytes = 8;
  // Longer ones break before so many of their bytes, the first, the second and the last among them,
  // and get so many torn, each in one way.
  uint32_t data_breaks = UINT32_MAX;
  uint32_t torn = 8;
  uint32_t pages = 1;     // seeds for each page of a program of more than one byte
  uint32_t unstable = 2;  // seeds for each erase
  uint64_t seed = 1;      // of the choice itself
};

// The cuts in the operation `number`, in ascending order of what is done. Cuts that leave the same
// bytes as another of the list, or as the one before or after the operation, may be left out.
std::vector<Cut> cuts_of(uint32_t number, const Operation& operation, const Contents& before,
                         const CutChoice& choice);

}  // namespace flashstore::norsim
