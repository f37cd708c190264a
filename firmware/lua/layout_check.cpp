// Nothing but assertions: the structures of the patched Lua are the layouts of the image, byte for
// byte. luaflash/format.h says what the image has; Lua's headers say what its core expects.
#include <cstddef>

extern "C" {
#include "lobject.h"
#include "lopcodes.h"
#include "lstate.h"
}
#include "luaflash/format.h"
#include "mount_image.h"

namespace flashstore::luaflash {
namespace {

using firmware::kSignature;

constexpr size_t words(uint32_t count) {
  return count * kWordBytes;
}

static_assert(sizeof(void*) == kWordBytes, "the image is for 32-bit chips");
static_assert(sizeof(Instruction) == kWordBytes);
static_assert(LUAR_WINDOW == kFlashWindow && LUAR_WINDOW_BYTES == kFlashWindowBytes);

// Values: packed, a double aligned to 4; or an int32.
static_assert(alignof(TValue) == kWordBytes);
static_assert(sizeof(TValue) == sizeof(lua_Number) + kWordBytes);
static_assert(offsetof(TValue, tt) == sizeof(lua_Number));
static_assert(sizeof(lua_Number) == ((kSignature & kIntegerBit) != 0 ? 4 : 8));
static_assert((kSignature & (kIntegerBit | kPackedBit)) != 0);
static_assert(LUA_TNIL == kTagNil && LUA_TBOOLEAN == kTagBoolean && LUA_TNUMBER == kTagNumber &&
              LUA_TSTRING == kTagString);

// Strings.
static_assert(sizeof(TString) == words(kStringHeaderWords));
static_assert(offsetof(TString, tsv.next) == words(kStringNext));
static_assert(offsetof(TString, tsv.tt) == words(kStringTypeMark));
static_assert(offsetof(TString, tsv.hash) == words(kStringHash));
static_assert(offsetof(TString, tsv.len) == words(kStringLength));
static_assert((kStringMark & 0xFF) == LUA_TSTRING);

// Functions: the image's Proto is Lua's, up to the field that only RAM has.
static_assert(offsetof(Proto, next) == words(kProtoNext));
static_assert(offsetof(Proto, tt) == words(kProtoTypeMark));
static_assert(offsetof(Proto, k) == words(kProtoConstants));
static_assert(offsetof(Proto, code) == words(kProtoCode));
static_assert(offsetof(Proto, p) == words(kProtoChildren));
static_assert(offsetof(Proto, lineinfo) == words(kProtoLineMap));
static_assert(offsetof(Proto, locvars) == words(kProtoLocals));
static_assert(offsetof(Proto, upvalues) == words(kProtoUpvalueNames));
static_assert(offsetof(Proto, source) == words(kProtoSource));
static_assert(offsetof(Proto, sizeupvalues) == words(kProtoUpvalueNameCount));
static_assert(offsetof(Proto, sizek) == words(kProtoConstantCount));
static_assert(offsetof(Proto, sizecode) == words(kProtoCodeCount));
static_assert(offsetof(Proto, sizep) == words(kProtoChildCount));
static_assert(offsetof(Proto, sizelocvars) == words(kProtoLocalCount));
static_assert(offsetof(Proto, linedefined) == words(kProtoLineDefined));
static_assert(offsetof(Proto, lastlinedefined) == words(kProtoLastLineDefined));
static_assert(offsetof(Proto, gclist) == words(kProtoGcList) && words(kProtoGcList) == 64);
static_assert(offsetof(Proto, nups) == words(kProtoTraits));
static_assert(offsetof(Proto, numparams) == words(kProtoTraits) + 1);
static_assert(offsetof(Proto, is_vararg) == words(kProtoTraits) + 2);
static_assert(offsetof(Proto, maxstacksize) == words(kProtoTraits) + 3);
static_assert(offsetof(Proto, sizelineinfo) == words(kProtoWords) && words(kProtoWords) == 72);

// Names of local variables.
static_assert(sizeof(LocVar) == words(kLocalWords) && sizeof(LocVar) == 12);
static_assert(offsetof(LocVar, varname) == words(kLocalName));
static_assert(offsetof(LocVar, startpc) == words(kLocalStartPc));
static_assert(offsetof(LocVar, endpc) == words(kLocalEndPc));

}  // namespace
}  // namespace flashstore::luaflash
