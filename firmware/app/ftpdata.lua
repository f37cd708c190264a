-- Data connections of an FTP session. The session is the table which ftpd
-- makes; used of it: reply, server, and what this file keeps in it:
--   listener, target   where the connection will come from or go to
--   data, job          the connection, and the transfer which waits for it
--   sink, early        who takes incoming bytes, and what came before it
--   on_gone            called once when the peer has closed

local conn = require "conn"

local M = {}

local function drop(self)
  if self.listener then pcall(self.listener.close, self.listener) end
  local data = self.data
  self.listener, self.data, self.job, self.sink, self.on_gone = nil, nil, nil, nil, nil
  if data then data:close() end
end

M.drop = drop

local function begin(self)
  if not self.data or not self.job then return end
  local job = self.job
  self.job = nil
  job(self.data)
end

local function remember(self, sck)
  -- The data connection may be there before the command that uses it, or
  -- after it: whichever comes second starts the transfer.
  local data = conn.wrap(sck)
  self.data, self.early, self.gone = data, {}, false
  sck:on("receive", function(_, bytes)
    if self.data ~= data then return end
    if self.sink then return self.sink(bytes) end
    self.early[#self.early + 1] = bytes
    -- Nobody sends that much before the command unless to fill our heap.
    if #self.early > 4 then drop(self) end
  end)
  sck:on("disconnection", function()
    data:lost()
    -- The news may come when the next transfer is already under way.
    if self.data ~= data then return end
    self.gone = true
    local done = self.on_gone
    self.on_gone = nil
    if done then done() end
  end)
  begin(self)
end

-- Opens a port for the client to come to; returns its number.
function M.listen(self)
  drop(self)
  self.target = nil
  -- Ports are taken in turn: a late packet of the last transfer must not
  -- end up in the next one.
  local srv = self.server
  srv.next_port = srv.next_port % 20 + 1
  local port = srv.base_port + srv.next_port
  self.listener = net.createServer(net.TCP, 30)
  self.listener:listen(port, function(sck)
    local l = self.listener
    self.listener = nil
    if l then l:close() end
    if self.data then sck:close() else remember(self, sck) end
  end)
  return port
end

-- Active mode: the client listens, the transfer will connect to it.
function M.aim(self, host, port)
  drop(self)
  self.target = { host = host, port = port }
end

-- Runs job(data) as soon as there is a data connection.
function M.transfer(self, what, job)
  if not self.listener and not self.data and not self.target then
    return self:reply(425, "use PASV or PORT first")
  end
  self:reply(150, what)
  self.job = job
  if self.target then
    local host, port = self.target.host, self.target.port
    self.target = nil
    local sck = net.createConnection(net.TCP, 0)
    sck:on("connection", function(s) remember(self, s) end)
    sck:on("disconnection", function()
      drop(self)
      self:reply(425, "cannot connect")
    end)
    return sck:connect(port, host)
  end
  begin(self)
end

-- Sends a producer's pieces over the data connection.
function M.send_all(self, what, producer)
  M.transfer(self, what, function(data)
    local complete = false
    if self.gone then
      drop(self)
      return self:reply(426, "connection lost")
    end
    self.on_gone = function()
      drop(self)
      self:reply(complete and 226 or 426, complete and "done" or "connection lost")
    end
    data:pull(function(stop)
      local piece = producer(stop)
      complete = complete or not piece and not stop
      return piece
    end)
    data:after(function()
      local done = self.on_gone
      self.on_gone = nil
      data:close()
      if done then done() end
    end)
  end)
end

return M
