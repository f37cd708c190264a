-- The second half of the self-check: what is built on the plain parts.
-- Adds its groups to G; check, same and memory_fs come from selftest.

return function(G, check, same, memory_fs)
  function G.log(log)
    local lines = {}
    local l = log.new(function() return "T" end, 3, "info")
    l:sink(function(line) lines[#lines + 1] = line end, "warn")
    l:sink(function() error("broken sink") end)
    local t = l:tag("x")
    t:debug("no")
    t:info("one %d", 1)
    t:warn("two %s")
    t:error("three")
    same("log", table.concat(lines, "|"), "T warn  x: two %s|T error x: three")
    same("log counts", l:counts().debug * 100 + l.dropped * 10 + #l:tail(9), 133)
    local fs = memory_fs()
    local sink = log.file_sink(fs, "f", 40, 2)
    for i = 1, 12 do
      sink:write("line " .. i)
      sink:flush()
    end
    same("log rotation", #fs.data.f + #fs.data["f.1"] * 100 + #fs.data["f.2"] * 10000, 353616)
  end

  function G.store(store)
    local fs = memory_fs()
    local schema = "\nport n 80 1..999\nmode s a a|b\non b on\n"
    local function open()
      local s = store.new(fs, "c", schema)
      local _, notes = s:load()
      return s, table.concat(notes, "; ")
    end
    local s = open()
    check("refusals", not s:set("port", 0) and not s:set("mode", "c") and not s:set("x", 1) and not s:set("on", "yes"))
    s:set("port", 81)
    s:save()
    s:set_text("port", "82")
    s:set_text("on", "off")
    s:save()
    same("newest slot", open():get("port"), 82)
    fs.data["c.0"] = string.sub(fs.data["c.0"], 1, -2)
    local t, notes = open()
    same("cut slot", t:get("port") .. " " .. notes, "81 c.0: truncated")
    fs.data["c.1"] = string.gsub(fs.data["c.1"], "81", "91")
    t, notes = open()
    same("both slots bad", t:get("port") .. " " .. notes, "80 c.0: truncated; c.1: checksum differs")
  end

  function G.history(history)
    local h = history.new({ "a", "b" }, 16)
    for i = 1, 30 do h:add(1700000000 + i, { a = i * 10, b = i % 2 == 0 and -i or nil }) end
    local epoch, v = h:get(-1)
    check("history", epoch == 1700000030 and v.a == 300 and v.b == -30)
    same("oldest record", h:count() * 100 + h:get(1) % 100, 2209)
    same("series", table.concat(h:series("a", 2), ","), "140,250")
    local next_line = h:csv()
    same("csv", next_line() .. next_line(), "time,a,b\n2023-11-14T22:13:29Z,9.0,\n")
    local fs = memory_fs()
    for d = 1, 3 do
      h:add(d * 86400, { a = d })
      h:persist(fs, 2)
    end
    check("old days go", not fs.exists("19700102.csv") and fs.exists("19700103.csv"))
  end

  function G.sensors(sensors)
    local coll = require "coll"
    local bus, trace, raw = coll.bus(), {}, 210
    bus:on("fault.temp", function(_, why) trace[#trace + 1] = why end)
    bus:on("fine.temp", function() trace[#trace + 1] = "fine" end)
    local s = sensors.new({ "temp", "hum" }, function(name)
      if name == "temp" then return raw end
      return 500
    end, bus)
    s:sample()
    raw = 9999
    s:sample()
    same("one spike", s.value.temp, 210)
    s:sample(); s:sample()
    check("fault", s.value.temp == nil and s:faults() == 1)
    raw = 220
    s:sample()
    same("recovered", s.value.temp, 220)
    raw = nil
    for _ = 1, 3 do s:sample() end
    same("sensor events", table.concat(trace, "|"), "implausible|fine|no answer")
    local m = sensors.model(7)
    for sec = 0, 86399, 60 do m:step(60, sec, {}) end
    local night = m.temp
    for sec = 0, 43200, 60 do m:step(60, sec, { vent = true }) end
    check("noon is warmer than midnight", m.temp > night and m.light > 90000)
  end

  function G.climate(climate)
    local coll = require "coll"
    local now, driven = 0, {}
    local outs = climate.outputs(function() return now end,
      function(name, on) driven[#driven + 1] = (on and "+" or "-") .. name end, coll.bus())
    local sense = { value = { temp = 200, hum = 600, soil = 400, light = 500 }, faults = function() return 0 end }
    local c = climate.new(function() return now end, outs, sense, function() return 380, 300 end)
    check("modes", require("fsm").check(climate.modes))
    same("default rules", c:load_rules(climate.default_rules), 9)
    check("bad rules are refused", not c:load_rules("when then"))
    now = 50
    c:step(120)
    same("mode", c.mode.state, "auto")
    sense.value.temp = 130
    c:step(120)
    check("protected heater", outs:set("heater", false) == nil)
    check("heater bars vent", outs:set("vent", true) == nil and outs.on.heater)
    sense.value.temp = 400
    c:step(120)
    same("alarm", c.mode.state, "alarm")
    sense.value.temp, now = nil, 100
    sense.faults = function() return 1 end
    c:step(120)
    same("driven", table.concat(driven, " "), "+heater -heater +vent +fan -vent -fan")
  end

  function G.httpreq(httpreq)
    local p, req = httpreq.parser(), nil
    for ch in string.gmatch("POST /a%20b/../c?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nk=v", ".") do
      req = p:feed(ch) or req
    end
    check("request in single bytes", req and req.path == "/c" and req.query.x == "1" and req.body == "k=v")
    local function status(s)
      local _, code = httpreq.parser(64, 8):feed(s)
      return code
    end
    same("refusals", table.concat({
      status("GET\r\n\r\n"), status("GET /../x HTTP/1.0\r\n\r\n"), status("GET / HTTP/2.0\r\n\r\n"),
      status("POST / HTTP/1.0\r\n\r\n"), status("POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n"),
      status("GET /" .. string.rep("x", 70)), status("GET / HTTP/1.1\r\n\r\n"),
      status("GET / HTTP/1.0\r\nA : b\r\n\r\n") }, " "), "400 400 505 411 413 414 400 400")
    req = httpreq.parser():feed("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n")
    same("chunks", req and req.body, "abc")
    local u, pw = httpreq.credentials { headers = { authorization = "Basic QTpiOmM=" } }
    same("credentials", u .. " " .. pw, "A b:c")
    local r = httpreq.router()
    r:add("GET", "/o/:name", "one")
    r:add("POST", "/o/:name", "two")
    r:add("GET", "/f/*", "files")
    local h, args = r:find("HEAD", "/o/fan")
    check("route", h == "one" and args.name == "fan")
    local _, code, allow = r:find("PUT", "/o/fan")
    same("not allowed", code .. " " .. allow, "405 GET, POST")
    h, args = r:find("GET", "/f/a/b")
    same("rest", args.rest, "a/b")
    same("head", httpreq.head(204, { A = "x\r\ny" }, 0),
         "HTTP/1.1 204 No Content\r\nA: x y\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
  end

  -- A socket which collects what is sent, and acknowledges when told to.
  local function fake_socket()
    local s = { got = {}, cb = {} }
    function s:on(what, fn) self.cb[what] = fn end
    function s:send(data) self.got[#self.got + 1] = data end
    function s:close() self.closed = true end
    return s
  end

  function G.conn(conn)
    local s = fake_socket()
    local c = conn.wrap(s)
    c:send("a")
    c:send("b")
    c:send(string.rep("x", 3000))
    local n = 0
    c:pull(function()
      n = n + 1
      return n <= 2 and "p" .. n or nil
    end)
    c:finish()
    same("one send at a time", #s.got, 1)
    while not s.closed do s.cb.sent() end
    same("packets", #s.got .. " " .. #s.got[2] .. " " .. #table.concat(s.got), "5 1400 3006")
    same("end", string.sub(table.concat(s.got), -5), "xp1p2")
  end

  function G.telnetd(telnetd)
    local lines, sent, keys = {}, {}, {}
    local i = telnetd.input(function(l) lines[#lines + 1] = l end, function(b) sent[#sent + 1] = b end,
                            function(k) keys[#keys + 1] = k end)
    for ch in string.gmatch("ab\bc\r\n\255\253\031x\255\250\024\001\255\240y\r\000\n\003", ".") do i:feed(ch) end
    same("telnet lines", table.concat(lines, "|"), "ac|xy|")
    same("telnet refusal", table.concat(sent), "\255\252\031")
    same("telnet keys", table.concat(keys), "interrupt")
  end

  function G.shell(shell)
    package.loaded.testcommands = { echo = function(_, w) return table.concat(w, "+") end }
    local s = shell.new({}, "testcommands"):session()
    same("expression", s:line("=1 + 1, 'x'"), "2\tx\n")
    same("block", s:line("for i = 1, 2 do") .. s:prompt() .. s:line("print(i) end"), ">> 1\n2\n")
    s:line("leak = 1")
    check("no leak", leak == nil and s:line("=leak") == "1\n")
    same("command", s:line(".echo a 'b c'"), "a+b c\n")
    same("typo", s:line(".ehco"), "no command .ehco, did you mean .echo?\n")
  end
end
