-- The application as a whole on the stand-in: control, records, settings
-- across restarts, log files.

local standin = require "standin"

return function(T)
  local check, same = T.check, T.same

  local function start(dir)
    standin.install(dir)
    T.forget()
    local lines, app = T.printed(require, "main")
    return app, lines
  end

  T.group("control", function()
    local app, lines = start(T.directory())
    same("quiet start", #lines, 0)
    same("mode", app.climate.mode.state, "starting")
    standin.run(10000)
    same("readings", app.sensors.samples, 10)
    check("values", app.sensors.value.temp and app.sensors.value.light)
    same("mode after the start", app.climate.mode.state, "auto")
    standin.run(600000)
    same("records", app.history:count(), 10)
    check("no date, no files", not file.exists("19700101.csv"))
    app:set_time(1718020800)
    standin.run(3600000)
    check("a file with the date", file.exists("20240610.csv"))
    local csv = file.getcontents("20240610.csv")
    T.has("head of the file", csv, "time,temp,hum,soil,light\n2024-06-10T12:")
    local _, n = string.gsub(csv, "\n", "")
    same("one record in ten", n, 1 + 6)
    same("scheduler is never late", app.sched.late, 0)
    -- Half a day further the day has changed and the lamp or pump has run.
    T.printed(standin.run, 14 * 3600000)
    check("next day", file.exists("20240611.csv"))
    check("rules fired", app.climate.fired > 0)
    check("within limits", app.sensors.value.temp > 50 and app.sensors.value.temp < 420)
    local s = app.climate.outputs:report()
    check("outputs have run", s[1].seconds + s[2].seconds + s[3].seconds > 0)
    app:stop()
    same("all off", next(app.climate.outputs.on), nil)
    same("no listener left", next(standin.listeners), nil)
    local before = app.sensors.samples
    standin.run(5000)
    same("no timer left", app.sensors.samples, before)
    same("what was borrowed is given back", package.loaded.rulec or package.loaded.json or package.loaded.dates, nil)
  end)

  T.group("faults", function()
    local app = start(T.directory())
    standin.run(10000)
    app.model.broken.temp = true
    local lines = T.printed(standin.run, 5000)
    T.has("warning", table.concat(lines, "\n"), "fault.temp no answer")
    same("safe mode", app.climate.mode.state, "safe")
    same("nothing runs", next(app.climate.outputs.on), nil)
    app.model.broken.temp = nil
    T.printed(standin.run, 3000)
    same("back again", app.climate.mode.state, "auto")
    app.model.temp = 60000
    T.printed(standin.run, 15000)
    check("alarm", app.climate.mode.state == "alarm" and app.climate.outputs.on.vent and app.climate.outputs.on.fan)
    app.bus:on("sensor.temp", function() error("listener broke") end)
    lines = T.printed(standin.run, 2000)
    T.has("a bad listener is reported", table.concat(lines, "\n"), "listener broke")
    app:stop()
  end)

  T.group("settings", function()
    local dir = T.directory()
    local app = start(dir)
    check("default", app.cfg:get("name") == "greenhouse")
    app.cfg:set("name", "tunnel")
    app.cfg:save()
    app.cfg:set("name", "palm house")
    app.cfg:save()
    app:stop()
    app = start(dir)
    same("after a restart", app.cfg:get("name"), "palm house")
    same("unchanged is not written", select(2, app.cfg:save()), "unchanged")
    app:stop()
    -- Every possible cut of the newest slot leads back to the older one.
    local whole, bad = file.getcontents("config.0"), 0
    local store = require "store"
    for n = 0, #whole - 1 do
      file.putcontents("config.0", string.sub(whole, 1, n))
      local s = store.new(file, "config", "\nname s greenhouse\n")
      s:load()
      if s:get("name") ~= "tunnel" then bad = bad + 1 end
    end
    same("cuts that did not lead to the older slot", bad, 0)
    local lines
    app, lines = start(dir)
    same("start with a cut slot", app.cfg:get("name"), "tunnel")
    T.has("and a warning", table.concat(lines, "\n"), "config.0: truncated")
    app.cfg:set("name", "third")
    check("save after the damage", app.cfg:save())
    app:stop()
    app = start(dir)
    same("is found again", app.cfg:get("name"), "third")
    app:stop()
    file.putcontents("config.1", store.make_slot(99, { hot = 9999, gone = 1, name = "kept" }))
    app, lines = start(dir)
    check("values out of range fall back", app.cfg:get("hot") == 380 and app.cfg:get("name") == "kept")
    T.has("each is named", table.concat(lines, "\n"), "gone: unknown key")
    standin.capacity = 100
    app.cfg:set("name", "too much")
    check("full file system", not app.cfg:save())
    standin.capacity = 1000000
    app:stop()
  end)

  T.group("rules file", function()
    local dir = T.directory()
    standin.install(dir)
    file.putcontents("rules.txt", "when 1 then lamp on for 3s # always\n")
    local app = start(dir)
    same("taken", #app.climate.rules, 1)
    standin.run(6000)
    check("lamp", app.climate.outputs.on.lamp)
    file.putcontents("bad.txt", "when 1 then lamp on\nwhen\n")
    local n, errors = app:load_rules("bad.txt")
    check("all or nothing", n == nil and #errors == 1 and #app.climate.rules == 1)
    app:stop()
  end)

  T.group("log files", function()
    local dir = T.directory()
    local app = start(dir)
    app.cfg:set("log_bytes", 600)
    app.bus:emit("config.saved")
    for i = 1, 60 do app.log:tag("test"):info("line number %d of many", i) end
    app.logfile:flush()
    local files = file.list()
    check("rotated", files["app.log"] and files["app.log.1"] and files["app.log.2"] and not files["app.log.3"])
    check("bounded", files["app.log"] <= 600 and files["app.log.1"] <= 1200 and files["app.log.2"] <= 1200)
    T.has("newest line", file.getcontents("app.log"), "line number 60 of many")
    T.printed(function() app.log:tag("test"):error("at once") end)
    T.has("errors are not held back", file.getcontents("app.log"), "at once")
    standin.capacity = 10
    app.log:tag("test"):info("lost")
    check("a full file system is survived", app.logfile:flush() == nil)
    standin.capacity = 1000000
    app:stop()
  end)

  T.group("long run", function()
    local app = start(T.directory())
    app.cfg:set("record_s", 3600)
    app.bus:emit("config.saved")
    standin.run(2 * 3600000)
    -- tmr.now() has wrapped more than three times by now.
    same("uptime", app.clock:uptime(), 7200)
    collectgarbage()
    local before = collectgarbage("count")
    T.printed(standin.run, 2 * 3600000)
    collectgarbage()
    check("no growth", collectgarbage("count") - before < 8)
    app:stop()
  end)
end
