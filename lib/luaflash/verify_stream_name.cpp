#include "luaflash/verify_stream.h"

namespace flashstore::luaflash {

const char* name(const StreamVerdict& verdict) {
  switch (verdict.finding) {
    case StreamFinding::kNone:
      return "none";
    case StreamFinding::kNoPartition:
      return "no-partition";
    case StreamFinding::kEnvelope:
      return core::name(verdict.envelope);
    case StreamFinding::kShortFile:
      return "short-file";
    case StreamFinding::kSignature:
      return "signature";
    case StreamFinding::kUnknownVersion:
      return "version";
    case StreamFinding::kInProgress:
      return "in-progress";
    case StreamFinding::kAbsolute:
      return "absolute";
    case StreamFinding::kFlavour:
      return "flavour";
    case StreamFinding::kTooLarge:
      return "too-large";
    case StreamFinding::kSize:
      return "size";
    case StreamFinding::kHashVector:
      return "hash-vector";
    case StreamFinding::kHashSlots:
      return "hash-slots";
    case StreamFinding::kNoRoom:
      return "no-room";
    case StreamFinding::kPayloadLength:
      return "payload-length";
    case StreamFinding::kStrings:
      return "strings";
    case StreamFinding::kMain:
      return "main";
    case StreamFinding::kHeaderAddresses:
      return "header-addresses";
    case StreamFinding::kAddress:
      return "address";
    case StreamFinding::kBitmapEnd:
      return "bitmap-end";
  }
  return "";
}

}  // namespace flashstore::luaflash
