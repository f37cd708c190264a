-- JSON in both directions.
--
-- Encoding goes through a sink, so a long document can leave for a socket
-- in pieces and never stands in RAM as a whole. Keys are sorted: the same
-- table always gives the same text, which tests and caches rely on.

local coll = require "coll"

local M = {}

local byte, sub, char, find, fmt = string.byte, string.sub, string.char, string.find, string.format
local gsub, concat = string.gsub, table.concat

-- Stands for JSON's null inside tables, where nil would vanish.
M.null = setmetatable({}, { __tostring = function() return "null" end })

local MAX_DEPTH = 16

local short = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f",
                ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quote(s)
  return '"' .. gsub(s, '[%c"\\]', function(c)
    return short[c] or fmt("\\u%04x", byte(c))
  end) .. '"'
end

-- A table is an array if its keys are 1..n; the empty one is an object
-- unless it is marked by M.array.
local is_array = {}

function M.array(t)
  return setmetatable(t or {}, is_array)
end

local function length_of(t)
  local n = 0
  for k in pairs(t) do
    if type(k) ~= "number" then return nil end
    n = n + 1
  end
  if n == 0 then return getmetatable(t) == is_array and 0 or nil end
  return n == #t and n or nil
end

local function number(n)
  -- Infinity minus itself is not zero, and neither is not-a-number.
  if n - n ~= 0 then error("number has no JSON form", 0) end
  if n % 1 == 0 and n < 1000000000 and n > -1000000000 then return fmt("%d", n) end
  return fmt("%.14g", n)
end

local write

local function write_table(t, out, depth)
  if depth > MAX_DEPTH then error("nested too deep", 0) end
  local n = length_of(t)
  if n then
    out("[")
    for i = 1, n do
      if i > 1 then out(",") end
      write(t[i], out, depth)
    end
    return out("]")
  end
  local keys = {}
  for k in pairs(t) do
    if type(k) ~= "string" then error("key of type " .. type(k), 0) end
    keys[#keys + 1] = k
  end
  table.sort(keys)
  out("{")
  for i, k in ipairs(keys) do
    out((i > 1 and "," or "") .. quote(k) .. ":")
    write(t[k], out, depth)
  end
  out("}")
end

function write(v, out, depth)
  local t = type(v)
  if v == M.null or v == nil then
    out("null")
  elseif t == "string" then
    out(quote(v))
  elseif t == "number" then
    out(number(v))
  elseif t == "boolean" then
    out(v and "true" or "false")
  elseif t == "table" then
    write_table(v, out, depth + 1)
  else
    error("cannot encode a " .. t, 0)
  end
end

-- Calls out(piece) again and again; raises a plain message on values
-- without a JSON form.
function M.write(v, out)
  write(v, out, 0)
end

function M.encode(v)
  local add, text = coll.joiner()
  local ok, err = pcall(write, v, add, 0)
  if not ok then return nil, err end
  return text()
end

-- Decoding: recursive descent over positions; errors are raised as tables
-- so that they cannot be confused with a fault in the decoder itself.

local function fail(pos, what)
  error({ pos = pos, what = what }, 0)
end

local function skip(s, pos)
  return find(s, "[^ \t\r\n]", pos) or #s + 1
end

local function utf8(cp)
  if cp < 128 then return char(cp) end
  local low = cp % 64
  local rest = (cp - low) / 64
  if cp < 2048 then return char(192 + rest, 128 + low) end
  local mid = rest % 64
  rest = (rest - mid) / 64
  if cp < 65536 then return char(224 + rest, 128 + mid, 128 + low) end
  local high = rest % 64
  return char(240 + (rest - high) / 64, 128 + high, 128 + mid, 128 + low)
end

local plain = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t",
                ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function unicode(s, pos)
  local hex = string.match(s, "^%x%x%x%x", pos)
  if not hex then fail(pos, "bad \\u escape") end
  return tonumber(hex, 16), pos + 4
end

local function string_at(s, pos)
  local parts, from = {}, pos + 1
  while true do
    local at = find(s, '[%c"\\]', from)
    if not at then fail(pos, "unclosed string") end
    parts[#parts + 1] = sub(s, from, at - 1)
    local c = sub(s, at, at)
    if c == '"' then return concat(parts), at + 1 end
    if c ~= "\\" then fail(at, "control character in string") end
    local esc = sub(s, at + 1, at + 1)
    if plain[esc] then
      parts[#parts + 1], from = plain[esc], at + 2
    elseif esc == "u" then
      local cp
      cp, from = unicode(s, at + 2)
      if cp >= 0xD800 and cp < 0xDC00 and sub(s, from, from + 1) == "\\u" then
        local low, after = unicode(s, from + 2)
        if low >= 0xDC00 and low < 0xE000 then
          cp, from = 65536 + (cp - 0xD800) * 1024 + (low - 0xDC00), after
        end
      end
      parts[#parts + 1] = utf8(cp)
    else
      fail(at, "bad escape")
    end
  end
end

local value_at

local function array_at(s, pos, depth)
  local out = M.array()
  pos = skip(s, pos + 1)
  if sub(s, pos, pos) == "]" then return out, pos + 1 end
  while true do
    local v
    v, pos = value_at(s, pos, depth)
    out[#out + 1] = v
    pos = skip(s, pos)
    local c = sub(s, pos, pos)
    if c == "]" then return out, pos + 1 end
    if c ~= "," then fail(pos, "expected , or ]") end
    pos = pos + 1
  end
end

local function object_at(s, pos, depth)
  local out = {}
  pos = skip(s, pos + 1)
  if sub(s, pos, pos) == "}" then return out, pos + 1 end
  while true do
    pos = skip(s, pos)
    if sub(s, pos, pos) ~= '"' then fail(pos, "expected a key") end
    local k
    k, pos = string_at(s, pos)
    pos = skip(s, pos)
    if sub(s, pos, pos) ~= ":" then fail(pos, "expected :") end
    out[k], pos = value_at(s, pos + 1, depth)
    pos = skip(s, pos)
    local c = sub(s, pos, pos)
    if c == "}" then return out, pos + 1 end
    if c ~= "," then fail(pos, "expected , or }") end
    pos = pos + 1
  end
end

local words = { ["true"] = true, ["false"] = false, null = M.null }

function value_at(s, pos, depth)
  if depth > MAX_DEPTH then fail(pos, "nested too deep") end
  pos = skip(s, pos)
  local c = sub(s, pos, pos)
  if c == '"' then return string_at(s, pos) end
  if c == "{" then return object_at(s, pos, depth + 1) end
  if c == "[" then return array_at(s, pos, depth + 1) end
  local word = string.match(s, "^%a+", pos)
  if word then
    if words[word] == nil then fail(pos, "unknown word " .. word) end
    return words[word], pos + #word
  end
  local digits = string.match(s, "^-?%d[%d%.eE+-]*", pos)
  -- tonumber also takes "01" and "1."; JSON takes neither. On integer
  -- builds it refuses fractions, which is then the honest answer.
  local n = digits and not find(digits, "^-?0%d") and not find(digits, "%.%D")
            and not find(digits, "%.$") and tonumber(digits)
  if not n then fail(pos, pos > #s and "text ends early" or "unexpected character") end
  return n, pos + #digits
end

-- Returns the value (M.null for null), or nil, message, position.
function M.decode(s)
  local ok, v, pos = pcall(value_at, s, 1, 0)
  if ok then
    pos = skip(s, pos)
    if pos <= #s then return nil, "text after the value", pos end
    return v
  end
  if type(v) ~= "table" then error(v, 0) end
  return nil, v.what, v.pos
end

return M
