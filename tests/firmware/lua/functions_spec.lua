-- Calls, closures, variable arguments, environments and hooks of functions in flash.
local check = require "check"

local function counter()
  local n = 0
  return function() n = n + 1 return n end, function() return n end
end
local step, value = counter()
local step2, value2 = counter()
step() step() step2()
check.equal(value(), 2)
check.equal(value2(), 1)

local function arguments(...) return select("#", ...), ... end
check.equal((arguments()), 0)
check.equal(select(4, arguments(1, nil, 3)), 3)

local function loop(n) if n == 0 then return "end" end return loop(n - 1) end
check.equal(loop(5000), "end")

local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
check.equal(fib(15), 610)
check.equal(("quincunx"):gsub("u", string.upper), "qUincUnx")

local big = {
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
  31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58,
}
check.equal(#big, 58)

local function free() return surroundings end
setfenv(free, { surroundings = "mine" })
check.equal(free(), "mine")
check.equal(getfenv(free).surroundings, "mine")

local lines = {}
local function watched()
  local a = 1
  local b = 2
  return a + b
end
local here = debug.getinfo(watched, "S").linedefined
debug.sethook(function(_, line) lines[#lines + 1] = line - here end, "l")
watched()
debug.sethook()
check.equal(table.concat(lines, " ", 2, 4), "1 2 3")

local info = debug.getinfo(watched, "Slu")
check.equal(info.source, "@functions_spec.lua")
check.equal(info.short_src, "functions_spec.lua")
check.equal(info.lastlinedefined - info.linedefined, 4)
check.equal(info.what, "Lua")
check.equal(info.nups, 0)
check.equal(debug.getinfo(1, "l").currentline, 54)
