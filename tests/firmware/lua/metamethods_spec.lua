-- Every event, with its name a string of the image.
local check = require "check"

local log
local function event(name, result)
  return function(...)
    log = name .. select("#", ...)
    return result
  end
end

local meta = {
  __index = event("index", "indexed"), __newindex = event "newindex", __call = event("call", "called"),
  __add = event("add", "+"), __sub = event("sub", "-"), __mul = event("mul", "*"), __div = event("div", "/"),
  __mod = event("mod", "%"), __pow = event("pow", "^"), __unm = event("unm", "unm"),
  __concat = event("concat", ".."), __eq = event("eq", true), __lt = event("lt", true),
  __le = event("le", false), __tostring = event("tostring", "an object"), __metatable = "locked",
}
local rom = check.strings_in "ROM"
for name in pairs(meta) do check.that(rom[name], "in flash: " .. name) end
for _, name in ipairs { "__gc", "__mode", "__len" } do check.that(rom[name], "in flash: " .. name) end

local a, b = setmetatable({}, meta), setmetatable({}, meta)
local function happened(result, wanted, name)
  check.equal(result, wanted)
  check.equal(log, name)
end
happened(a.field, "indexed", "index2")
happened(a[1], "indexed", "index2")
a.field = 1
check.equal(log, "newindex3")
happened(a(1, 2), "called", "call3")
happened(a + 1, "+", "add2")
happened(1 - a, "-", "sub2")
happened(a * b, "*", "mul2")
happened(a / 2, "/", "div2")
happened(a % 2, "%", "mod2")
happened(a ^ 2, "^", "pow2")
happened(-a, "unm", "unm2")
happened(a .. "x", "..", "concat2")
happened("x" .. a, "..", "concat2")
happened(a == b, true, "eq2")
happened(a < b, true, "lt2")
happened(a <= b, false, "le2")
happened(tostring(a), "an object", "tostring1")
check.equal(getmetatable(a), "locked")
check.raises("cannot change a protected metatable", setmetatable, a, {})

local closed
do
  local proxy = newproxy(true)
  local m = getmetatable(proxy)
  m.__gc = function() closed = true end
  m.__len = function() return 99 end
  check.equal(#proxy, 99)
end
collectgarbage()
collectgarbage()
check.that(closed, "finalized")
