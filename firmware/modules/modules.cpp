#include "modules/modules.h"

namespace flashstore::firmware {

void push_class(lua_State* L, const char* name, const luaL_Reg* methods) {
  luaL_newmetatable(L, name);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  provide_functions(L, methods);
}

void set_number(lua_State* L, const char* name, lua_Number value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

void set_function(lua_State* L, const char* name, lua_CFunction value) {
  lua_pushcfunction(L, value);
  lua_setfield(L, -2, name);
}

}  // namespace flashstore::firmware
