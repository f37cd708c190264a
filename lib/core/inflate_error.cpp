#include "core/inflate.h"

namespace flashstore::core {

const char* name(InflateError error) {
  switch (error) {
    case InflateError::kNone:
      return "none";
    case InflateError::kSourceFailed:
      return "source-failed";
    case InflateError::kSinkStopped:
      return "sink-stopped";
    case InflateError::kTruncated:
      return "truncated";
    case InflateError::kBadMagic:
      return "bad-magic";
    case InflateError::kBadMethod:
      return "bad-method";
    case InflateError::kReservedFlags:
      return "reserved-flags";
    case InflateError::kEmptyExtra:
      return "empty-extra";
    case InflateError::kHeaderChecksum:
      return "header-checksum";
    case InflateError::kBadBlockType:
      return "bad-block-type";
    case InflateError::kStoredLength:
      return "stored-length";
    case InflateError::kTooManyCodes:
      return "too-many-codes";
    case InflateError::kRepeatWithoutPrevious:
      return "repeat-without-previous";
    case InflateError::kRepeatTooLong:
      return "repeat-too-long";
    case InflateError::kOversubscribedCode:
      return "oversubscribed-code";
    case InflateError::kIncompleteCode:
      return "incomplete-code";
    case InflateError::kNoEndOfBlock:
      return "no-end-of-block";
    case InflateError::kUnusedCode:
      return "unused-code";
    case InflateError::kBadLengthSymbol:
      return "bad-length-symbol";
    case InflateError::kBadDistanceSymbol:
      return "bad-distance-symbol";
    case InflateError::kDistanceBeforeStart:
      return "distance-before-start";
    case InflateError::kDistanceBeyondWindow:
      return "distance-beyond-window";
    case InflateError::kMatchOfFirstByte:
      return "match-of-first-byte";
    case InflateError::kTooMuchOutput:
      return "too-much-output";
    case InflateError::kDataChecksum:
      return "data-checksum";
    case InflateError::kDataSize:
      return "data-size";
    case InflateError::kSecondMember:
      return "second-member";
    case InflateError::kTrailingData:
      return "trailing-data";
  }
  return "";
}

}  // namespace flashstore::core
