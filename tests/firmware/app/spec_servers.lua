-- End to end over the loopback: telnet, web and ftp against the running
-- application.

local standin = require "standin"

return function(T)
  local check, same, has = T.check, T.same, T.has
  local app, dir

  local function start()
    dir = T.directory()
    standin.install(dir)
    T.forget()
    app = require "main"
    standin.run(10000)
  end

  -- Sends and gives what came back since the last time.
  local function talk(c, s)
    c.got = ""
    for i = 1, #s, 1000 do
      if not c.closed then c:send(string.sub(s, i, i + 999)) end
      standin.run(10)
    end
    standin.run(50)
    return c.got
  end

  T.group("telnet", function()
    start()
    local c = standin.connect(23)
    standin.run(10)
    same("asks", c.got, "user: ")
    has("password is hidden", talk(c, "grower\r\n"), "\255\251\001password: ")
    local _, _ = T.printed(function() has("wrong password", talk(c, "potato\r\n"), "login incorrect") end)
    talk(c, "grower\r\n")
    has("welcome", talk(c, "tomato\r\n"), "greenhouse, .help lists the commands\r\n> ")
    same("=node.heap()", talk(c, "=node.heap()\r\n"), "40960\r\n> ")
    same("statement", talk(c, "x = 6 * 7 print('x is', x)\n"), "x is\t42\r\n> ")
    check("no global", x == nil)
    same("several lines", talk(c, "for i = 1, 2 do\r\n") .. talk(c, "print(i)\r\n") .. talk(c, "end\r\n"),
         ">> >> 1\r\n2\r\n> ")
    same("interrupt", talk(c, "while true do\r\n") .. talk(c, "\3"), ">> \r\n> ")
    has("error", talk(c, "=nil + 1\r\n"), "error: console:1: attempt to perform arithmetic")
    has("status", talk(c, ".status\r\n"), "mode auto, 40.0 KiB free\r\n")
    has("jobs", talk(c, ".jobs\r\n"), "sample")
    has("set", talk(c, ".set name 'my house'\r\n"), "name saved")
    has("get", talk(c, ".get n*\r\n"), "name  my house")
    has("refused value", talk(c, ".set hot 12\r\n"), "outside 250..600")
    has("not by hand yet", talk(c, ".switch lamp on\r\n"), "not in manual mode")
    has("manual", talk(c, ".mode manual\r\n") .. talk(c, ".switch lamp on\r\n"), "lamp is on")
    check("lamp is on", app.climate.outputs.on.lamp)
    has("password is not shown", talk(c, ".get password\r\n"), "***")
    has("date", talk(c, ".date 2024-02-29T12:00:00Z\r\n"), "2024-02-29T12:00:00Z")
    has("files", talk(c, ".ls config*\r\n"), "config.1")
    has("dump", talk(c, ".dump config.1\r\n"), "|cfg1 1 ")
    has("all commands", talk(c, ".help\r\n"), ".switch")
    has("log", talk(c, ".log 50 warn\r\n"), "login refused")
    for i = 1, 50 do c.got = "" .. i end
    local long = talk(c, "=string.rep('ab\\n', 3000)\r\n")
    same("long answer", #long, 3000 * 4 + #"\r\n> ")
    local second, third = standin.connect(23), standin.connect(23)
    standin.run(10)
    check("two seats", second.got == "user: " and third.closed and third.got == "421 too many sessions\r\n")
    has("restart", talk(c, ".restart\r\n"), "restarting")
    has("bye", talk(c, ".quit\r\n"), "bye")
    check("closed", c.closed)
    second:close()
    standin.run(10)
    same("seats are free again", app.servers.telnet.count, 0)
    check("and so is the RAM", app.servers.telnet.server == nil and not package.loaded.telnetd and not package.loaded.conn)
    T.printed(function()
      local d = standin.connect(23)
      for _ = 1, 3 do talk(d, "a\n") talk(d, "b\n") end
      check("three wrong tries", d.closed)
    end)
    standin.restarted = nil
    standin.run(500)
    check("restarted, servers down", standin.restarted and not standin.listeners[23])
    app:stop()
  end)

  local function http(request)
    local c = standin.connect(80)
    talk(c, request)
    check("connection is closed: " .. string.sub(request, 1, 20), c.closed)
    local head, body = string.match(c.got, "^(.-)\r\n\r\n(.*)$")
    return tonumber(string.match(head or "", "^HTTP/1.1 (%d+)")), body, head
  end

  local function get(path)
    return http("GET " .. path .. " HTTP/1.1\r\nHost: x\r\n\r\n")
  end

  local function post(path, body, auth)
    return http("POST " .. path .. " HTTP/1.1\r\nHost: x\r\n" ..
      (auth and "Authorization: Basic " .. require("codec").base64(auth) .. "\r\n" or "") ..
      "Content-Length: " .. #body .. "\r\n\r\n" .. body)
  end

  T.group("web", function()
    start()
    local json = require "json"
    local code, body, head = get("/")
    same("page", code, 200)
    has("kind", head, "Content-Type: text/html; charset=utf-8")
    has("length", head, "Content-Length: " .. #body)
    has("heading", body, "<h1>greenhouse: auto</h1>")
    has("reading", body, "<td>temp<td>" .. require("text").fixed(app.sensors.value.temp) .. " C")
    check("nothing is left over", not string.find(body, "[{}][{}%%]"))
    code, body = get("/api/status")
    local status = json.decode(body)
    check("status", code == 200 and status.heap == 40960 and status.mode == "auto" and #status.outputs == 6)
    same("sensor in status", status.sensors[1].value, app.sensors.value.temp)
    standin.run(300000)
    code, body = get("/api/series/hum?points=3")
    check("series", code == 200 and #json.decode(body).points == 3)
    same("unknown channel", get("/api/series/x"), 404)
    same("points out of range", get("/api/series/hum?points=0"), 422)
    code, body = get("/history.csv")
    local _, lines = string.gsub(body, "\n", "")
    check("history", code == 200 and lines == 1 + app.history:count())
    same("not found", get("/nothing"), 404)
    same("bad request", http("BLAH\r\n\r\n"), 400)
    code, body, head = http("DELETE / HTTP/1.0\r\nAuthorization: Basic Z3Jvd2VyOnRvbWF0bw==\r\n\r\n")
    check("method", code == 405 and string.find(head, "Allow: GET", 1, true))
    code, body = http("HEAD /api/status HTTP/1.0\r\n\r\n")
    check("head has no body", code == 200 and body == "")
    same("password needed", post("/api/config", "name=x"), 401)
    same("wrong password", post("/api/config", "name=x", "grower:x"), 401)
    same("settings", post("/api/config", "name=%3Cshed%3E&hot=400", "grower:tomato"), 204)
    check("are kept", app.cfg:get("hot") == 400 and file.exists("config.1"))
    has("markup is escaped", select(2, get("/")), "<h1>&#60;shed&#62;: auto</h1>")
    code, body = post("/api/config", "hot=1&zzz=2", "grower:tomato")
    check("errors by key", code == 422 and json.decode(body).errors.zzz == "no setting zzz")
    same("not by hand", post("/output/lamp", "on=1", "grower:tomato"), 422)
    app.climate.mode:send("manual")
    same("by hand", post("/output/lamp", "on=1&for=6s", "grower:tomato"), 303)
    check("lamp", app.climate.outputs.on.lamp)
    standin.run(8000)
    check("time is up", not app.climate.outputs.on.lamp)
    file.putcontents("notes.txt", string.rep("0123456789", 500))
    code, body, head = get("/files/notes.txt")
    check("file", code == 200 and #body == 5000 and string.find(head, "text/plain", 1, true))
    same("settings stay inside", get("/files/config.1"), 404)
    same("no file", get("/files/none"), 404)
    file.putcontents("style.tpl", "<style>own</style>")
    has("own template", select(2, get("/")), "<style>own</style>")
    file.putcontents("page.tpl", "{% if %}")
    T.printed(function() has("broken template", select(2, get("/")), "<h1>") end)
    app:stop()
  end)

  local function passive(c)
    local hi, lo = string.match(talk(c, "PASV\r\n"), "^227 [^(]*%(127,0,0,1,(%d+),(%d+)%)")
    return standin.connect(tonumber(hi) * 256 + tonumber(lo))
  end

  local function login()
    local c = standin.connect(21)
    standin.run(10)
    has("greeting", c.got, "220 greenhouse ready\r\n")
    talk(c, "USER grower\r\n")
    has("login", talk(c, "PASS tomato\r\n"), "230 ")
    return c
  end

  T.group("ftp", function()
    start()
    local c = standin.connect(21)
    standin.run(10)
    has("not before login", talk(c, "LIST\r\n"), "530 ")
    talk(c, "USER grower\r\n")
    T.printed(function() has("wrong password", talk(c, "PASS x\r\n"), "530 ") end)
    talk(c, "QUIT\r\n")
    check("quit", c.closed)

    c = login()
    has("type", talk(c, "TYPE I\r\n"), "200 ")
    local bytes = {}
    for i = 1, 5000 do bytes[i] = string.char(i * 7 % 256) end
    bytes = table.concat(bytes)
    local d = passive(c)
    has("store begins", talk(c, "STOR luac.out\r\n"), "150 ")
    talk(d, bytes)
    check("not there before the end", not file.exists("luac.out"))
    c.got = ""
    d:close()
    standin.run(20)
    same("stored", c.got, "226 5000 bytes\r\n")
    check("equal bytes", file.getcontents("luac.out") == bytes)
    check("no rest", not file.exists("luac.out.part"))
    has("size", talk(c, "SIZE luac.out\r\n"), "213 5000")
    d = passive(c)
    has("retrieved", talk(c, "RETR luac.out\r\n"), "226 ")
    check("same again", d.got == bytes and d.closed)
    d = passive(c)
    talk(c, "LIST\r\n")
    has("list", d.got, "    5000 Jan 01 00:00 luac.out\r\n")
    d = passive(c)
    talk(c, "NLST *.out\r\n")
    same("names", d.got, "luac.out\r\n")
    has("no connection", talk(c, "RETR luac.out\r\n"), "425 ")
    has("no file", talk(c, "RETR none\r\n"), "550 ")
    has("directories", talk(c, "CWD /sub\r\n") .. talk(c, "PWD\r\n"), '550 no such directory\r\n')
    -- Data before the command, and a new upload over an old file.
    d = passive(c)
    talk(d, "short")
    d:close()
    standin.run(10)
    has("early data", talk(c, "STOR luac.out\r\n"), "226 5 bytes")
    same("replaced", file.getcontents("luac.out"), "short")
    d = passive(c)
    d:close()
    standin.run(10)
    has("gone before the command", talk(c, "RETR luac.out\r\n"), "426 ")
    d = passive(c)
    talk(d, bytes .. bytes)
    check("a flood without a command is cut", d.closed)
    -- A full file system leaves the old file in place.
    standin.capacity = 4000
    d = passive(c)
    talk(c, "STOR luac.out\r\n")
    talk(d, bytes)
    c.got = ""
    d:close()
    standin.run(20)
    standin.capacity = 1000000
    has("full", c.got, "452 file system full")
    same("old file stays", file.getcontents("luac.out"), "short")
    check("no part stays", not file.exists("luac.out.part"))
    -- The peer breaks off a download.
    file.putcontents("big.bin", string.rep("x", 30000))
    d = passive(c)
    d:on("receive", function(s) s:close() end)
    has("broken off", talk(c, "RETR big.bin\r\n"), "426 ")
    d = passive(c)
    has("and goes on", talk(c, "RETR big.bin\r\n"), "226 ")
    same("whole", #d.got, 30000)
    has("checksum", talk(c, "SITE CRC big.bin\r\n"), "")
    c.got = ""
    standin.run(20000)
    same("checksum comes", c.got, "200 " .. require("codec").crc32(string.rep("x", 30000)) .. "\r\n")
    -- Active mode.
    local active = ""
    local l = net.createServer(net.TCP)
    l:listen(1030, function(s) s:on("receive", function(_, data) active = active .. data end) end)
    has("not elsewhere", talk(c, "PORT 10,0,0,9,4,6\r\n"), "504 ")
    talk(c, "PORT 127,0,0,1,4,6\r\n")
    has("active", talk(c, "RETR luac.out\r\n"), "226 ")
    same("active data", active, "short")
    l:close()
    talk(c, "PORT 127,0,0,1,4,6\r\n")
    has("nobody there", talk(c, "RETR luac.out\r\n"), "425 cannot connect")
    has("rename", talk(c, "RNFR luac.out\r\n") .. talk(c, "RNTO old.out\r\n"), "250 renamed")
    has("taken", talk(c, "RNFR old.out\r\n") .. talk(c, "RNTO big.bin\r\n"), "553 ")
    has("delete", talk(c, "DELE big.bin\r\n"), "250 ")
    check("is gone", not file.exists("big.bin"))
    has("names are flat", talk(c, "SIZE ../" .. "old.out\r\n"), "213 5")
    has("unknown", talk(c, "MKD x\r\n"), "502 ")
    has("long line", talk(c, string.rep("x", 300)), "500 ")
    has("heap", talk(c, "SITE HEAP\r\n"), "200 40960 bytes free")
    T.printed(function()
      local answer = talk(c, "SITE RELOAD old.out\r\n")
      has("reload is announced", answer, "200 reloading old.out")
      has("and its refusal told", answer, "550 not an image")
    end)
    same("reload", standin.reloaded, "old.out")
    check("a reload first switches everything off", next(app.climate.outputs.on) == nil)
    app:stop()
  end)
end
