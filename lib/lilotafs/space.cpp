#include "lilotafs/space.h"

#include <algorithm>

#include "lilotafs/volume.h"

namespace flashstore::lilotafs {
namespace {

constexpr uint32_t kWearMarkerBytes = 32;  // as worst_size() would have it
// New files leave as much free as the largest takes, up to this part of the partition: to replace
// files with when no new one fits.
constexpr uint32_t kSpareShare = 16;

// The most that lives in records which begin in one sector.
uint32_t moved(const Demand& demand) {
  return std::min(kSectorBytes + demand.largest_after(), demand.live + demand.bytes);
}

uint32_t spare(uint32_t size, const Demand& demand) {
  return demand.grows() ? std::min(demand.largest_after(), size / kSpareShare) : 0;
}

// With `lost` bytes that no file can have.
bool fits_losing(uint32_t size, const Demand& demand, uint32_t lost) {
  const uint32_t largest = demand.largest_after();
  if (demand.live > size || largest > size) {
    return false;
  }
  const uint32_t left = std::max(moved(demand), demand.old + kWearMarkerBytes + 2 * largest);
  return demand.live + demand.bytes + spare(size, demand) + left + lost <= size;
}

}  // namespace

// A part of the head's sector in front of it, and what is too short for a record at the end.
bool could_fit(uint32_t size, const Demand& demand) {
  const uint32_t end = std::min(demand.largest_after(), kSectorBytes);
  return fits_losing(size, demand, kSectorBytes + end + kOriginalTailBytes);
}

// The end may be too short for the largest record, and garbage of a sector is not worth reclaiming.
bool always_fits(uint32_t size, const Demand& demand) {
  const uint32_t end = std::min(demand.largest_after(), size);
  return fits_losing(size, demand, 2 * kSectorBytes + end + kOriginalTailBytes);
}

// Puts a record of up to `bytes` at the place or, where it does not fit, at 0.
bool Volume::put(Place& place, uint32_t bytes) const {
  const uint32_t upper_end = window_.size() - kOriginalTailBytes;
  if (bytes > window_.size()) {
    return false;
  }
  if (!place.wrapped && place.position + bytes > upper_end) {
    place = {0, true};
  }
  place.position = round_up(place.position + bytes, kAlignment);
  return !place.wrapped || place.position <= sector_of(log_.head);
}

// As the original asks: the old version, a wear marker, and the largest record twice. Beyond that,
// what is to be moved to empty the head's sector; and where the files come to take more than
// before, what it takes to replace one of them when nothing more fits.
bool Volume::leaves_room(Place place, const Demand& demand) const {
  const uint32_t lower = sector_of(log_.head);
  if (place.wrapped && place.position > lower) {
    return false;
  }
  const uint32_t largest = demand.largest_after();
  const uint32_t upper = window_.size() - kOriginalTailBytes;
  const uint32_t free =
      place.wrapped ? lower - place.position : lower + upper - std::min(upper, place.position);
  return free >= moved(demand) + (place.wrapped ? 0 : largest) &&
         put(place, spare(window_.size(), demand)) && put(place, demand.old) &&
         put(place, kWearMarkerBytes) && put(place, largest) && put(place, largest);
}

bool Volume::fits(const Demand& demand) const {
  Place place = tail_place();
  return put(place, demand.bytes) && leaves_room(place, demand);
}

// Bytes from the head to the tail, along the ring.
uint32_t Volume::used() const {
  return place(log_.tail) + (log_.tail < log_.head ? window_.size() : 0);
}

Error Volume::make_room(const Demand& demand, uint32_t wish) {
  if (demand.grows() && !could_fit(window_.size(), demand)) {
    return Error::kNoSpace;
  }
  if (const Error error = check_tail(); error != Error::kOk) {
    return error;
  }
  Demand wanted = demand;
  wanted.bytes = std::max(wish, demand.bytes);
  if (!could_fit(window_.size(), wanted)) {
    wanted = demand;
  }
  // As long as a sector is to be gained; a whole turn of the ring reclaims all there is.
  for (uint32_t turns = window_.size() / kSectorBytes;
       turns > 0 && !fits(wanted) && used() >= demand.live + kSectorBytes; --turns) {
    const Error error = reclaim();
    if (error == Error::kNoSpace) {
      break;
    }
    if (error != Error::kOk) {
      return error;
    }
  }
  return fits(demand) ? Error::kOk : Error::kNoSpace;
}

core::Result<Space, Error> Volume::space() {
  if (!mounted_) {
    return Error::kNotMounted;
  }
  if (const Error error = look_up({}); error != Error::kOk) {
    return error;
  }
  Space space{window_.size(), found_.live_bytes, 0};
  // The largest file that always_fits(): found by halving, for it is itself what has to be left
  // free.
  const uint32_t overhead = kHeaderBytes + kMaxNameBytes + 1 + 2 * kAlignment;
  for (uint32_t step = space.total; step > 0; step /= 2) {
    if (always_fits(space.total,
                    {space.free + step + overhead, 0, found_.live_bytes, found_.largest})) {
      space.free += step;
    }
  }
  return space;
}

}  // namespace flashstore::lilotafs
