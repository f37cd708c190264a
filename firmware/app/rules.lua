-- Runs compiled rules (see `rulec` for the language). Every quantity is in
-- tenths: sums and comparisons need no care, products and quotients are
-- scaled back.

local fix = require "fix"

local M = {}

local function truth(b) return b and 10 or 0 end

-- One function with a ladder, not a table of functions: in flash the ladder
-- takes no RAM at all.
local function binary(op, a, b)
  if op == ">" then return truth(a > b) end
  if op == "<" then return truth(a < b) end
  if op == "and" then return truth(a ~= 0 and b ~= 0) end
  if op == "or" then return truth(a ~= 0 or b ~= 0) end
  if op == ">=" then return truth(a >= b) end
  if op == "<=" then return truth(a <= b) end
  if op == "==" then return truth(a == b) end
  if op == "~=" then return truth(a ~= b) end
  if op == "+" then return a + b end
  if op == "-" then return a - b end
  if op == "*" then return fix.div(a * b, 10) end
  if op == "/" then
    if b < 0 then a, b = -a, -b end
    return b ~= 0 and fix.div(a * 10, b) or nil
  end
  if op == "min" then return a < b and a or b end
  if op == "max" then return a > b and a or b end
  if op == "avg" then return fix.div(a + b, 2) end
end

local BINARY = " > < and or >= <= == ~= + - * / min max avg "

-- Value of the condition, and where the actions begin. A name without a
-- value makes it unknown: nil, and the name. A broken sensor must not switch
-- anything.
function M.eval(code, env)
  local stack, top = {}, 0
  for op, after in string.gmatch(code, "(%S+)()") do
    if op == "then" then return stack[1], after end
    local n = tonumber(op)
    if n then
      top = top + 1
      stack[top] = n
    elseif op == "neg" then
      stack[top] = -stack[top]
    elseif op == "not" then
      stack[top] = truth(stack[top] == 0)
    elseif op == "abs" then
      if stack[top] < 0 then stack[top] = -stack[top] end
    elseif string.find(BINARY, " " .. op .. " ", 1, true) then
      top = top - 1
      local v = binary(op, stack[top], stack[top + 1])
      if v == nil then return nil, "division by zero" end
      stack[top] = v
    else
      local v = env[op]
      if v == nil then return nil, op end
      top = top + 1
      stack[top] = v
    end
  end
  return stack[1], #code + 1
end

-- Iterates over the actions of a rule: output, "on" or "off", ticks or "0".
function M.actions(code, at)
  return string.gmatch(string.sub(code, at), "(%S+) (%S+) (%d+)")
end

return M
