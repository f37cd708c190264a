-- Reserved words that are strings of the image: source compiled on the device still means what it says.
local check = require "check"

local words = {
  "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "if", "in",
  "local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while",
}
local rom = check.strings_in "ROM"
for _, w in ipairs(words) do check.that(rom[w], "in flash: " .. w) end

local f = assert(loadstring [[
  local seen = {}
  local function note(x) seen[#seen + 1] = x return not nil and true or false end
  for i = 1, 3 do if i == 2 then note "two" elseif i == 3 then break else note "one" end end
  for k in pairs { x = 1 } do note(k) end
  local n = 0
  while true do n = n + 1 if n > 2 then break end end
  repeat n = n - 1 until n <= 0
  do note(n) end
  return table.concat(seen, " ")
]])
check.equal(f(), "one two x 0")

for _, w in ipairs(words) do
  check.that(not loadstring("local " .. w .. " = 1"), "a name: " .. w)
  check.equal(loadstring("return { ['" .. w .. "'] = '" .. w .. "' }")()[w], w)
  check.equal(loadstring("local " .. w .. "_ = 7 return " .. w .. "_")(), 7)
  check.equal(loadstring("local x" .. w .. " = 8 return x" .. w)(), 8)
end
-- Not reserved, though the image holds them.
local ende, functional, selfish = 1, 2, 3
check.equal(loadstring "local ende, functional, selfish = 1, 2, 3 return ende + functional + selfish" (),
  ende + functional + selfish)
local _, message = loadstring "x = = 1"
check.equal(message, [=[[string "x = = 1"]:1: unexpected symbol near '=']=])
_, message = loadstring "for end"
check.equal(message, [=[[string "for end"]:1: '<name>' expected near 'end']=])
