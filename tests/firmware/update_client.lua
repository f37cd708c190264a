-- A client of the application, on the device itself: logs in by telnet, uploads "new.img" by FTP,
-- and has LFS reloaded from it.

-- run(ask) talks: ask(line, answer) sends a line, if there is one, and waits for what ends with
-- `answer`.
local function open(port, run)
  local socket, got, talk = net.createConnection(), "", nil
  local function ask(line, answer)
    if line then socket:send(line .. "\r\n") end
    while not string.find(got, answer, 1, true) do got = got .. coroutine.yield() end
    local said = got
    got = ""
    return said
  end
  talk = coroutine.create(run)
  local function go_on(...)
    local ok, err = coroutine.resume(talk, ...)
    if not ok then print("client: " .. err) end
  end
  socket:on("receive", function(_, data)
    if coroutine.status(talk) == "suspended" then go_on(data) end
  end)
  socket:connect(port, "127.0.0.1", function() go_on(ask) end)
end

local function upload(port)
  local f, socket = file.open("new.img"), net.createConnection()
  local function send(s)
    local piece = f:read(512)
    if piece then return s:send(piece) end
    f:close()
    s:close()
  end
  socket:on("connection", send)
  socket:on("sent", send)
  socket:connect(port, "127.0.0.1")
end

local function ftp(ask)
  ask(nil, "220 ")
  ask("USER grower", "331 ")
  ask("PASS tomato", "230 ")
  local high, low = string.match(ask("PASV", "227 "), "(%d+),(%d+)%)")
  ask("STOR luac.out", "150 ")
  upload(high * 256 + low)
  print(ask(nil, "226 "))
  print(ask("SITE RELOAD luac.out", "200 "))
end

open(23, function(ask)
  ask(nil, "user: ")
  ask("grower", "password: ")
  ask("tomato", "> ")
  print("heap: " .. ask("=node.heap()", "\n> "))
  print("runs: " .. ask("=node.LFS.hello()", "\n> "))
  ask(".quit", "bye")
  tmr.create():alarm(1000, tmr.ALARM_SINGLE, function() open(21, ftp) end)
end)
