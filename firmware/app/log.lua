-- Logger: levels, a ring of recent lines in RAM, and any number of sinks.
-- The file sink rotates, so a chatty night cannot fill the flash.

local coll = require "coll"

local M = {}

-- Six columns for each level, in a string rather than in two tables.
local LEVELS = "debug info  warn  error "

local function rank(name)
  local at = type(name) == "string" and string.find(LEVELS, name .. " ", 1, true)
  return at and at % 6 == 1 and (at + 5) / 6 or nil
end

local function level_name(n)
  return string.match(LEVELS, "%a+", n * 6 - 5)
end

local Log = {}
Log.__index = Log

-- now() gives the text of the current time; keep is the number of lines
-- remembered in RAM.
function M.new(now, keep, level)
  return setmetatable({
    now = now, ring = coll.ring(keep or 20), level = rank(level or "info"),
    sinks = {}, count = { 0, 0, 0, 0 }, dropped = 0,
  }, Log)
end

function Log:set_level(name)
  local level = rank(name)
  if not level then return nil, "no level " .. tostring(name) end
  self.level = level
  return true
end

-- A sink gets (line, level name) for lines of at least its own level.
function Log:sink(fn, level)
  self.sinks[#self.sinks + 1] = { fn = fn, level = rank(level or "debug") }
end

local function emit(self, level, tag, text, ...)
  self.count[level] = self.count[level] + 1
  if level < self.level then return end
  if select("#", ...) > 0 then
    local ok, line = pcall(string.format, text, ...)
    -- A wrong format string must not take down the code which reports.
    text = ok and line or text .. " (bad log arguments)"
  end
  local name = level_name(level)
  local line = string.format("%s %-5s %s: %s", self.now(), name, tag, text)
  self.ring:push(line)
  for _, s in ipairs(self.sinks) do
    if level >= s.level and not pcall(s.fn, line, name) then
      self.dropped = self.dropped + 1
    end
  end
end

-- A small front for one module, so that its name is written once.
local Tagged = {}
Tagged.__index = Tagged

function Tagged:debug(...) emit(self.log, 1, self.tag, ...) end
function Tagged:info(...) emit(self.log, 2, self.tag, ...) end
function Tagged:warn(...) emit(self.log, 3, self.tag, ...) end
function Tagged:error(...) emit(self.log, 4, self.tag, ...) end

function Log:tag(tag)
  return setmetatable({ log = self, tag = tag }, Tagged)
end

-- The last n lines, oldest first, of a level name if one is given.
function Log:tail(n, level)
  local out = {}
  for i = self.ring.count, 1, -1 do
    if #out == n then break end
    local line = self.ring:get(i)
    if not level or string.find(line, " " .. level, 1, true) then
      table.insert(out, 1, line)
    end
  end
  return out
end

function Log:counts()
  local out = {}
  for i = 1, 4 do out[level_name(i)] = self.count[i] end
  return out
end

local Sink = {}
Sink.__index = Sink

-- Appends to `name`; beyond `limit` bytes the file becomes name.1, name.1
-- becomes name.2, up to `keep` old ones. Lines are collected and written
-- together, because every write costs a flash program and an open costs
-- more; errors go out at once, as a restart may follow them.
function M.file_sink(fs, name, limit, keep)
  local st = fs.stat(name)
  return setmetatable({
    fs = fs, name = name, limit = limit, keep = keep or 1,
    size = st and st.size or 0, pending = {}, bytes = 0,
  }, Sink)
end

function Sink:write(line, level)
  self.pending[#self.pending + 1] = line
  self.bytes = self.bytes + #line + 1
  if self.bytes >= 512 or level == "error" then self:flush() end
end

function Sink:rotate()
  local fs, name = self.fs, self.name
  fs.remove(name .. "." .. self.keep)
  for i = self.keep - 1, 1, -1 do
    if fs.exists(name .. "." .. i) then fs.rename(name .. "." .. i, name .. "." .. (i + 1)) end
  end
  fs.rename(name, name .. ".1")
  self.size = 0
end

function Sink:flush()
  if #self.pending == 0 then return true end
  if self.size > 0 and self.size + self.bytes > self.limit then self:rotate() end
  local text = table.concat(self.pending, "\n") .. "\n"
  -- Forget the lines before the attempt: a full file system must not make
  -- the backlog grow until the heap is gone too.
  self.pending, self.bytes = {}, 0
  local f = self.fs.open(self.name, "a")
  if not f then return nil, "cannot open " .. self.name end
  local ok = f:write(text)
  f:close()
  if not ok then return nil, "cannot write " .. self.name end
  self.size = self.size + #text
  return true
end

return M
