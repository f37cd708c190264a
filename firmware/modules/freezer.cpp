// freezer: functions that move from RAM to flash while the program runs.
#include "boot/device.h"
#include "boot/messages.h"
#include "freeze.h"
#include "modules/modules.h"

namespace flashstore::firmware {
namespace {

// freezer.freeze(function): a function that does the same and is in flash; the one given if that is
// not to be had
int freezer_freeze(lua_State* L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  luaflash::FreezerStore* store = device().freezer();
  if (store == nullptr) {
    return 1;
  }
  const bool was_open = store->is_open();
  freeze(L, *store, [] { device().refresh_freezer(); });
  if (was_open && !store->is_open()) {
    say("freezer: no more room: it is cleared by the next boot\n");
  }
  return 1;
}

// freezer.defrost(): at the next boot
int freezer_defrost(lua_State* L) {
  luaflash::FreezerStore* store = device().freezer();
  if (store != nullptr && !store->clear_at_next_boot()) {
    return luaL_error(L, "the flash failed");
  }
  return 0;
}

const luaL_Reg kFreezer[] = {
    {"defrost", freezer_defrost}, {"freeze", freezer_freeze}, {nullptr, nullptr}};

}  // namespace

void open_freezer(lua_State* L) {
  provide_library(L, "freezer", kFreezer);
  lua_pop(L, 1);
}

}  // namespace flashstore::firmware
