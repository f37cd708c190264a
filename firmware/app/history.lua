-- History: the recent readings in RAM, packed, and one CSV file a day.
--
-- A record is 4 + 2n bytes of a string instead of a table of n numbers, and
-- eight of them share one string: that is what allows two hours of minutes
-- on a small heap.

local coll, clock, use = require "coll", require "clock", require "use"

local M = {}

local byte, char = string.byte, string.char

local History = {}
M.class = History

local MISSING, PER_BLOCK = -32768, 8

function M.new(channels, cap)
  return setmetatable({ channels = channels, blocks = coll.ring(cap / PER_BLOCK), open = "",
                        size = 4 + 2 * #channels }, use.class "history")
end

-- Sixteen bits, most significant byte first, negative as two's complement.
local function pack16(n)
  n = n % 65536
  local lo = n % 256
  return char((n - lo) / 256, lo)
end

local function unpack16(s, pos)
  local hi, lo = byte(s, pos, pos + 1)
  return hi * 256 + lo
end

function History:add(epoch, values)
  local lo = epoch % 65536
  local rec = pack16((epoch - lo) / 65536) .. pack16(lo)
  for _, name in ipairs(self.channels) do rec = rec .. pack16(values[name] or MISSING) end
  self.open = self.open .. rec
  if #self.open == self.size * PER_BLOCK then
    self.blocks:push(self.open)
    self.open = ""
  end
end

function History:count()
  return self.blocks.count * PER_BLOCK + #self.open / self.size
end

-- Record i, 1 being the oldest; negative counts from the newest. Returns
-- epoch and values.
function History:get(i)
  local n = self:count()
  if i < 0 then i = n + 1 + i end
  if i < 1 or i > n then return nil end
  local at = (i - 1) % PER_BLOCK
  local block = self.blocks:get((i - 1 - at) / PER_BLOCK + 1) or self.open
  local pos = at * self.size + 1
  local values = {}
  for c, name in ipairs(self.channels) do
    local v = unpack16(block, pos + 2 + 2 * c)
    if v >= 32768 then v = v - 65536 end
    if v ~= MISSING then values[name] = v end
  end
  return unpack16(block, pos) * 65536 + unpack16(block, pos + 2), values
end

-- Minimum, maximum and mean of one channel over the last n records.
function History:summary(name, n)
  local s = use("stats").summary()
  for i = math.max(1, self:count() - n + 1), self:count() do
    local _, values = self:get(i)
    if values[name] then s:add(values[name]) end
  end
  return s
end

-- One channel as at most `points` means, oldest first; gaps are left out.
function History:series(name, points)
  local n, out = self:count(), {}
  local chunk = (n + points - 1 - (n + points - 1) % points) / points
  local sum, have = 0, 0
  for i = 1, n do
    local _, values = self:get(i)
    if values[name] then sum, have = sum + values[name], have + 1 end
    if i % chunk == 0 or i == n then
      if have > 0 then out[#out + 1] = (sum - sum % have) / have end
      sum, have = 0, 0
    end
  end
  return out
end

local function csv_line(epoch, values, channels, text)
  local cells = { clock.iso(epoch) }
  for i, name in ipairs(channels) do
    cells[i + 1] = values[name] and text.fixed(values[name]) or ""
  end
  return table.concat(cells, ",") .. "\n"
end

-- A producer for network connections: each call gives the next line.
function History:csv()
  local i, text = -1, require "text"
  return function()
    i = i + 1
    if i == 0 then return "time," .. table.concat(self.channels, ",") .. "\n" end
    local epoch, values = self:get(i)
    return epoch and csv_line(epoch, values, self.channels, text)
  end
end

function M.day_file(epoch)
  return clock.format("%Y%m%d.csv", epoch)
end

-- Appends the newest record to its day's file and drops the oldest file
-- beyond `keep`. Names sort by date, which makes pruning trivial.
function History:persist(fs, keep)
  local epoch, values = self:get(-1)
  if not epoch then return nil, "nothing recorded" end
  local name = M.day_file(epoch)
  local fresh = not fs.exists(name)
  local f = fs.open(name, "a")
  if not f then return nil, "cannot open " .. name end
  if fresh then f:write("time," .. table.concat(self.channels, ",") .. "\n") end
  local ok = f:write(csv_line(epoch, values, self.channels, use "text"))
  f:close()
  if fresh then self:prune(fs, keep) end
  return ok and name, not ok and "file system full" or nil
end

function History:prune(fs, keep)
  local days = {}
  for name in pairs(fs.list()) do
    if string.find(name, "^%d%d%d%d%d%d%d%d%.csv$") then days[#days + 1] = name end
  end
  table.sort(days)
  for i = 1, #days - keep do fs.remove(days[i]) end
  return #days
end

-- A line of eight steps for terminals, "_.-=+*#@" from low to high.
function M.spark(list)
  local steps = "_.-=+*#@"
  local lo, hi = list[1], list[1]
  for _, v in ipairs(list) do
    if v < lo then lo = v end
    if v > hi then hi = v end
  end
  local out = {}
  for i, v in ipairs(list) do
    local d = hi > lo and (v - lo) * 7 or 0
    local k = hi > lo and (d - d % (hi - lo)) / (hi - lo) + 1 or 1
    out[i] = string.sub(steps, k, k)
  end
  return table.concat(out)
end

return M
