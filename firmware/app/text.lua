-- Strings: splitting, escaping, and fixed-point numbers.
--
-- The whole application counts in integers, because half of the boards run
-- a Lua without fractions. A measured quantity is held in tenths of its
-- unit and only becomes "21.5" here, on its way to a person.

local M = {}

local find, sub, gsub, fmt = string.find, string.sub, string.gsub, string.format

function M.trim(s)
  return (gsub(s, "^%s*(.-)%s*$", "%1"))
end

-- Splits at a plain separator; after `max` pieces the rest stays whole.
function M.split(s, sep, max)
  local out, from = {}, 1
  while not max or #out + 1 < max do
    local a, b = find(s, sep, from, true)
    if not a then break end
    out[#out + 1] = sub(s, from, a - 1)
    from = b + 1
  end
  out[#out + 1] = sub(s, from)
  return out
end

-- Iterates over lines whatever their ending; no empty line after the last.
function M.lines(s)
  local pos = 1
  return function()
    if pos > #s then return nil end
    local a, b = find(s, "\r?\n", pos)
    local line = sub(s, pos, (a or #s + 1) - 1)
    pos = (b or #s) + 1
    return line
  end
end

function M.urldecode(s)
  s = gsub(s, "+", " ")
  return (gsub(s, "%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end))
end

function M.urlencode(s)
  return (gsub(s, "[^%w%-%._~]", function(c) return fmt("%%%02X", string.byte(c)) end))
end

-- "a=1&b=x%20y" -> { a = "1", b = "x y" }; a repeated name keeps the last.
function M.query(s)
  local out = {}
  for pair in string.gmatch(s, "[^&]+") do
    local k, v = string.match(pair, "^([^=]*)=?(.*)$")
    if k ~= "" then out[M.urldecode(k)] = M.urldecode(v) end
  end
  return out
end

function M.escape(s)
  return (gsub(tostring(s), "[&<>\"']", function(c) return fmt("&#%d;", string.byte(c)) end))
end

local function pow10(digits)
  return tonumber("1" .. string.rep("0", digits))
end

-- 215, 1 -> "21.5"
function M.fixed(v, digits)
  digits = digits or 1
  if digits == 0 then return fmt("%d", v) end
  local sign, scale = "", pow10(digits)
  if v < 0 then sign, v = "-", -v end
  local frac = v % scale
  return sign .. fmt("%d.%0" .. digits .. "d", (v - frac) / scale, frac)
end

-- "21.5", 1 -> 215; further digits are cut, not rounded, so that "0.09"
-- never reads as a tenth. Returns nil for anything but a decimal number.
function M.unfixed(s, digits)
  digits = digits or 1
  local sign, whole, frac = string.match(s, "^%s*([+-]?)(%d+)%.?(%d*)%s*$")
  if not whole or #whole > 8 then return nil end
  frac = sub(frac .. "0000", 1, digits)
  local v = tonumber(whole) * pow10(digits) + (digits > 0 and tonumber(frac) or 0)
  return sign == "-" and -v or v
end

-- Keys in a stable order; numbers before strings.
function M.keys(t)
  local out = {}
  for k in pairs(t) do out[#out + 1] = k end
  table.sort(out, function(a, b)
    local ta, tb = type(a), type(b)
    if ta == tb and (ta == "number" or ta == "string") then return a < b end
    return ta == "number" and tb ~= "number" or tostring(a) < tostring(b) and ta == tb
  end)
  return out
end

return M
