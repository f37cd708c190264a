-- The two helpers of integer arithmetic which everybody needs.

local M = {}

-- Rounded quotient, halves away from zero; b must be positive.
local function div(a, b)
  if a < 0 then return -div(-a, b) end
  a = a + (b - b % 2) / 2
  return (a - a % b) / b
end
M.div = div

function M.clamp(v, lo, hi)
  return v < lo and lo or v > hi and hi or v
end

return M
