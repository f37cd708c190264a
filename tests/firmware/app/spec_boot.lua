-- The way up: self-check on a bare machine, _init on both generations of
-- firmware, hello, and init.lua with and without an image.

local standin = require "standin"

return function(T)
  local function bare()
    node, file, tmr, net = nil, nil, nil, nil
    T.forget()
  end

  T.group("selftest", function()
    bare()
    local saved = { io = io, os = os, debug = debug, dofile = dofile, loadfile = loadfile }
    local sources = {}
    for _, name in ipairs(T.modules) do
      sources[name] = assert(loadfile(T.app .. "/" .. name .. ".lua"))
    end
    -- Nothing but the plain language, and modules as flash serves them.
    for k in pairs(saved) do _G[k] = nil end
    local loaders = package.loaders
    package.loaders = { loaders[1], function(name) return sources[name] end }
    local ok, first, result = pcall(T.printed, sources.selftest, "selftest")
    local again, second = pcall(T.printed, sources.selftest, "selftest")
    package.loaders = loaders
    for k, v in pairs(saved) do _G[k] = v end
    assert(ok, first)
    T.check("returns true", result == true)
    local n = string.match(first[#first], "^selftest: (%d+) checks, 0 failed$")
    T.check("last line: " .. first[#first], n and tonumber(n) > 100)
    T.same("same output each time", again and table.concat(second, "\n"), table.concat(first, "\n"))
    T.check("unloads what it loaded", package.loaded.json == nil and package.loaded.climate == nil)
  end)

  T.group("selftest can fail", function()
    bare()
    package.preload.text = function()
      local text = loadfile(T.app .. "/text.lua")("text")
      text.trim = function(s) return s end
      return text
    end
    local lines, result = T.printed(assert(loadfile(T.app .. "/selftest.lua")), "selftest")
    package.preload.text = nil
    T.forget()
    T.check("a broken part is seen", result == false and string.find(lines[#lines], "%d checks, [1-9]%d* failed$"))
  end)

  local function probe(name) return function(...) return name, ... end end
  local image = { alpha = probe("alpha"), beta = probe("beta") }

  -- What all firmware has in common once _init has run.
  local function try_init(label, present)
    local stock = #package.loaders
    local before = { unpack(package.loaders) }
    assert(loadfile(T.app .. "/_init.lua"))("_init")
    assert(loadfile(T.app .. "/_init.lua"))("_init")
    T.same(label .. ": one searcher more", #package.loaders, stock + 1)
    for i = 1, stock do T.check(label .. ": entry " .. i .. " stays", package.loaders[i] == before[i]) end
    T.check(label .. ": unknown module", LFS.nothing == nil)
    local ok, err = pcall(function() LFS.alpha = 1 end)
    T.check(label .. ": read-only", not ok and string.find(err, "read-only", 1, true))
    local found, why = pcall(require, "no_such_module")
    T.check(label .. ": require of nothing", not found and string.find(why, "in LFS", 1, true))
    if present then
      local name, x = LFS.alpha(7)
      T.check(label .. ": call", name == "alpha" and x == 7)
      T.same(label .. ": require", require("beta"), "beta")
      package.loaded.beta = nil
      local pl = package.loaders
      pl[2], pl[5] = pl[5], pl[2]
      T.same(label .. ": require, flash first", require("beta"), "beta")
      pl[2], pl[5] = pl[5], pl[2]
      package.loaded.beta = nil
    end
    local config = LFS._config
    local t, list = LFS._time, LFS._list
    package.loaders[stock + 1], package.loaders.lfs, LFS = nil, nil, nil
    return t, list, config
  end

  T.group("_init", function()
    standin.install(T.directory())
    file.fscfg = function() return 0x100000, 0x80000 end
    node.flashindex = function(name)
      if image[name] then return image[name] end
      return 1518283691, 0x402C0000, 0xC0000, 0x8000, { "alpha", "beta" }
    end
    local t, list, c = try_init("older", true)
    T.same("older: _time", t, 1518283691)
    T.same("older: _list", table.concat(list, " "), "alpha beta")
    T.same("older: _config", table.concat(c, " "), table.concat({ 0x402C0000, 0xC0000, 0x100000, 0x8000, 0x80000 }, " "))

    node.flashindex = function() return nil, 0x402C0000, 0xC0000 end
    t, list, c = try_init("no image", false)
    T.check("no image: facts", t == nil and list == nil and c[1] == 0x402C0000 and c[2] == 0xC0000)

    node.flashindex = nil
    node.LFS = { get = function(name) return image[name] end, list = function() return { "alpha", "beta" } end,
                 time = 1600000000, config = { lfs_mapped = 0x40290000, lfs_base = 0x90000, lfs_size = 0x10000 } }
    t, list, c = try_init("today's", true)
    T.check("today's: facts", t == 1600000000 and #list == 2 and c.lfs_size == 0x10000 and c[1] == 0x40290000)

    node.flashindex = function(name) return image[name] end
    t = try_init("both names", true)
    T.same("both names: _time", t, 1600000000)
  end)

  T.group("hello", function()
    bare()
    local chunk = assert(loadfile(T.app .. "/hello.lua"))
    T.same("bare", table.concat(T.printed(chunk, "hello"), "|"), "hello from hello")
    standin.install(T.directory())
    node.LFS = { list = function() return { "a", "b", "c" } end }
    T.same("on a device", table.concat(T.printed(chunk, "hello"), "|"),
           "hello from hello|3 modules in flash|40960 bytes of heap free")
  end)

  T.group("init.lua", function()
    local chunk = assert(loadfile(T.app .. "/fs/init.lua"))
    standin.install(T.directory())
    chunk()
    T.same("waits a second", #T.printed(standin.run, 900), 0)
    T.same("no image", table.concat(T.printed(standin.run, 200), "|"), "no application in flash")
    file.putcontents("luac.out", "image")
    chunk()
    T.printed(standin.run, 1100)
    T.same("takes the image that lies there", standin.reloaded, "luac.out")
    -- With an image: everything from flash, nothing from files.
    T.forget()
    local path, loaders = package.path, #package.loaders
    package.path = ""
    node.flashindex = function(name) return (loadfile(T.app .. "/" .. name .. ".lua")) end
    node.LFS = { list = function() return T.modules end }
    chunk()
    T.printed(standin.run, 1100)
    package.path = path
    T.check("application runs", standin.listeners[23] and standin.listeners[80] and standin.listeners[21])
    T.check("global LFS", LFS and #LFS._list == #T.modules)
    package.loaded.main:stop()
    package.loaders[loaders + 1], package.loaders.lfs = nil, nil
    T.forget()
  end)
end
