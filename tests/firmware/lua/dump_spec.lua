-- A flash function dumped and loaded again is a RAM function that does the same and knows its lines.
local check = require "check"

local function sample(a, ...)
  local name, list = "quincunx", { 15, -0, true, false, nil, ... }
  local function nested(i)
    return (name .. i):rep(2, "")
  end
  if a == "fail" then
    error "as asked"
  end
  return nested(a), #list, list[1]
end

local copy = assert(loadstring(string.dump(sample)))
local a1, a2, a3 = sample(3, "x")
local b1, b2, b3 = copy(3, "x")
check.equal(b1, a1)
check.equal(b2, a2)
check.equal(b3, a3)
check.raises("dump_spec.lua:10: as asked", sample, "fail")
check.raises("dump_spec.lua:10: as asked", copy, "fail")

local function lines(f)
  local sorted = {}
  for line in pairs(debug.getinfo(f, "L").activelines) do sorted[#sorted + 1] = line end
  table.sort(sorted)
  return table.concat(sorted, " ")
end
check.equal(lines(sample), "5 8 9 10 12 13")
check.equal(lines(copy), lines(sample))
check.equal(string.dump(copy), string.dump(sample))

-- The copy is in RAM, all of it, and goes away as such; if nobody freezes all that is loaded.
local before = collectgarbage "count"
local copies = {}
for i = 1, 20 do copies[i] = assert(loadstring(string.dump(sample))) end
check.that(all_is_frozen or collectgarbage "count" - before > 6, "copies take RAM")
copies = nil
collectgarbage()
check.that(collectgarbage "count" - before < 1, "copies are collected")
