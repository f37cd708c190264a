-- The collector passes by what is in flash, in every phase, and never takes it.
local check = require "check"

local function churn(n)
  local kept = {}
  for i = 1, n do
    local object = { name = "object" .. i, get = function(self) return self.name end }
    kept[i % 10 + 1] = setmetatable(object, { __index = kept, __mode = i % 3 == 0 and "k" or nil })
  end
  return kept
end

for round = 1, 3 do
  check.equal(#churn(100), 10)
  collectgarbage()
end
-- In small steps, so that writes happen while the collector is half through.
collectgarbage "stop"
for i = 1, 300 do
  local t = { "quincunx", [i] = "in flash", ["key" .. i] = i }
  t.copy = loadstring "local quincunx, check = 1, 2 return function() return quincunx, check end"()
  collectgarbage("step", 0)
  check.equal(t[1], "quincunx")
  check.equal(t.copy(), 1)
end
collectgarbage "restart"

-- Weak tables: strings are values, those in flash too; functions in flash are reached by closures in RAM.
local weak = setmetatable({}, { __mode = "kv" })
weak.quincunx = "quincunx"
weak["in flash"] = {}
weak[{}] = "in flash"
weak["made " .. "here"] = "made " .. "there"
weak[1] = node.flashindex "check"
local held = node.flashindex "check"
weak[2] = held
collectgarbage()
check.equal(weak.quincunx, "quincunx")
check.equal(weak["made here"], "made there")
check.equal(weak["in flash"], nil)
check.equal(weak[1], nil)
check.equal(weak[2], held)
local count = 0
for _ in pairs(weak) do count = count + 1 end
check.equal(count, 3)

-- A module is in flash: having it takes a closure and no more.
local modules = {}
for i = 1, 64 do modules[i] = false end
collectgarbage()
local before = node.heap()
for i = 1, 64 do modules[i] = node.flashindex "errors_spec" end
collectgarbage()
local taken = (before - node.heap()) / 64
check.that(taken > 16 and taken < 25, "a module takes " .. taken .. " bytes")
