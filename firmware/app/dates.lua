-- Dates, durations and times of day as people write them.

local clock = require "clock"

local M = {}

local fmt = string.format

local function div(a, b)
  return (a - a % b) / b
end

function M.epoch(p)
  return clock.days(p.year, p.month, p.day) * 86400 + (p.hour or 0) * 3600 +
         (p.min or 0) * 60 + (p.sec or 0)
end

local function check(p)
  local next_month = p.month == 12 and clock.days(p.year + 1, 1, 1) or clock.days(p.year, p.month + 1, 1)
  if p.month < 1 or p.month > 12 or p.day < 1 or p.hour > 23 or p.min > 59 or p.sec > 60 or
     p.day > next_month - clock.days(p.year, p.month, 1) then
    return nil, "no such date"
  end
  return M.epoch(p)
end

-- "2024-02-29T12:30:00Z", also with a blank, without seconds, or with an
-- offset such as +02:00; and the date of an HTTP header.
function M.parse(s)
  local y, mo, d, h, mi, tail = string.match(s, "^(%d%d%d%d)-(%d%d)-(%d%d)[T ](%d%d):(%d%d)(.*)$")
  if y then
    local sec, zone = string.match(tail, "^:(%d%d)(.*)$")
    zone = zone or tail
    local shift = 0
    if zone ~= "" and zone ~= "Z" then
      local sign, zh, zm = string.match(zone, "^([+-])(%d%d):?(%d%d)$")
      if not sign then return nil, "bad zone" end
      shift = (tonumber(zh) * 60 + tonumber(zm)) * (sign == "+" and -60 or 60)
    end
    local e, err = check { year = tonumber(y), month = tonumber(mo), day = tonumber(d),
                           hour = tonumber(h), min = tonumber(mi), sec = tonumber(sec or "0") }
    return e and e + shift, err
  end
  d, mo, y, h, mi, tail = string.match(s, "^%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT$")
  local at = mo and string.find("JanFebMarAprMayJunJulAugSepOctNovDec", mo, 1, true)
  if not at or at % 3 ~= 1 then return nil, "not a date" end
  return check { year = tonumber(y), month = (at + 2) / 3, day = tonumber(d),
                 hour = tonumber(h), min = tonumber(mi), sec = tonumber(tail) }
end

local UNIT = { s = 1, m = 60, h = 3600, d = 86400 }

-- "90s", "10m", "1h30m" -> seconds.
function M.duration(s)
  local total, pos = 0, 1
  while pos <= #s do
    local n, unit, after = string.match(s, "^(%d+)([smhd])()", pos)
    if not n then return nil, "not a duration: " .. s end
    total, pos = total + tonumber(n) * UNIT[unit], after
  end
  if pos == 1 then return nil, "empty duration" end
  return total
end

-- The two largest units are all a reader wants.
function M.span(sec)
  local d, h, m = div(sec, 86400), div(sec, 3600) % 24, div(sec, 60) % 60
  if d > 0 then return fmt("%dd %dh", d, h) end
  if h > 0 then return fmt("%dh %dm", h, m) end
  if m > 0 then return fmt("%dm %ds", m, sec % 60) end
  return fmt("%ds", sec)
end

-- "06:30" -> seconds since midnight.
function M.daytime(s)
  local h, m = string.match(s, "^(%d%d?):(%d%d)$")
  h, m = tonumber(h), tonumber(m)
  if not h or h > 23 or m > 59 then return nil, "not a time of day: " .. s end
  return h * 3600 + m * 60
end

return M
