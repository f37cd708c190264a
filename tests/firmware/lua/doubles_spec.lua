-- Numbers that only firmware with doubles has: constants in flash, and in a copy of a flash function.
local check = require "check"

check.equal(1e300 * 1e10 == 1 / 0, true)
check.equal(0.1 + 0.2, 0.30000000000000004)
check.equal(("abc"):sub(1.7, 2.9), "ab")

local function constants() return 1.5, -0.1, 1e-300 end
local copy = assert(loadstring(string.dump(constants)))
for i, number in ipairs { 1.5, -0.1, 1e-300 } do
  check.equal(select(i, constants()), number)
  check.equal(select(i, copy()), number)
end
