#include "luaflash/verify_structure.h"

namespace flashstore::luaflash {

const char* name(StructureFinding finding) {
  switch (finding) {
    case StructureFinding::kNone:
      return "none";
    case StructureFinding::kNoRoom:
      return "no-room";
    case StructureFinding::kHashSlots:
      return "hash-slots";
    case StructureFinding::kMain:
      return "main";
    case StructureFinding::kString:
      return "string";
    case StructureFinding::kPadding:
      return "padding";
    case StructureFinding::kHash:
      return "hash";
    case StructureFinding::kBucket:
      return "bucket";
    case StructureFinding::kBucketSize:
      return "bucket-size";
    case StructureFinding::kDuplicate:
      return "duplicate";
    case StructureFinding::kLostString:
      return "lost-string";
    case StructureFinding::kProto:
      return "proto";
    case StructureFinding::kVector:
      return "vector";
    case StructureFinding::kStringAddress:
      return "string-address";
    case StructureFinding::kConstant:
      return "constant";
    case StructureFinding::kLocal:
      return "local";
    case StructureFinding::kUpvalueNames:
      return "upvalue-names";
    case StructureFinding::kCode:
      return "code";
    case StructureFinding::kLineMap:
      return "line-map";
    case StructureFinding::kChild:
      return "child";
    case StructureFinding::kGap:
      return "gap";
    case StructureFinding::kBitmap:
      return "bitmap";
  }
  return "";
}

}  // namespace flashstore::luaflash
