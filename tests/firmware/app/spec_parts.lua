-- Unit checks beyond the self-check: fractions, which only float builds
-- have, randomised round trips, and corners of the single modules.

return function(T)
  local check, same = T.check, T.same

  T.group("json", function()
    local json = require "json"
    same("fraction", json.encode(json.decode("[-12.5,1e3,0.25]")), "[-12.5,1000,0.25]")
    check("infinity", json.encode { 1 / 0 } == nil and json.encode { 0 / 0 } == nil)
    same("large", json.encode(2 ^ 40), "1099511627776")
    local loop = {}
    loop[1] = loop
    check("circle", json.encode(loop) == nil and json.encode(print) == nil)
    same("holes", json.encode { [2] = 1 }, nil)
    same("null", json.encode { a = json.null, b = json.array() }, '{"a":null,"b":[]}')
    check("lone surrogate", json.decode('"\\ud800x"') == "\237\160\128x")
    for _, bad in ipairs { "1.", ".5", "+1", "-", "1e", "[1 2]", '{"a":1,}', "tru", '"\\x"', '"\\u12"', "nullx" } do
      check("refuses " .. bad, json.decode(bad) == nil)
    end
    local parts = 0
    json.write({ 1, 2, { 3 } }, function() parts = parts + 1 end)
    check("streams", parts > 4)
    math.randomseed(42)
    local function value(depth)
      local k = math.random(depth > 3 and 4 or 6)
      if k == 1 then return math.random(-100000, 100000) end
      if k == 2 then return math.random(2) == 1 end
      if k <= 4 then
        local s = {}
        for i = 1, math.random(0, 8) do s[i] = string.char(math.random(0, 255)) end
        return table.concat(s)
      end
      local t = k == 5 and json.array() or {}
      for i = 1, math.random(0, 4) do t[k == 5 and i or "k" .. i] = value(depth + 1) end
      return t
    end
    local bad = 0
    for _ = 1, 300 do
      local s = json.encode(value(0))
      if json.encode(json.decode(s)) ~= s then bad = bad + 1 end
    end
    same("random round trips", bad, 0)
  end)

  T.group("text", function()
    local text, words = require "text", require "words"
    check("unclosed quote", not words.split("say 'x"))
    same("split with a limit", text.split("a b c", " ", 2)[2], "b c")
    same("url", text.urldecode(text.urlencode("a b&c=\255")), "a b&c=\255")
    check("unfixed nonsense", text.unfixed("1.2.3") == nil and text.unfixed("") == nil)
    same("keys", table.concat(text.keys { b = 1, a = 1, [2] = 1, [1] = 1 }, " "), "1 2 a b")
    same("spark", require("history").spark { 1, 4, 8 }, "_=@")
    local h = require("history").new({ "a" }, 64)
    for i = 1, 20 do h:add(i, { a = i * 10 }) end
    same("summary of an hour", h:summary("a", 4):mean(), 185)
    local dates, clock = require "dates", require "clock"
    same("http date", dates.parse(clock.http_date(1700000000)), 1700000000)
    same("span", dates.span(93784) .. dates.span(59) .. dates.span(3600), "1d 2h59s1h 0m")
    local s = require("shell").new({}, "commands"):session()
    T.has("syntax error", s:line("x x"), "console")
    same("last value", s:line("=40") .. s:line("=_ + 2"), "40\n42\n")
  end)

  T.group("codec", function()
    local codec = require "codec"
    same("crc32 of nothing", codec.crc32(""), "00000000")
    check("bad base64", not codec.unbase64("ab!=") and not codec.unbase64("abc"))
    same("crc32 of a text", codec.crc32("The quick brown fox jumps over the lazy dog"), "414fa339")
    same("crc32 of all bytes", codec.crc32(string.rep("\0", 32)), "190a55ad")
    math.randomseed(7)
    local bad = 0
    for n = 0, 60 do
      local s = {}
      for i = 1, n do s[i] = string.char(math.random(0, 255)) end
      s = table.concat(s)
      if codec.unbase64(codec.base64(s)) ~= s then bad = bad + 1 end
    end
    same("random round trips", bad, 0)
    check("stray bits", codec.unbase64("QR==") == nil)
    same("dump of a part", codec.dump(string.rep("a", 40), 16, 3), "000010  61 61 61 " .. string.rep(" ", 39) .. " |aaa|")
  end)

  T.group("coll", function()
    local coll = require "coll"
    local h, last, bad = coll.heap(), -1, 0
    math.randomseed(3)
    for i = 1, 200 do h:push(math.random(50), i) end
    for i = 1, 200, 3 do h:remove(i) end
    while h.n > 0 do
      local _, k = h:pop()
      if k < last then bad = bad + 1 end
      last = k
    end
    same("heap order after removals", bad, 0)
    local f = coll.fifo()
    for i = 1, 1000 do f:push(i); if i % 3 == 0 then f:pop() end end
    same("fifo size", f:size(), 1000 - 333)
    same("fifo front", f:pop(), 334)
  end)

  T.group("clock", function()
    local clock, dates = require "clock", require "dates"
    local bad = 0
    for e = 0, 2000000000, 12345678 do
      if clock.iso(e) ~= os.date("!%Y-%m-%dT%H:%M:%SZ", e) or dates.parse(clock.iso(e)) ~= e then bad = bad + 1 end
    end
    same("agrees with the system", bad, 0)
    same("pattern", clock.format("%j %a %% %q", 86400 * 59), "060 Sun % %q")
    check("bad durations", not dates.duration("10") and not dates.duration("") and not dates.duration("m"))
    check("day time", dates.daytime("06:30") == 23400 and not dates.daytime("24:00") and not dates.daytime("x"))
  end)

  T.group("sched", function()
    local sched = require "sched"
    local now, days = 0, {}
    local wall = { time = function() return 86000 + (now - now % 10) / 10 end }
    local s = sched.new(function() return now end)
    s:daily("d", 0, wall, function() days[#days + 1] = wall.time() end)
    while now < 2 * 864000 do
      now = now + 50
      s:step()
    end
    same("daily", table.concat(days, " "), "86400 172800")
    local order = {}
    s:after("x", 5, function() order[#order + 1] = "x"; s:after("x", 5, function() order[#order + 1] = "y" end) end)
    now = now + 5
    s:step()
    now = now + 5
    s:step()
    same("a job may replace itself", table.concat(order), "xy")
    check("no zero period", not pcall(s.every, s, "z", 0, print))
  end)

  T.group("fsm", function()
    local fsm = require "fsm"
    local _, err = fsm.check { initial = "a", states = "\na b\nb a\n", hooks = {} }
    T.has("circle", err, "circle")
    _, err = fsm.check { initial = "a", states = "\na - x>a?maybe\n", hooks = {} }
    T.has("missing hook", err, "a.x: no hook")
    local n = 0
    local m = fsm.new({ initial = "s", states = "\ns - again>s bad>!fail\n", hooks = {
      fail = function() error("x") end,
      ["enter s"] = function() n = n + 1 end } }, function() return 0 end):start()
    m:send("again")
    same("self transition enters", n, 2)
    check("error comes out", not pcall(m.send, m, "bad"))
    check("and does not lock the machine", m:send("again") == true)
    same("trail", table.concat(m:history(), " "), "->s s>s s>s")
  end)

  T.group("httpreq", function()
    local httpreq = require "httpreq"
    local function feed(s, head, body)
      local req, code = httpreq.parser(head, body):feed(s)
      return req or code
    end
    same("two lengths", feed("POST / HTTP/1.0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), 400)
    same("length and chunks", feed("POST / HTTP/1.0\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"), 400)
    same("unknown coding", feed("POST / HTTP/1.0\r\nTransfer-Encoding: gzip\r\n\r\n"), 501)
    same("negative length", feed("POST / HTTP/1.0\r\nContent-Length: -1\r\n\r\n"), 400)
    same("chunk too long", feed("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\nfff\r\n", 200, 100), 413)
    same("headers too long", feed("GET / HTTP/1.0\r\nA: " .. string.rep("x", 300), 100), 431)
    same("encoded climb", feed("GET /%2e%2e/etc HTTP/1.0\r\n\r\n"), 400)
    same("stays inside", feed("GET /a/%2e%2e/b HTTP/1.0\r\n\r\n").path, "/b")
    same("repeated header", feed("GET / HTTP/1.0\r\nX: 1\r\nx: 2\r\n\r\n").headers.x, "1, 2")
    same("bare line feeds", feed("\r\nGET /x HTTP/1.0\nA: b\n\n").headers.a, "b")
    same("incomplete", feed("GET / HTTP/1.0\r\nA"), nil)
  end)

  T.group("rules", function()
    local rulec = require "rulec"
    for _, bad in ipairs { "when a > 1", "when a then f on for 10", "when a then f", "a then f on", "when (a then f on",
                           "when a ! b then f on", "when a then f on,", "when nosuch(1) then f on", "when 999999999 then f on", "when max > 1 then f on" } do
      local r, err = rulec.compile(bad)
      check("refuses " .. bad, r == nil and string.find(err, "at column %d+"))
    end
  end)

  T.group("sensors", function()
    local sensors, coll = require "sensors", require "coll"
    local why
    local bus = coll.bus()
    bus:on("fault.hum", function(_, reason) why = reason end)
    local m = sensors.model(5)
    local s = sensors.new({ "temp", "hum" }, function(n) return m:read(n) end, bus)
    m.broken.hum = 333
    for _ = 1, 130 do
      m:step(1, 43200, {})
      s:sample()
    end
    same("stuck sensor", why, "stuck")
    same("others are well", s:faults(), 1)
    local a, b = sensors.model(9), sensors.model(9)
    check("same seed, same weather", a:read("temp") == b:read("temp") and a:read("hum") == b:read("hum"))
  end)
end
