// node: the device itself. flashindex() and heap() are in lua/libraries.c.
#include <algorithm>

#include "become.h"
#include "board/board.h"
#include "boot/device.h"
#include "boot/events.h"
#include "modules/modules.h"
#include "modules/version.h"

extern "C" {
#include "libraries.h"
}

namespace flashstore::firmware {
namespace {

using partition::Partition;

// node.restart()
int node_restart(lua_State*) {
  board::reset(board::ResetReason::kRestart);
}

// node.bootreason(): raw code, extended reset cause
int node_bootreason(lua_State* L) {
  const board::ResetReason reason = board::reset_reason();
  int raw = 2;
  switch (reason) {
    case board::ResetReason::kPowerOn:
      raw = 1;
      break;
    case board::ResetReason::kExternal:
      raw = 3;
      break;
    case board::ResetReason::kHardwareWatchdog:
    case board::ResetReason::kSoftwareWatchdog:
      raw = 4;
      break;
    default:
      break;
  }
  lua_pushinteger(L, raw);
  lua_pushinteger(L, static_cast<lua_Integer>(reason));
  return 2;
}

void set_integer(lua_State* L, const char* name, uint32_t value) {
  set_number(L, name, static_cast<lua_Number>(value));
}

// --- node.info ---

int lfs_info(lua_State* L) {
  const FlashImage& lfs = device().lfs();
  lua_createtable(L, 0, 4);
  set_integer(L, "lfs_base", lfs.flash_base);
  set_integer(L, "lfs_mapped", lfs.mapped_base);
  set_integer(L, "lfs_size", device().partition(partition::kLfs).bytes);
  set_integer(L, "lfs_used", lfs.image_bytes);
  return 1;
}

int hardware_info(lua_State* L) {
  lua_createtable(L, 0, 1);
  set_integer(L, "flash_size", board::flash().size());
  return 1;
}

int version_info(lua_State* L) {
  lua_createtable(L, 0, 3);
  set_integer(L, "node_version_major", kVersionMajor);
  set_integer(L, "node_version_minor", kVersionMinor);
  set_integer(L, "node_version_revision", kVersionRevision);
  return 1;
}

int build_info(lua_State* L) {
  lua_createtable(L, 0, 3);
  set_integer(L, "lfs_size", device().partition(partition::kLfs).bytes);
  lua_pushliteral(L, "file,freezer,net,node,tmr");
  lua_setfield(L, -2, "modules");
  lua_pushstring(L, kNumberType);
  lua_setfield(L, -2, "number_type");
  return 1;
}

// node.info([group]): a table; without a group version and bytes of flash
int node_info(lua_State* L) {
  static const char* const kGroups[] = {"hw", "lfs", "sw_version", "build_config", nullptr};
  static constexpr lua_CFunction kInfos[] = {hardware_info, lfs_info, version_info, build_info};
  if (!lua_isnoneornil(L, 1)) {
    return kInfos[luaL_checkoption(L, 1, nullptr, kGroups)](L);
  }
  for (const uint32_t part : {kVersionMajor, kVersionMinor, kVersionRevision}) {
    lua_pushinteger(L, static_cast<lua_Integer>(part));
  }
  lua_pushnil(L);  // chip id and flash id: nothing here has any
  lua_pushnil(L);
  lua_pushinteger(L, static_cast<lua_Integer>(board::flash().size()));
  return 6;
}

// --- partitions ---

// node.getpartitiontable(): where LFS and file system lie in flash, in bytes
int node_getpartitiontable(lua_State* L) {
  const Partition lfs = device().partition(partition::kLfs);
  const Partition files = device().partition(partition::kLilotafs);
  lua_createtable(L, 0, 4);
  set_integer(L, "lfs_addr", lfs.address);
  set_integer(L, "lfs_size", lfs.bytes);
  set_integer(L, "spiffs_addr", files.address);
  set_integer(L, "spiffs_size", files.bytes);
  return 1;
}

constexpr lua_Number kMaxAddress = 0x7FFFFFFF;

// Sets `value` if the table that is argument 1 has such a field.
void get_integer(lua_State* L, const char* name, uint32_t& value) {
  lua_getfield(L, 1, name);
  if (!lua_isnil(L, -1)) {
    const lua_Number number = lua_tonumber(L, -1);
    // No chip has more, and what the conversion makes of other numbers is anybody's guess.
    const bool fits = number >= 0 && number <= kMaxAddress;
    if (!fits || static_cast<lua_Number>(static_cast<uint32_t>(number)) != number ||
        lua_isnumber(L, -1) == 0) {
      luaL_error(L, "%s must be a number of bytes; nothing was changed", name);
    }
    value = static_cast<uint32_t>(number);
  }
  lua_pop(L, 1);
}

// In `table`, `old` without what is named there and with what of it is not empty, in the order of
// addresses. false: there is no room for all.
bool replace(const partition::Table& old, std::span<const Partition> changes,
             partition::Table& table) {
  for (const Partition& entry : old.partitions()) {
    const bool changes_it = std::any_of(changes.begin(), changes.end(), [&](const Partition& one) {
      return one.type == entry.type;
    });
    if (!changes_it) {
      table.add(entry);
    }
  }
  for (const Partition& change : changes) {
    if (change.bytes > 0 && !table.add(change)) {
      return false;
    }
  }
  std::sort(table.entries.begin(), table.entries.begin() + table.count,
            [](const Partition& a, const Partition& b) { return a.address < b.address; });
  return true;
}

// node.setpartitiontable{lfs_addr =, lfs_size =, spiffs_addr =, spiffs_size =}: what is not given
// stays. Restarts with the new table; an error if it is none.
int node_setpartitiontable(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  Partition changes[] = {device().partition(partition::kLfs),
                         device().partition(partition::kLilotafs)};
  get_integer(L, "lfs_addr", changes[0].address);
  get_integer(L, "lfs_size", changes[0].bytes);
  get_integer(L, "spiffs_addr", changes[1].address);
  get_integer(L, "spiffs_size", changes[1].bytes);
  partition::Table table;
  if (!replace(device().partitions(), changes, table)) {
    return luaL_error(L, "the partition table is full; nothing was changed");
  }
  const partition::TableVerdict verdict = partition::validate(table, board::flash().size());
  if (!verdict.ok()) {
    const Partition& entry = table.entries[verdict.entry];
    return luaL_error(L, "partition %d at %d, %d bytes: %s; nothing was changed",
                      static_cast<int>(entry.type), static_cast<int>(entry.address),
                      static_cast<int>(entry.bytes), partition::name(verdict.flaw));
  }
  if (const partition::PageProblem problem = device().set_partitions(table); !problem.ok()) {
    return luaL_error(L, "the partition page was not written: %s", partition::name(problem.flaw));
  }
  board::reset(board::ResetReason::kRestart);
}

// --- LFS ---

// node.flashreload(file): the reason why it was refused, or no return
int node_flashreload(lua_State* L) {
  size_t bytes = 0;
  const char* file = luaL_checklstring(L, 1, &bytes);
  lua_gc(L, LUA_GCCOLLECT, 0);
  const std::string_view reason = device().reload({file, bytes});
  lua_pushlstring(L, reason.data(), reason.size());
  return 1;
}

int module_or_nil(lua_State* L, int name) {
  if (lua_type(L, name) != LUA_TSTRING || push_module(L, lua_tostring(L, name)) == 0) {
    lua_pushnil(L);
  }
  return 1;
}

// node.LFS.get(name): the module as a function, or nil
int lfs_get(lua_State* L) {
  return module_or_nil(L, 1);
}

// node.LFS.list(): sorted names of the modules, or nil
int lfs_list(lua_State* L) {
  if (push_module_names(L) == 0) {
    lua_pushnil(L);
    return 1;
  }
  lua_getglobal(L, LUA_TABLIBNAME);
  lua_getfield(L, -1, "sort");
  lua_pushvalue(L, -3);
  lua_call(L, 1, 0);
  lua_pop(L, 1);
  return 1;
}

// nil and the reason
int refuse_to_attach(lua_State* L, std::string_view reason) {
  lua_pushnil(L);
  lua_pushlstring(L, reason.data(), reason.size());
  return 2;
}

// node.LFS.attach(file): true; until the next start the image in it is one beside that in LFS. nil
// and the reason if it cannot be.
int lfs_attach(lua_State* L) {
  size_t bytes = 0;
  const char* file = luaL_checklstring(L, 1, &bytes);
  luaR_collect(L);  // closes files, too
  const Attachment found = device().open_attachment({file, bytes});
  if (!found.reason.empty()) {
    return refuse_to_attach(L, found.reason);
  }
  const LuaRAttached attached = found.rom == nullptr ? LUAR_ATTACHED : luaR_attach(L, found.rom);
  if (attached != LUAR_ATTACHED) {
    device().close_attachment();
    return refuse_to_attach(L, attached == LUAR_COMPILING
                                   ? "a chunk is being loaded"
                                   : "the freezer has strings of this image: freezer.defrost(), "
                                     "restart, and attach it before anything is frozen");
  }
  lua_pushboolean(L, 1);
  return 1;
}

// What node.LFS has beside its functions: node.LFS.time, node.LFS.config, node.LFS.attach, and
// every module.
int lfs_index(lua_State* L) {
  const std::string_view name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (name == "config") {
    return lfs_info(L);
  }
  if (name == "attach") {  // not kept: one entry more would double the table
    lua_pushcfunction(L, lfs_attach);
    return 1;
  }
  if (name != "time") {
    return module_or_nil(L, 2);
  }
  push_build_time(L, &device().lfs());
  return 1;
}

const luaL_Reg kLfs[] = {{"get", lfs_get},
                         {"list", lfs_list},
                         {"reload", node_flashreload},
                         {"__index", lfs_index},
                         {nullptr, nullptr}};

// --- tasks ---

// node.task.post([priority,] function(parameter))
int task_post(lua_State* L) {
  const bool has_priority = lua_isnumber(L, 1) != 0;
  const lua_Integer priority = has_priority ? lua_tointeger(L, 1) : 1;
  luaL_argcheck(L, priority >= 0 && priority <= 2, 1, "priority invalid");
  luaL_checktype(L, has_priority ? 2 : 1, LUA_TFUNCTION);
  lua_settop(L, has_priority ? 2 : 1);
  post_task(L, static_cast<Priority>(priority));
  return 0;
}

const luaL_Reg kTask[] = {{"post", task_post}, {nullptr, nullptr}};

const luaL_Reg kNode[] = {
    {"bootreason", node_bootreason},
    {"flashreload", node_flashreload},
    {"getpartitiontable", node_getpartitiontable},
    {"info", node_info},
    {"restart", node_restart},
    {"setpartitiontable", node_setpartitiontable},
    {nullptr, nullptr},
};

}  // namespace

void open_node(lua_State* L) {
  lua_getglobal(L, "node");
  provide_functions(L, kNode);
  lua_newtable(L);
  luaL_register(L, nullptr, kLfs);
  lua_pushvalue(L, -1);
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "LFS");
  lua_newtable(L);
  luaL_register(L, nullptr, kTask);
  set_number(L, "LOW_PRIORITY", 0);
  set_number(L, "MEDIUM_PRIORITY", 1);
  set_number(L, "HIGH_PRIORITY", 2);
  lua_setfield(L, -2, "task");
  lua_pop(L, 1);
}

}  // namespace flashstore::firmware
