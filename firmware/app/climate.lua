-- Climate control: outputs with protection times, the rules which drive
-- them, and a state machine above which decides who may.

local rules, use = require "rules", require "use"

local M = {}

-- Outputs in the order of reports. Each has ticks which it must stay on and
-- off before it may change again, and names of others which bar it.
local OUTPUTS = {
  "heater 300 600 vent,fan", "vent 100 100 heater", "fan 100 50 heater",
  "mist 20 300", "pump 20 600", "lamp 50 50",
}

M.default_rules = [[
# the heater yields to the vent, so its limits stand apart by three degrees
when temp < 14 then heater on
when temp > 16 then heater off
when temp > 26 then vent on
when temp < 19 then vent off
when temp > 29.5 or hum > 92 then fan on for 5m
when hum < 45 and light > 20 then mist on for 10s
when soil < 30 and (hour < 9 or hour >= 19) then pump on for 20s
when light < 15 and hour >= 7 and hour < 18 then lamp on
when light > 40 or hour >= 18 then lamp off
]]

local Outputs = {}
Outputs.__index = Outputs

-- drive(name, on) reaches the hardware; bus hears output.<name>.
function M.outputs(ticks, drive, bus)
  local o = setmetatable({ ticks = ticks, drive = drive, bus = bus, by = {}, on = {}, why = {} }, Outputs)
  for _, spec in ipairs(OUTPUTS) do
    -- Far in the past, so that protection does not hold up the first switch.
    -- Not more than four fields: the fifth would double the table.
    o.by[string.match(spec, "^%w+")] = { spec = spec, since = -100000, total = 0 }
  end
  return o
end

local function barred(self, bars)
  for other in string.gmatch(bars, "%w+") do
    if self.on[other] then return other end
  end
end

-- Returns true if the output is as wished now, else nil and the reason why
-- it could not be. `force` is for safety: it skips the protection times and
-- switches off whatever stands in the way.
function Outputs:set(name, on, why, force, ticks)
  local out = self.by[name]
  if not out then return nil, "no output " .. tostring(name) end
  local now = self.ticks()
  if (self.on[name] or false) == on then
    -- Asking again makes a limited run longer, never shorter.
    if on and ticks and out.till and now + ticks > out.till then out.till = now + ticks end
    return true
  end
  local min_on, min_off, bars = string.match(out.spec, "^%w+ (%d+) (%d+) ?(.*)$")
  local rest = tonumber(on and min_off or min_on) - (now - out.since)
  if rest > 0 and not force then return nil, "protected for " .. rest .. " ticks" end
  if on then
    local other = barred(self, bars)
    while other do
      if not force then return nil, "barred by " .. other end
      self:set(other, false, why, true)
      other = barred(self, bars)
    end
  end
  if not on then out.total = out.total + now - out.since end
  self.on[name] = on or nil
  out.since, out.till, self.why[name] = now, on and ticks and now + ticks or nil, why
  self.drive(name, on)
  self.bus:emit("output." .. name, on, why)
  return true
end

-- Ends limited runs which are over.
function Outputs:tick()
  local now = self.ticks()
  for name, out in pairs(self.by) do
    if out.till and now >= out.till then self:set(name, false, "time is up") end
  end
end

function Outputs:all_off(why)
  for _, spec in ipairs(OUTPUTS) do self:set(string.match(spec, "^%w+"), false, why, true) end
end

function Outputs:report()
  local rows, now = {}, self.ticks()
  for i, spec in ipairs(OUTPUTS) do
    local name = string.match(spec, "^%w+")
    local out, on = self.by[name], self.on[name] or false
    local ticks = out.total + (on and now - out.since or 0)
    rows[i] = { name = name, on = on, why = self.why[name], seconds = (ticks - ticks % 10) / 10 }
  end
  return rows
end

-- The modes, as `fsm` reads them. "guard" collects what some share: in any
-- of these a lost temperature leads to `safe`, and too much of it to `alarm`.
M.modes = {
  initial = "starting",
  states = [[

guard - blind>safe hot>alarm halt>stopped
starting guard 50>auto ready>auto manual>manual
auto guard manual>manual
manual guard 36000>auto auto>auto
safe - sighted>auto halt>stopped
alarm - cool>auto blind>safe halt>stopped
stopped - auto>starting
]],
  hooks = {
    ["leave manual"] = function(m) m.data.outputs:all_off("manual mode ends") end,
    -- Without a thermometer only the harmless may run.
    ["enter safe"] = function(m) m.data.outputs:all_off("no temperature") end,
    ["enter stopped"] = function(m) m.data.outputs:all_off("halted") end,
    ["enter alarm"] = function(m)
      local o = m.data.outputs
      o:set("heater", false, "too hot", true)
      o:set("vent", true, "too hot", true)
      o:set("fan", true, "too hot", true)
    end,
  },
}

local Climate = {}
Climate.__index = Climate

-- limits() gives hot, cool: when to raise the alarm and when to end it.
function M.new(ticks, outputs, sensors, limits)
  local c = setmetatable({ ticks = ticks, outputs = outputs, sensors = sensors, limits = limits,
                           rules = {}, unknown = 0, fired = 0 }, Climate)
  c.mode = use("fsm").new(M.modes, ticks, c):start()
  return c
end

-- Takes the rules only if all of them are good: half a rule book is worse
-- than the old one.
function Climate:load_rules(source)
  local list, errors = use("rulec").load(source)
  if #errors > 0 then return nil, errors end
  self.rules = list
  return #list
end

-- One round, once a second: first safety, then the rules. hour is tenths.
function Climate:step(hour)
  local v = self.sensors.value
  local hot, cool = self.limits()
  if v.temp == nil then
    -- Not while the first readings are still on their way.
    if self.sensors:faults() > 0 then self.mode:send("blind") end
  else
    self.mode:send("sighted")
    if v.temp > hot then self.mode:send("hot") elseif v.temp < cool then self.mode:send("cool") end
  end
  self.mode:tick()
  self.outputs:tick()
  if not self.mode:is("auto") then return 0 end
  local env = setmetatable({ hour = hour }, { __index = v })
  local switched = 0
  for i, rule in ipairs(self.rules) do
    local res, at = rules.eval(rule, env)
    if res == nil then
      self.unknown = self.unknown + 1
    elseif res ~= 0 then
      for name, word, ticks in rules.actions(rule, at) do
        local on = word == "on"
        if (self.outputs.on[name] or false) ~= on and
           self.outputs:set(name, on, "rule " .. i, false, ticks ~= "0" and tonumber(ticks) or nil) then
          switched = switched + 1
        end
      end
    end
  end
  self.fired = self.fired + switched
  return switched
end

-- By hand, in manual mode only.
function Climate:switch(name, on, ticks)
  if not self.mode:is("manual") then return nil, "not in manual mode" end
  return self.outputs:set(name, on, "by hand", false, ticks)
end

return M
