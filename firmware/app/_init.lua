-- Bootstrap of the Lua Flash Store: run once, as node.flashindex("_init")().
--
--   LFS.name(...)  calls a module       LFS._list    names of the modules
--   LFS._time      when it was built    LFS._config  where it lies
--
-- and `require` finds modules in flash. Firmware comes in two generations:
-- the older node.flashindex tells everything about the store in the values
-- it returns for an unknown name; today's keeps that in node.LFS.

local rawnode = node
local api = rawnode.LFS
local index = rawnode.flashindex or api.get

-- Names of modules and questions share one namespace: no module is called
-- like this, so the older firmware answers with its facts.
local NO_MODULE = "\0"

-- Build time, mapped base, flash base, size, list; nil for what is unknown.
local function facts()
  local a, mapped, base, size, list = index(NO_MODULE)
  -- Some releases in between gave the time and the list alone.
  if type(mapped) == "table" then return a, nil, nil, nil, mapped end
  if mapped then return a, mapped, base, size, list end
  if not api then return nil end
  local list_of, cfg = api.list, api.config
  if type(cfg) == "function" then cfg = cfg() end
  cfg = type(cfg) == "table" and cfg or {}
  return api.time, cfg.lfs_mapped, cfg.lfs_base, cfg.lfs_size, list_of and list_of()
end

local ask = {
  _time = function()
    return (facts())
  end,
  _list = function()
    local _, _, _, _, list = facts()
    return list
  end,
  _config = function()
    local _, mapped, base, size = facts()
    local fs_base, fs_size
    if file and file.fscfg then fs_base, fs_size = file.fscfg() end
    -- By position as documented, and by name for readers.
    return { mapped, base, fs_base, size, fs_size,
             lfs_mapped = mapped, lfs_base = base, lfs_size = size,
             fs_mapped = fs_base, fs_size = fs_size }
  end,
}

-- The function of a module, or nil. Without an image the older firmware
-- returns nil and two addresses, for an unknown name a number and more.
local function lookup(name)
  local fn = index(name)
  return type(fn) == "function" and fn or nil
end

rawset(getfenv(), "LFS", setmetatable({}, {
  __index = function(_, name)
    local question = ask[name]
    if question then return question() end
    return lookup(name)
  end,
  __newindex = function(_, name)
    error("LFS is read-only, cannot set " .. tostring(name), 2)
  end,
}))

-- Behind the stock entries: they keep their numbers, and a module in the
-- file system still goes before its older self in flash. A second run of
-- this file must not add a second searcher.
local loaders = package.loaders
if not rawget(loaders, "lfs") then
  local function searcher(name)
    return lookup(name) or "\n\tno module '" .. name .. "' in LFS"
  end
  rawset(loaders, "lfs", searcher)
  loaders[#loaders + 1] = searcher
end
