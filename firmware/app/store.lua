-- Configuration store. Two slot files are written in turn, each with a
-- generation and a checksum; at start the newest slot which is whole wins.
-- A power cut while one is written leaves the other, one save older.
--
-- A slot is one head line, "cfg1 <generation> <length> <crc32>", then JSON.

local use = require "use"

local M = {}

local Store = {}
M.class = Store

-- `schema` is one string, because in flash a string costs no RAM: a line
-- for each key, "key type default allowed", with a line end before the
-- first. Types are s, n and b; "-" is the empty default; allowed is "a|b" or
-- "1..32", which for a string means its length.
function M.new(fs, name, schema)
  return setmetatable({ fs = fs, name = name, schema = schema, values = {}, gen = 0 }, use.class "store")
end

local function slot_name(self, gen)
  return self.name .. "." .. gen % 2
end

local function parse_slot(text)
  local gen, len, crc, at = string.match(text, "^cfg1 (%d+) (%d+) (%x+)\n()")
  if not gen then return nil, "no head line" end
  local body = string.sub(text, at)
  if #body ~= tonumber(len) then return nil, "truncated" end
  if use("codec").crc32(body) ~= crc then return nil, "checksum differs" end
  local values, err = use("json").decode(body)
  if type(values) ~= "table" then return nil, err or "not an object" end
  return { gen = tonumber(gen), values = values }
end
M.parse_slot = parse_slot

function M.make_slot(gen, values)
  local body, err = use("json").encode(values)
  if not body then return nil, err end
  return string.format("cfg1 %d %d %s\n%s", gen, #body, use("codec").crc32(body), body)
end

-- Type, default and what is allowed for a key, or nil.
local function rule_of(self, key)
  if type(key) ~= "string" or not string.find(key, "^[%w_]+$") then return nil end
  local kind, default, allowed = string.match(self.schema, "\n" .. key .. " ([snb]) (%S+) ?([^\n]*)")
  if kind == "n" then
    default = tonumber(default)
  elseif kind == "b" then
    default = default == "on"
  elseif default == "-" then
    default = ""
  end
  return kind, default, allowed
end

local NAME = { s = "string", n = "number", b = "boolean" }

local function accepts(kind, allowed, value)
  if type(value) ~= NAME[kind] then return nil, "expected a " .. NAME[kind] end
  local low, high = string.match(allowed, "^(%d+)%.%.(%d+)$")
  if low then
    local n = kind == "s" and #value or value
    if n < tonumber(low) or n > tonumber(high) then
      return nil, (kind == "s" and "length " or "") .. "outside " .. allowed
    end
  elseif allowed ~= "" and not string.find("|" .. allowed .. "|", "|" .. value .. "|", 1, true) then
    return nil, "expected one of " .. string.gsub(allowed, "|", ", ")
  end
  return true
end

-- Reads both slots; returns true, and a list of complaints about damaged
-- slots and stored values which the schema no longer takes.
function Store:load()
  local best, notes = nil, {}
  self.values, self.gen = {}, 0
  for i = 0, 1 do
    local name = self.name .. "." .. i
    local text = self.fs.getcontents(name)
    if text then
      local slot, err = parse_slot(text)
      if not slot then
        notes[#notes + 1] = name .. ": " .. err
      elseif not best or slot.gen > best.gen then
        best = slot
      end
    end
  end
  if best then
    self.gen = best.gen
    for k, v in pairs(best.values) do
      local kind, _, allowed = rule_of(self, k)
      local ok, err = nil, "unknown key"
      if kind then ok, err = accepts(kind, allowed, v) end
      if ok then
        self.values[k] = v
      else
        notes[#notes + 1] = k .. ": " .. err
      end
    end
  end
  table.sort(notes)
  return true, notes
end

function Store:get(key)
  local v = self.values[key]
  if v ~= nil then return v end
  local kind, default = rule_of(self, key)
  if not kind then error("no setting " .. tostring(key), 2) end
  return default
end

function Store:set(key, value)
  local kind, default, allowed = rule_of(self, key)
  if not kind then return nil, "no setting " .. tostring(key) end
  local ok, err = accepts(kind, allowed, value)
  if not ok then return nil, err end
  if value == default then value = nil end
  if self.values[key] ~= value then
    self.values[key], self.dirty = value, true
  end
  return true
end

-- From a console or a form every value arrives as text.
function Store:set_text(key, s)
  local kind = rule_of(self, key)
  if not kind then return nil, "no setting " .. tostring(key) end
  local value = s
  if kind == "n" then
    value = tonumber(s)
    if not value then return nil, "expected a number" end
  elseif kind == "b" then
    value = s == "true" or s == "on" or s == "yes" or s == "1"
    if not value and not (s == "false" or s == "off" or s == "no" or s == "0") then
      return nil, "expected on or off"
    end
  end
  return self:set(key, value)
end

-- Writes the slot which holds the older generation. Nothing is written if
-- nothing changed: flash wears.
function Store:save()
  if not self.dirty then return true, "unchanged" end
  local gen = self.gen + 1
  local text, err = M.make_slot(gen, self.values)
  if not text then return nil, err end
  local name = slot_name(self, gen)
  if not self.fs.putcontents(name, text) then return nil, "cannot write " .. name end
  -- Only believe what can be read back.
  local back = self.fs.getcontents(name)
  if back ~= text then return nil, "verify failed: " .. name end
  self.gen, self.dirty = gen, false
  return true
end

function Store:keys()
  local out = {}
  for k in string.gmatch(self.schema, "\n([%w_]+) ") do out[#out + 1] = k end
  table.sort(out)
  return out
end

return M
