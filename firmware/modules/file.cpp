// file: the files of the device, in its lilotafs partition.
#include <algorithm>
#include <cstring>

#include "boot/device.h"
#include "modules/file_object.h"
#include "modules/modules.h"

namespace flashstore::firmware {

using lilotafs::Error;
using lilotafs::Volume;

namespace {

constexpr const char* kClass = "file.obj";
const char kDefault = 0;  // key of the registry's entry for the file that was opened last

constexpr uint32_t kReadBytes = 1024;  // of file.read() and file.readline() at most

Volume& volume(lua_State* L) {
  Volume* files = device().files();
  if (files == nullptr) {
    luaL_error(L, "there is no file system");
  }
  return *files;
}

// nil and the reason.
int fail(lua_State* L, Error error) {
  lua_pushnil(L);
  lua_pushstring(L, lilotafs::describe(error));
  return 2;
}

int succeed(lua_State* L) {
  lua_pushboolean(L, 1);
  return 1;
}

// A name as it is on the device: what NodeMCU's file systems are called does not count.
std::string_view check_name(lua_State* L, int argument) {
  size_t bytes = 0;
  const char* text = luaL_checklstring(L, argument, &bytes);
  std::string_view name(text, bytes);
  constexpr std::string_view kDrive = "/FLASH/";
  if (name.starts_with(kDrive)) {
    name.remove_prefix(kDrive.size());
  }
  luaL_argcheck(L, !name.empty() && name.size() <= lilotafs::kMaxNameBytes, argument,
                "filename invalid");
  return name;
}

void push_default(lua_State* L) {
  lua_pushlightuserdata(L, const_cast<char*>(&kDefault));
  lua_rawget(L, LUA_REGISTRYINDEX);
}

// Takes the object, or nil, off the stack.
void set_default(lua_State* L) {
  lua_pushlightuserdata(L, const_cast<char*>(&kDefault));
  lua_insert(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

// The object a function is called with, as argument 1; or the one opened last, which is put there.
// nullptr: none is open.
FileObject* find_object(lua_State* L) {
  if (lua_type(L, 1) != LUA_TUSERDATA) {
    push_default(L);
    lua_insert(L, 1);
    if (lua_isnil(L, 1)) {
      return nullptr;
    }
  }
  auto* object = static_cast<FileObject*>(luaL_checkudata(L, 1, kClass));
  return object->is_open() ? object : nullptr;
}

FileObject& check_object(lua_State* L) {
  FileObject* object = find_object(L);
  if (object == nullptr) {
    luaL_error(L, "open a file first");
  }
  return *object;
}

static_assert(alignof(FileObject) <= 4, "lies in a userdata");

// Pushes a new object.
FileObject& push_object(lua_State* L) {
  auto* object = new (lua_newuserdata(L, sizeof(FileObject))) FileObject;
  luaL_getmetatable(L, kClass);
  lua_setmetatable(L, -2);
  return *object;
}

// What `operation` returns; once more if files were in its way that nobody can use any more.
template <class Operation>
Error with_collection(lua_State* L, const Operation& operation) {
  const Error error = operation();
  if (error != Error::kTooManyOpen && error != Error::kWriterOpen) {
    return error;
  }
  lua_gc(L, LUA_GCCOLLECT, 0);
  return operation();
}

Error open_object(lua_State* L, FileObject& object, std::string_view name, FileObject::Mode mode) {
  Volume& files = volume(L);
  return with_collection(L, [&] { return object.open(files, name, mode); });
}

// file.open(name [, mode])
int file_open(lua_State* L) {
  static const char* const kModes[] = {"r", "w", "a", "r+", "w+", "a+", nullptr};
  const std::string_view name = check_name(L, 1);
  const auto mode = static_cast<FileObject::Mode>(luaL_checkoption(L, 2, "r", kModes));
  lua_pushnil(L);
  set_default(L);  // as NodeMCU does: who did not keep the one opened before cannot use it any more
  const Error error = open_object(L, push_object(L), name, mode);
  if (error != Error::kOk) {
    return fail(L, error);
  }
  lua_pushvalue(L, -1);
  set_default(L);
  return 1;
}

// file.close(), object:close()
int file_close(lua_State* L) {
  FileObject* object = find_object(L);
  push_default(L);
  if (lua_rawequal(L, 1, -1) != 0) {
    lua_pushnil(L);
    set_default(L);
  }
  const Error error = object == nullptr ? Error::kOk : object->close();
  return error == Error::kOk ? 0 : fail(L, error);
}

// As NodeMCU does: what was written is kept, also if nobody closed the file.
int file_collect(lua_State* L) {
  (void)static_cast<FileObject*>(luaL_checkudata(L, 1, kClass))->close();
  return 0;
}

// Pushes what is read up to and with the byte `last` (-1: any), at most `most` bytes; nil at the
// end.
int read_up_to(lua_State* L, FileObject& object, uint32_t most, int last) {
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  uint32_t got = 0;
  bool ended = false;
  while (got < most && !ended) {
    const uint32_t piece = std::min<uint32_t>(most - got, LUAL_BUFFERSIZE);
    char* into = luaL_prepbuffer(&buffer);
    const auto read = object.read({reinterpret_cast<uint8_t*>(into), piece});
    if (!read) {
      return fail(L, read.error());
    }
    uint32_t taken = read.value();
    ended = taken < piece;
    const void* found = last < 0 ? nullptr : std::memchr(into, last, taken);
    if (found != nullptr) {
      const auto used = static_cast<uint32_t>(static_cast<const char*>(found) - into) + 1;
      object.step_back(taken - used);
      taken = used;
      ended = true;
    }
    luaL_addsize(&buffer, taken);
    got += taken;
  }
  luaL_pushresult(&buffer);
  if (got == 0) {
    lua_pushnil(L);
  }
  return 1;
}

// file.read([bytes or character]), object:read(...)
int file_read(lua_State* L) {
  FileObject& object = check_object(L);
  if (lua_type(L, 2) == LUA_TSTRING) {
    size_t bytes = 0;
    const char* last = lua_tolstring(L, 2, &bytes);
    luaL_argcheck(L, bytes == 1, 2, "one character");
    return read_up_to(L, object, kReadBytes, static_cast<unsigned char>(*last));
  }
  const lua_Integer most = luaL_optinteger(L, 2, kReadBytes);
  luaL_argcheck(L, most >= 0, 2, "number of bytes invalid");
  return read_up_to(L, object, static_cast<uint32_t>(most), -1);
}

// file.readline(), object:readline(): with its newline
int file_readline(lua_State* L) {
  return read_up_to(L, check_object(L), kReadBytes, '\n');
}

Error write_argument(lua_State* L, FileObject& object) {
  size_t bytes = 0;
  const char* text = luaL_checklstring(L, 2, &bytes);
  return with_collection(L, [&] {
    return object.write({reinterpret_cast<const uint8_t*>(text), bytes});
  });
}

int report(lua_State* L, Error error) {
  return error == Error::kOk ? succeed(L) : fail(L, error);
}

// file.write(text), object:write(text)
int file_write(lua_State* L) {
  FileObject& object = check_object(L);
  return report(L, write_argument(L, object));
}

// file.writeline(text), object:writeline(text): and a newline
int file_writeline(lua_State* L) {
  FileObject& object = check_object(L);
  const Error error = write_argument(L, object);
  const uint8_t newline = '\n';
  return report(L, error == Error::kOk ? object.write({&newline, 1}) : error);
}

// file.flush(), object:flush()
int file_flush(lua_State* L) {
  return report(L, check_object(L).flush());
}

// file.seek([whence [, offset]]), object:seek(...): the new position
int file_seek(lua_State* L) {
  static const char* const kWhence[] = {"set", "cur", "end", nullptr};
  FileObject& object = check_object(L);
  const auto whence = static_cast<lilotafs::Whence>(luaL_checkoption(L, 2, "cur", kWhence));
  const auto position = object.seek(static_cast<int32_t>(luaL_optinteger(L, 3, 0)), whence);
  if (!position) {
    return fail(L, position.error());
  }
  lua_pushinteger(L, static_cast<lua_Integer>(position.value()));
  return 1;
}

// Calls `each(path, bytes of it, length)` for all files, those of directories too. Names of
// directories still to be looked at are in a table.
template <class Each>
void for_all_files(lua_State* L, Volume& files, const Each& each) {
  lua_newtable(L);
  const int waiting = lua_gettop(L);
  lua_pushliteral(L, "");
  lua_rawseti(L, waiting, 1);
  for (int first = 1, count = 1; first <= count; first++) {
    lua_rawgeti(L, waiting, first);
    const char* path = lua_tostring(L, -1);
    lilotafs::Directory directory;
    lilotafs::DirectoryEntry entry;
    if (files.opendir(path, directory) != Error::kOk) {
      luaL_error(L, "cannot read the directory '%s'", path);
    }
    auto more = files.readdir(directory, entry);
    for (; more && more.value(); more = files.readdir(directory, entry)) {
      lua_pushvalue(L, -1);
      lua_pushlstring(L, entry.name.data(), entry.name.size());
      lua_concat(L, 2);
      if (entry.info.directory) {
        lua_rawseti(L, waiting, ++count);
      } else {
        each(entry.info.length);
      }
    }
    if (!more) {
      luaL_error(L, "cannot read the directory '%s'", path);
    }
    lua_pop(L, 1);
  }
  lua_remove(L, waiting);
}

bool matches(lua_State* L, int name, int pattern) {
  lua_getglobal(L, LUA_STRLIBNAME);
  lua_getfield(L, -1, "match");
  lua_remove(L, -2);
  lua_pushvalue(L, name);
  lua_pushvalue(L, pattern);
  lua_call(L, 2, 1);
  const bool does = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return does;
}

// file.list([pattern]): table of lengths by name
int file_list(lua_State* L) {
  luaL_optstring(L, 1, "");
  lua_settop(L, 1);
  const bool all = lua_isnoneornil(L, 1);
  lua_newtable(L);
  for_all_files(L, volume(L), [L, all](uint32_t length) {
    if (all || matches(L, lua_gettop(L), 1)) {
      lua_pushinteger(L, static_cast<lua_Integer>(length));
      lua_rawset(L, 2);
    } else {
      lua_pop(L, 1);
    }
  });
  return 1;
}

// file.exists(name)
int file_exists(lua_State* L) {
  lua_pushboolean(L, volume(L).stat(check_name(L, 1)).ok());
  return 1;
}

// file.stat(name): table, or nil
int file_stat(lua_State* L) {
  const std::string_view name = check_name(L, 1);
  const auto info = volume(L).stat(name);
  if (!info) {
    return fail(L, info.error());
  }
  lua_createtable(L, 0, 8);
  set_number(L, "size", info.value().length);
  lua_pushlstring(L, name.data(), name.size());
  lua_setfield(L, -2, "name");
  for (const char* flag : {"is_dir", "is_rdonly", "is_hidden", "is_sys", "is_arch"}) {
    lua_pushboolean(L, info.value().directory && std::strcmp(flag, "is_dir") == 0);
    lua_setfield(L, -2, flag);
  }
  // Nothing on the device knows the time.
  lua_createtable(L, 0, 6);
  set_number(L, "year", 1970);
  set_number(L, "mon", 1);
  set_number(L, "day", 1);
  for (const char* part : {"hour", "min", "sec"}) {
    set_number(L, part, 0);
  }
  lua_setfield(L, -2, "time");
  return 1;
}

// file.remove(name)
int file_remove(lua_State* L) {
  const Error error = volume(L).remove(check_name(L, 1));
  return error == Error::kOk ? 0 : fail(L, error);
}

// file.rename(old, new): false and the reason if there is no such file, or already one of the new
// name
int file_rename(lua_State* L) {
  Volume& files = volume(L);
  const std::string_view from = check_name(L, 1);
  const std::string_view to = check_name(L, 2);
  const Error error = with_collection(L, [&] { return rename_file(files, from, to); });
  lua_pushboolean(L, error == Error::kOk);
  if (error == Error::kOk) {
    return 1;
  }
  lua_pushstring(L, lilotafs::describe(error));
  return 2;
}

// file.fsinfo(): bytes that a new file can have, bytes in use, bytes of the partition
int file_fsinfo(lua_State* L) {
  const auto space = volume(L).space();
  if (!space) {
    return luaL_error(L, "file system failed: %s", lilotafs::describe(space.error()));
  }
  const auto [total, live, free] = space.value();
  lua_pushinteger(L, static_cast<lua_Integer>(free));
  lua_pushinteger(L, static_cast<lua_Integer>(live));
  lua_pushinteger(L, static_cast<lua_Integer>(total));
  return 3;
}

// file.fscfg(): where the partition lies in flash, and its bytes
int file_fscfg(lua_State* L) {
  const partition::Partition files = device().partition(partition::kLilotafs);
  lua_pushinteger(L, static_cast<lua_Integer>(files.address));
  lua_pushinteger(L, static_cast<lua_Integer>(files.bytes));
  return 2;
}

// file.getcontents(name): nil if there is no such file
int file_getcontents(lua_State* L) {
  const std::string_view name = check_name(L, 1);
  FileObject& object = push_object(L);
  const Error error = open_object(L, object, name, FileObject::Mode::kRead);
  if (error != Error::kOk) {
    return fail(L, error);
  }
  const int results = read_up_to(L, object, UINT32_MAX, -1);
  (void)object.close();
  if (results == 1 && lua_isnil(L, -1)) {
    lua_pushliteral(L, "");
  }
  return results;
}

// file.putcontents(name, text): true, or nil and the reason; the old content then stands
int file_putcontents(lua_State* L) {
  const std::string_view name = check_name(L, 1);
  size_t bytes = 0;
  const char* text = luaL_checklstring(L, 2, &bytes);
  FileObject object;
  Error error = open_object(L, object, name, FileObject::Mode::kWrite);
  if (error == Error::kOk) {
    error = object.write({reinterpret_cast<const uint8_t*>(text), bytes});
    const Error closed = object.close();
    error = error == Error::kOk ? closed : error;
  }
  return report(L, error);
}

int object_text(lua_State* L) {
  lua_pushfstring(L, "file.obj: %p", luaL_checkudata(L, 1, kClass));
  return 1;
}

const luaL_Reg kMethods[] = {
    {"close", file_close},         {"flush", file_flush}, {"read", file_read},
    {"readline", file_readline},   {"seek", file_seek},   {"write", file_write},
    {"writeline", file_writeline}, {nullptr, nullptr},
};

const luaL_Reg kFile[] = {
    {"exists", file_exists},
    {"fscfg", file_fscfg},
    {"fsinfo", file_fsinfo},
    {"getcontents", file_getcontents},
    {"list", file_list},
    {"open", file_open},
    {"putcontents", file_putcontents},
    {"remove", file_remove},
    {"rename", file_rename},
    {"stat", file_stat},
    {nullptr, nullptr},
};

}  // namespace

void open_file(lua_State* L) {
  push_class(L, kClass, kMethods);
  set_function(L, "__gc", file_collect);
  set_function(L, "__tostring", object_text);
  provide_library(L, "file", kFile);
  provide_functions(L, kMethods);  // of the file opened last
  lua_pop(L, 2);
}

}  // namespace flashstore::firmware
