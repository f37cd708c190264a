-- Time: a tick counter which survives the wrap of tmr.now(), wall time on
-- top of it, and dates. Reading dates is the business of `dates`.
--
-- A tick is 100 ms. Counted in ticks, a signed 32-bit number lasts for six
-- years; in milliseconds it would last for 24 days.

local M = {}

local fmt = string.format

M.TICKS = 10 -- per second

local Clock = {}
Clock.__index = Clock

-- now_us() is tmr.now(): microseconds, wrapping at 2^31.
function M.new(now_us)
  return setmetatable({
    now_us = now_us, last = now_us(), rest = 0, count = 0, offset = nil,
  }, Clock)
end

-- Ticks since start. Has to be called at least once in half an hour, which
-- the scheduler does ten times a second.
function Clock:ticks()
  local now = self.now_us()
  local gone = now - self.last
  if gone < 0 then gone = gone + 2147483647 + 1 end
  self.last = now
  gone = gone + self.rest
  self.rest = gone % 100000
  self.count = self.count + (gone - self.rest) / 100000
  return self.count
end

function Clock:uptime()
  local t = self:ticks()
  return (t - t % M.TICKS) / M.TICKS
end

-- Wall time in seconds since 1970; before anybody has set it, uptime counts
-- from zero, so that dates in the log at least move forward.
function Clock:time()
  return (self.offset or 0) + self:uptime()
end

function Clock:set(epoch)
  local old = self:time()
  self.offset = epoch - self:uptime()
  return epoch - old
end

function Clock:is_set()
  return self.offset ~= nil
end

-- Days since 1970 of a date in the Gregorian calendar, and back. Years are
-- counted from March, so the leap day is the last of its year and the month
-- lengths follow from one linear formula.
local function div(a, b)
  return (a - a % b) / b
end

function M.days(y, m, d)
  if m <= 2 then y, m = y - 1, m + 12 end
  return 365 * y + div(y, 4) - div(y, 100) + div(y, 400) + div(153 * (m - 3) + 2, 5) + d - 719469
end

function M.civil(days)
  local n = days + 719468
  local era = div(n, 146097)
  local doe = n - era * 146097
  local yoe = div(doe - div(doe, 1460) + div(doe, 36524) - div(doe, 146096), 365)
  local doy = doe - (365 * yoe + div(yoe, 4) - div(yoe, 100))
  local mp = div(5 * doy + 2, 153)
  local d = doy - div(153 * mp + 2, 5) + 1
  local m = mp < 10 and mp + 3 or mp - 9
  return yoe + era * 400 + (m <= 2 and 1 or 0), m, d
end

-- Names side by side in one string: in flash it costs nothing, a table would.
local DAYS = "ThuFriSatSunMonTueWed"
local MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"

-- Broken-down UTC of an epoch.
function M.parts(epoch)
  local days = div(epoch, 86400)
  local sec = epoch - days * 86400
  local y, m, d = M.civil(days)
  return { year = y, month = m, day = d, hour = div(sec, 3600), min = div(sec, 60) % 60,
           sec = sec % 60, wday = string.sub(DAYS, days % 7 * 3 + 1, days % 7 * 3 + 3), yday = days - M.days(y, 1, 1) + 1 }
end

-- The usual letters; an unknown one stays as it is.
function M.format(pattern, epoch)
  local p = M.parts(epoch)
  return (string.gsub(pattern, "%%(.)", function(c)
    if c == "Y" then return fmt("%04d", p.year) end
    if c == "a" then return p.wday end
    if c == "b" then return string.sub(MONTHS, p.month * 3 - 2, p.month * 3) end
    if c == "j" then return fmt("%03d", p.yday) end
    if c == "%" then return "%" end
    local n = c == "m" and p.month or c == "d" and p.day or c == "H" and p.hour or
              c == "M" and p.min or c == "S" and p.sec
    return n and fmt("%02d", n)
  end))
end

function M.iso(epoch)
  return M.format("%Y-%m-%dT%H:%M:%SZ", epoch)
end

function M.http_date(epoch)
  return M.format("%a, %d %b %Y %H:%M:%S GMT", epoch)
end

return M
