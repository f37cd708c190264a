-- A string that the image holds exists once, at its place in flash, however it is made.
local check = require "check"

local word = "quincunx"
local long = "a sentence that is longer than thirty-one bytes, so that its hash skips some of them"
local binary = "nul\0and\255high"

local function built(s)
  local bytes = {}
  for i = 1, #s do bytes[i] = string.char(s:byte(i)) end
  return table.concat(bytes)
end

for _, s in ipairs { word, long, binary, "" } do
  -- == on strings compares addresses.
  check.equal(built(s), s)
  check.equal(({ [s] = 1 })[built(s)], 1)
end

local rom, ram = check.strings_in "ROM", check.strings_in "RAM"
for _, s in ipairs { word, long, binary, "strings_spec", "@strings_spec.lua" } do
  check.that(rom[s], "in flash: " .. s)
end
for s in pairs(ram) do check.that(not rom[s], "only in RAM: " .. s) end

-- Others stay in RAM, also those that differ only at their end, or in a byte that the hash skips.
for _, s in ipairs { word .. word, long .. "!", (long:gsub("sentence", "sentenze")), binary .. "er" } do
  local held = built(s)
  check.equal(held, s)
  check.that(check.strings_in "RAM"[held], "in RAM: " .. s)
end

-- Garbage is not listed, and neither list is changed by being made.
local function litter() return word .. "#4711" end
check.equal(#litter(), 13)
local after = check.strings_in "RAM"
check.that(not after[litter()], "garbage is not listed")
check.equal(#debug.getstrings "ROM", #debug.getstrings "ROM")

local listed = debug.getstrings "ROM"
for i = 2, #listed do check.that(listed[i - 1] < listed[i], "sorted") end
check.raises("bad argument #1 to '?' (invalid option 'FLASH')", debug.getstrings, "FLASH")
