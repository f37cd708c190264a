-- Application: puts the parts together and starts them. Gives the table
-- `app`, through which the console and the servers reach everything.

local clock, use = require "clock", require "use"

-- What can be set: key, type, default, and what is allowed; see `store`.
local SCHEMA = [[

name s greenhouse 1..32
user s grower
password s tomato
ssid s -
wifi_key s -
seed n 1 1..30000
record_s n 60 5..3600
days_kept n 7 1..60
hot n 380 250..600
cool n 300 200..500
log_level s info debug|info|warn|error
log_bytes n 4096 512..65536
telnet_port n 23 0..65535
http_port n 80 0..65535
ftp_port n 21 0..65535
rules s rules.txt
]]

-- Pins of the outputs on the ESP8266 board.
local PINS = "heater 1 vent 2 fan 5 mist 6 pump 7 lamp 8"

local CHANNELS = { "temp", "hum", "soil", "light" }

local App = {}
App.__index = App

local function drive(app)
  return function(name, on)
    if gpio then gpio.write(tonumber(string.match(PINS, name .. " (%d+)")), on and gpio.HIGH or gpio.LOW) end
    app.log:tag("climate"):info("%s %s", name, on and "on" or "off")
  end
end

function App:load_rules(name)
  local source = file.getcontents(name)
  if not source then return nil, { "no file " .. name } end
  local n, errors = self.climate:load_rules(source)
  if n then self.rule_file = name end
  return n, errors
end

-- Everything that hangs on the time of day has to learn about the new one.
function App:set_time(epoch)
  local moved = self.clock:set(epoch)
  self.sched:reset_daily()
  self.log:tag("clock"):info("moved by %d s", moved)
end

local function build_log(app)
  local log = use "log"
  app.log = log.new(function() return clock.format("%m-%d %H:%M:%S", app.clock:time()) end,
                    12, app.cfg:get("log_level"))
  app.log:sink(function(line) print(line) end, "warn")
  local sink = log.file_sink(file, "app.log", app.cfg:get("log_bytes"), 2)
  app.log:sink(function(line, level) sink:write(line, level) end)
  app.logfile = sink
end

local function build_control(app)
  local ticks = function() return app.clock:ticks() end
  local climate, sensors = use "climate", use "sensors"
  app.bus = require("coll").bus(function(topic, err) app.log:tag("bus"):error("%s: %s", topic, tostring(err)) end)
  app.model = sensors.model(app.cfg:get("seed"))
  app.sensors = sensors.new(CHANNELS, function(name) return app.model:read(name) end, app.bus)
  app.history = use("history").new(CHANNELS, 64)
  local outputs = climate.outputs(ticks, drive(app), app.bus)
  app.climate = climate.new(ticks, outputs, app.sensors,
                            function() return app.cfg:get("hot"), app.cfg:get("cool") end)
  app.sched = use("sched").new(ticks, function(job, err) app.log:tag("sched"):error("%s: %s", job.name, err) end)
  if gpio then
    for pin in string.gmatch(PINS, "%d+") do gpio.mode(tonumber(pin), gpio.OUTPUT) end
  end
end

local function listen_to_bus(app)
  local l = app.log:tag("sensor")
  app.bus:on("fault.*", function(topic, why) l:warn("%s %s", topic, why) end)
  app.bus:on("fine.*", function(topic) l:info("%s", topic) end)
  app.climate.mode.on_move = function(_, to, event)
    app.log:tag("climate"):info("mode %s (%s)", to, event)
    app.bus:emit("mode", to)
  end
  app.bus:on("config.saved", function()
    app.log:set_level(app.cfg:get("log_level"))
    app.logfile.limit = app.cfg:get("log_bytes")
    app:schedule_record()
  end)
  -- A reload ends in a restart; what is in RAM only would be lost.
  app.bus:on("reload", function()
    app.climate.outputs:all_off("reload")
    app.logfile:flush()
  end)
end

function App:schedule_record()
  self.sched:every("record", self.cfg:get("record_s") * clock.TICKS, function(job)
    self.history:add(self.clock:time(), self.sensors.value)
    -- Flash wears, RAM does not: one record in ten is also kept in a file,
    -- once the files can carry a true date.
    if job.runs % 10 == 0 and self.clock:is_set() then
      local name, err = self.history:persist(file, self.cfg:get("days_kept"))
      if not name then error(err, 0) end
    end
  end)
end

local function schedule(app)
  local s, c = app.sched, app.climate
  s:every("sample", clock.TICKS, function()
    local second = app.clock:time() % 86400
    app.model:step(1, second, c.outputs.on)
    app.sensors:sample()
    -- Tenths of an hour, as every quantity of the rules is in tenths.
    c:step((second - second % 360) / 360)
  end)
  app:schedule_record()
  s:every("minute", 60 * clock.TICKS, function(job)
    app.logfile:flush()
    if node.heap() < 6000 then
      collectgarbage()
      app.log:tag("heap"):warn("%d bytes left", node.heap())
    end
    if job.runs % 60 == 0 then
      local t = app.history:summary("temp", 60)
      if t.n > 0 then app.log:tag("hour"):info("temp %d..%d mean %d tenths", t.min, t.max, t:mean()) end
    end
  end)
  s:daily("midnight", 0, app.clock, function()
    app.history:prune(file, app.cfg:get("days_kept"))
    app.log:tag("day"):info("%d job runs, %d late", s.ran, s.late)
  end)
end

-- Port 0 leaves a server out.
local function serve(app)
  if not net then return app.log:tag("net"):info("no network") end
  local gate = require "gate"
  for name, idle, limit in string.gmatch("telnet 600 2 http 30 4 ftp 300 2", "(%a+) (%d+) (%d+)") do
    local port = app.cfg:get(name .. "_port")
    if port > 0 then
      local module = name == "http" and "web" or name .. "d"
      app.servers[name] = gate.open(app, module, port, tonumber(idle), tonumber(limit))
    end
  end
end

local function join_wifi(app)
  local ssid = app.cfg:get("ssid")
  if not wifi or ssid == "" then return end
  wifi.setmode(wifi.STATION)
  wifi.sta.config { ssid = ssid, pwd = app.cfg:get("wifi_key"), save = false }
end

function App:stop()
  self.stopped = true
  for _, server in pairs(self.servers) do server:close() end
  self.sched:detach()
  self.climate.mode:send("halt")
  self.logfile:flush()
end

local function start()
  -- The collector's habit of letting the heap double before it starts again
  -- suits larger machines.
  collectgarbage("setpause", 110)
  local app = setmetatable({}, App)
  app.clock = clock.new(tmr.now)
  app.cfg = use("store").new(file, "config", SCHEMA)
  local _, notes = app.cfg:load()
  build_log(app)
  local l = app.log:tag("main")
  for _, note in ipairs(notes) do l:warn("settings: %s", note) end
  build_control(app)
  listen_to_bus(app)
  local n, errors = app:load_rules(app.cfg:get("rules"))
  if not n then
    for _, e in ipairs(errors) do l:info("rules: %s", e) end
    n = app.climate:load_rules(use("climate").default_rules)
  end
  schedule(app)
  join_wifi(app)
  app.sched:attach(tmr)
  app.servers = {}
  -- In a task of its own: by then what booting needed is off the stack.
  node.task.post(function()
    if not app.stopped then serve(app) end
  end)
  l:info("started, %d rules, heap %d", n, node.heap())
  return app
end

return start()
