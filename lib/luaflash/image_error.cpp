#include "luaflash/image_view.h"

namespace flashstore::luaflash {

const char* name(ImageError error) {
  switch (error) {
    case ImageError::kTooShort:
      return "too-short";
    case ImageError::kGzip:
      return "gzip";
    case ImageError::kBytecode:
      return "bytecode";
    case ImageError::kLua53:
      return "lua53";
    case ImageError::kBlank:
      return "blank";
    case ImageError::kInProgress:
      return "in-progress";
    case ImageError::kUnknownVersion:
      return "version";
    case ImageError::kAttach:
      return "attach";
    case ImageError::kSignature:
      return "signature";
    case ImageError::kSize:
      return "size";
    case ImageError::kHashVector:
      return "hash-vector";
    case ImageError::kStringCount:
      return "string-count";
  }
  return "";
}

}  // namespace flashstore::luaflash
