-- Sensors: plausibility, filtering and fault detection, on top of a small
-- simulated greenhouse which reacts to its own fan, heater and pump.
--
-- Everything is in tenths: degrees, per cent of relative humidity, per cent
-- of soil moisture, per cent of full sunlight.

local fix, use = require "fix", require "use"

local M = {}

local div = fix.div

-- Lehmer generator with a small modulus: every product fits 31 bits, and
-- the same seed gives the same weather on every board.
function M.noise(seed)
  local x = seed % 30268 + 1
  return function(span)
    x = x * 171 % 30269
    return x % (2 * span + 1) - span
  end
end

local Model = {}
Model.__index = Model

function M.model(seed)
  return setmetatable({
    noise = M.noise(seed or 1),
    -- In thousandths, or the small steps of one second would be lost.
    temp = 18000, hum = 60000, soil = 45000, light = 0, broken = {},
  }, Model)
end

local SUNRISE, SUNSET = 6 * 3600, 20 * 3600

local function daylight(sec)
  if sec <= SUNRISE or sec >= SUNSET then return 0 end
  local half = (SUNSET - SUNRISE) / 2
  local x = div((sec - SUNRISE - half) * 1000, half)
  return 1000 - div(x * x, 1000)
end

-- Lets dt seconds pass; `on` maps the names of running outputs to true.
function Model:step(dt, second_of_day, on)
  local sun = daylight(second_of_day)
  self.light = sun * 100 + (on.lamp and 20000 or 0)
  local outside = 8000 + sun * 12
  local leak = on.vent and 4 or 1
  if on.fan then leak = leak + 3 end
  local gain = div(sun * 3, 100) + (on.heater and 25 or 0)
  self.temp = self.temp + dt * (gain - div((self.temp - outside) * leak, 1000))
  local damp = 40000 + div(self.soil, 2)
  self.hum = fix.clamp(self.hum + div((damp - self.hum) * dt, 200) - (leak - 1) * dt * 20 +
                         (on.mist and 150 * dt or 0), 5000, 100000)
  self.soil = fix.clamp(self.soil - dt * (2 + div(sun, 200)) + (on.pump and 300 * dt or 0), 0, 100000)
end

-- A reading as the chip would give it: tenths, a little noise, and nil while
-- the wire is cut (`model.broken[name] = true`, or a number for a stuck one).
function Model:read(name)
  local fault = self.broken[name]
  if fault then return type(fault) == "number" and fault or nil end
  return div(self[name], 100) + self.noise(2)
end

-- What a channel is measured in, and what could be true.
function M.unit(name)
  return name == "temp" and "C" or "%"
end

local function limits(name)
  if name == "temp" then return -400, 850 end
  if name == "light" then return -5, 1305 end
  return -5, 1005
end

local function filter_for(name)
  local stats = use "stats"
  if name == "temp" then return stats.chain(stats.median(3), stats.ema(4)) end
  if name == "soil" then return stats.chain(stats.median(5), stats.slew(50)) end
  return stats.ema(name == "light" and 2 or 4)
end

local Sensors = {}
Sensors.__index = Sensors

-- `read(name)` gives a raw reading or nil; `bus` hears sensor.<name> with
-- each value and fault.<name> / fine.<name> with each change of health.
function M.new(names, read, bus)
  local s = setmetatable({ names = names, read = read, bus = bus, list = {}, value = {}, samples = 0 }, Sensors)
  for i, name in ipairs(names) do
    s.list[i] = { filter = filter_for(name), bad = 0, same = 0 }
  end
  return s
end

local MAX_BAD, MAX_SAME = 3, 120

local function judge(sensor, name, raw)
  local low, high = limits(name)
  if raw == nil then return "no answer" end
  if type(raw) ~= "number" or raw < low or raw > high then return "implausible" end
  -- A real sensor is never perfectly still; at the end of its scale it is.
  if raw == sensor.raw and raw > low + 10 and raw < high - 10 then
    sensor.same = sensor.same + 1
    if sensor.same >= MAX_SAME then return "stuck" end
  else
    sensor.same = 0
  end
  sensor.raw = raw
end

function Sensors:sample()
  self.samples = self.samples + 1
  for i, sensor in ipairs(self.list) do
    local name = self.names[i]
    local trouble = judge(sensor, name, self.read(name))
    if not trouble then
      sensor.bad = 0
      local v = sensor.filter(sensor.raw)
      self.value[name] = v
      if sensor.fault then
        sensor.fault = nil
        self.bus:emit("fine." .. name)
      end
      self.bus:emit("sensor." .. name, v)
    else
      sensor.bad = sensor.bad + 1
      if sensor.bad >= MAX_BAD and not sensor.fault then
        sensor.fault = trouble
        -- Better no value than an old one: rules treat it as unknown. The
        -- filter starts afresh, or the past would leak into the future.
        self.value[name], sensor.filter = nil, filter_for(name)
        self.bus:emit("fault." .. name, trouble)
      end
    end
  end
end

-- Plain rows for pages and the console.
function Sensors:report()
  local out = {}
  for i, sensor in ipairs(self.list) do
    local name = self.names[i]
    out[i] = { name = name, unit = M.unit(name), value = self.value[name],
               state = sensor.fault or "ok" }
  end
  return out
end

function Sensors:faults()
  local n = 0
  for _, sensor in ipairs(self.list) do if sensor.fault then n = n + 1 end end
  return n
end

return M
