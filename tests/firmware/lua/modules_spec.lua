-- require, node.flashindex and what else a device adds.
local check = require "check"

check.equal(check, package.loaded.check)
check.equal(require "check", check)
check.equal(#package.loaders, 5)
package.loaded.check = nil
check.that(require "check" ~= check, "loaded again")
local _, message = pcall(require, "absent")
check.equal(message, "module 'absent' not found:\n\tno field package.preload['absent']"
  .. "\n\tno file 'absent.lc'\n\tno file 'absent.lua'\n\tno module 'absent' in flash")
package.preload.absent = function(...) return { ... } end
check.equal(require "absent"[1], "absent")

-- Flash can go in front, as applications like to have it.
table.insert(package.loaders, 2, table.remove(package.loaders))
package.loaded.check = nil
check.that(require "check".equal, "found first")
local globals = _G
module "declared"
check.equal(globals.package.loaded.declared, _M)
globals.setfenv(1, globals)

-- The host's files are none of the device's.
check.equal(package.path, "?.lc;?.lua")
check.equal(package.cpath, "")
check.equal(select(2, loadfile "/etc/passwd"), "cannot open /etc/passwd: its directory does not exist")
check.raises("cannot open check.lua", dofile, "check.lua")
check.equal(io, nil)
check.equal(os, nil)

check.equal(type(node.flashindex "check"), "function")
check.equal(select("#", node.flashindex "check"), 1)
for _, name in ipairs { "absent", "chec", "checks", "" } do check.equal(type(node.flashindex(name)), "number") end
local time, mapped, flash, size, names = node.flashindex()
check.equal(select("#", node.flashindex(nil)), 5)
check.that(time > 1500000000, "build time " .. time)
check.equal(mapped, 0x40200000 + flash)
check.that(flash == 0x10000 or flash == 0xA0000, "in the partition, or where one program is put: " .. flash)
check.that(size > 10000 and size % 4 == 0, "size " .. size)
local listed = {}
for _, name in ipairs(names) do listed[name] = type(node.flashindex(name)) end
check.equal(listed.modules_spec, "function")
check.equal(listed.check, "function")

collectgarbage()
local before = node.heap()
local ballast = ("x"):rep(20000)
collectgarbage()
local taken = before - node.heap()
check.that(taken > 19000 and taken < 40000, "heap fell by " .. taken)
