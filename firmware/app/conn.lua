-- Outgoing side of a socket. A NodeMCU socket takes one send at a time and
-- reports "sent" before the next; this queues strings and producers, joins
-- small pieces to one packet, and closes when everything is out.

local coll = require "coll"

local M = {}

local PACKET = 1400

local Conn = {}
Conn.__index = Conn

function M.wrap(sck)
  local c = setmetatable({ sck = sck, queue = coll.fifo(), sent = 0 }, Conn)
  sck:on("sent", function()
    c.busy = false
    c:pump()
  end)
  return c
end

function Conn:send(s)
  if self.closed or s == "" then return end
  self.queue:push(s)
  self:pump()
end

-- fn is called when there is room, and gives the next piece or nil at the
-- end: a file of any size passes through one packet of RAM.
function Conn:pull(fn)
  self.queue:push(fn)
  self:pump()
end

-- Calls cb when all that was queued so far is on its way.
function Conn:after(cb)
  self.queue:push({ cb })
  self:pump()
end

local function next_piece(self)
  local parts, size = {}, 0
  while size < PACKET do
    local item = self.queue:peek()
    local piece
    if type(item) == "string" then
      self.queue:pop()
      piece = item
    elseif type(item) == "function" then
      piece = item()
      -- What a producer queued meanwhile stands behind it, so it is still
      -- the first item.
      if not piece then self.queue:pop() end
    else
      break
    end
    if piece and size + #piece > PACKET then
      local room = PACKET - size
      self.rest = string.sub(piece, room + 1)
      piece = string.sub(piece, 1, room)
    end
    if piece then
      parts[#parts + 1] = piece
      size = size + #piece
    end
    if self.rest then break end
  end
  return table.concat(parts)
end

function Conn:pump()
  while not self.busy and not self.closed do
    local out = self.rest
    if out then
      -- The tail of a long piece goes first, alone or cut again.
      self.rest = #out > PACKET and string.sub(out, PACKET + 1) or nil
      out = string.sub(out, 1, PACKET)
    else
      out = next_piece(self)
    end
    if out ~= "" then
      self.busy, self.sent = true, self.sent + #out
      self.sck:send(out)
      return
    end
    local item = self.queue:pop()
    if item == nil then return end
    item[1](self)
  end
end

-- Closes after the last byte.
function Conn:finish()
  self:after(function() self:close() end)
end

function Conn:close()
  if self.closed then return end
  self.closed = true
  -- A producer may hold a file open; told so, it can let go.
  for _ = 1, self.queue:size() do
    local item = self.queue:pop()
    if type(item) == "function" then item(true) end
  end
  pcall(self.sck.close, self.sck)
  -- Not every firmware reports a disconnection we caused ourselves.
  local hook = self.on_close
  self.on_close = nil
  if hook then hook() end
end

-- To be called when the peer is gone.
function Conn:lost()
  self:close()
end

return M
