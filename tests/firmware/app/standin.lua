-- Host stand-in for the device: node, file, tmr and net for Debian's lua5.1.
-- Time is virtual and passes in run() only, the network is a loopback in
-- memory. A second send before "sent", a risk on the board, is an error here.

local M = { heap = 40960, capacity = 1000000 }
local now, queue, timers, listeners
local function defer(fn) queue[#queue + 1] = fn end
local function drain() while #queue > 0 do table.remove(queue, 1)() end end

-- Lets `ms` milliseconds pass, timer by timer in the order they are due.
function M.run(ms)
  local stop, first = now + ms * 1000, nil
  repeat
    first = drain()
    for t in pairs(timers) do
      if t.due <= stop and (not first or t.due < first.due) then first = t end
    end
    if first then
      now = math.max(now, first.due)
      if first.auto then first.due = first.due + first.period else timers[first] = nil end
      first.fn(first)
    end
  until not first
  now = stop
end

local Timer, Socket = {}, {}
Timer.__index, Socket.__index = Timer, Socket
function Timer:alarm(ms, mode, fn)
  self.due, self.period, self.auto, self.fn = now + ms * 1000, ms * 1000, mode == 1, fn
  timers[self] = true
end
function Timer:unregister() timers[self] = nil end

local function socket() return setmetatable({ cb = {}, got = "" }, Socket) end
local function fire(s, what, ...) if s.cb[what] and not s.closed then s.cb[what](s, ...) end end
function Socket:on(what, fn) self.cb[what] = fn end
function Socket:getpeer() return 40000, "127.0.0.1" end
function Socket:getaddr() return 50000, "127.0.0.1" end
function Socket:send(data)
  assert(not self.busy, "send before sent")
  assert(not self.closed and #data > 0 and #data <= 1460, "bad send")
  self.busy = true
  defer(function()
    self.peer.got = self.peer.got .. data
    fire(self.peer, "receive", data)
    self.busy = false
    fire(self, "sent")
  end)
end
function Socket:close()
  if self.closed then return end
  self.closed = true
  defer(function()
    if not self.peer then return end
    fire(self.peer, "disconnection", 0)
    self.peer.closed = true
  end)
end
function Socket:connect(port)
  defer(function()
    if not listeners[port] then return fire(self, "disconnection", -1) end
    local far = socket()
    self.peer, far.peer = far, self
    listeners[port](far)
    fire(self, "connection")
  end)
end

-- A client of the application; what arrives piles up in .got.
function M.connect(port) local c = socket(); return c, c:connect(port), drain() end

local function file_module(dir)
  local file, File = {}, {}
  File.__index = File
  local function path(name) return dir .. "/" .. name end
  function file.getcontents(name)
    local f = io.open(path(name), "rb")
    if f then return f:read("*a"), f:close() end
  end
  function file.exists(name) return (file.getcontents(name)) ~= nil end
  function file.stat(name) return file.exists(name) and { name = name, size = #(file.getcontents(name)) } or nil end
  function file.remove(name) os.remove(path(name)) end
  function file.rename(a, b) return not file.exists(b) and os.rename(path(a), path(b)) == true end
  function file.list()
    local out, used = {}, 0
    for name in io.popen("ls -1 '" .. dir .. "'"):lines() do
      out[name] = #(file.getcontents(name))
      used = used + out[name]
    end
    return out, used
  end
  function file.fsinfo()
    local _, used = file.list()
    return M.capacity - used, used, M.capacity
  end
  function file.open(name, mode)
    local f = io.open(path(name), (mode or "r") .. "b")
    return f and setmetatable({ f = f }, File)
  end
  function File:read(n) return self.f:read(n or 1024) end
  function File:readline() local l = self.f:read("*l"); return l and l .. "\n" end
  function File:write(s) return #s <= file.fsinfo() and self.f:write(s) and self.f:flush() or nil end
  function File:close() self.f:close() end
  function file.putcontents(name, s)
    local f = file.open(name, "w")
    return f:write(s), f:close()
  end
  return file
end

-- A fresh device with `dir` as its file system; sets the four globals.
function M.install(dir)
  now, queue, timers, listeners = 2147000000, {}, {}, {}
  M.reloaded, M.listeners = nil, listeners
  node = { heap = function() return M.heap end, restart = function() M.restarted = true end,
           task = { post = function(a, b) defer(b or a) end },
           flashindex = function() return nil, 0x402C0000, 0xC0000 end,
           flashreload = function(name) M.reloaded = name; return "not an image" end }
  tmr = { ALARM_SINGLE = 0, ALARM_AUTO = 1, now = function() return now % 2147483648 end,
          create = function() return setmetatable({}, Timer) end }
  net = { TCP = 1, createConnection = socket, createServer = function()
    return { listen = function(s, port, fn) s.port = port; listeners[port] = fn end,
             close = function(s) listeners[s.port or 0] = nil end }
  end }
  file = file_module(dir)
end

return M
