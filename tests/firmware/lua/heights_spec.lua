-- What pushes onto the stack, at every height of it, so that it is full wherever it can be.
local check = require "check"
local equal = check.equal

local pad = {}
for i = 1, 48 do pad[i] = "pad " .. i end
local meta = {
  __add = function(_, n) return "sum " .. n end,
  __call = function(_, ...) return select("#", ...) .. " arguments, last " .. select(-1, ...) end,
  __eq = function() return true end,
  __index = function() return nil end,
  __newindex = function(t, k, v) rawset(t, k, k .. v) end,
}
local object, other = setmetatable({}, meta), setmetatable({}, meta)
local function at_some_height(...)
  equal(object.absent, nil)
  object["field " .. select("#", ...)] = 1
  equal(object + 1, "sum 1")
  equal((function(callable) return (callable("last " .. 1)) end)(object), "1 arguments, last last 1")
  equal(object == other, true)
  equal(select(2, xpcall(function() return nil + 1 end, function(why) return "handled " .. #why > "" end)), true)
  return assert(loadstring "return function(x) return x or 'loaded' end")()()
end
for height = 0, 48 do equal(coroutine.wrap(at_some_height)(unpack(pad, 1, height)), "loaded") end
