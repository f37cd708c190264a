// What lfsimg --version says.
#pragma once

namespace flashstore::lfsimg {

inline constexpr const char* kVersion = FLASHSTORE_VERSION;

}  // namespace flashstore::lfsimg
