-- Gates: a listening port for each server. The server itself, its modules,
-- closures and tables, is there only while somebody is connected: on a heap
-- of 44 KB three servers in waiting would be three too many.

local M = {}

-- The modules which no one needs without a connection; those which are
-- shared with the rest of the application are not among them.
local TRANSIENT = "telnetd shell commands web ftpd ftpdata conn httpreq tpl text words json codec dates"

local Gate = {}
Gate.__index = Gate

local open = 0

local function release()
  for name in string.gmatch(TRANSIENT, "%w+") do package.loaded[name] = nil end
  collectgarbage()
end

local function accept(gate, sck)
  if gate.count >= gate.limit then
    -- Not through conn: a refusal must not cost what it saves.
    sck:on("sent", function(s) s:close() end)
    return sck:send("421 too many sessions\r\n")
  end
  gate.server = gate.server or require(gate.name).new(gate.app)
  gate.count, open = gate.count + 1, open + 1
  gate.server:accept(sck, function()
    gate.count, open = gate.count - 1, open - 1
    if gate.count == 0 then gate.server = nil end
    -- Later: the closing connection is still at work in those modules.
    if open == 0 then
      node.task.post(function() if open == 0 then release() end end)
    end
  end)
end

-- `idle` is the number of seconds after which a silent peer is cut off: a
-- forgotten session must not keep its seat for ever.
function M.open(app, name, port, idle, limit)
  local gate = setmetatable({ app = app, name = name, count = 0, limit = limit }, Gate)
  gate.listener = net.createServer(net.TCP, idle)
  gate.listener:listen(port, function(sck)
    local ok, err = pcall(accept, gate, sck)
    if not ok then
      app.log:tag(name):error("%s", tostring(err))
      sck:close()
    end
  end)
  return gate
end

function Gate:close()
  if self.listener then self.listener:close() end
  self.listener = nil
end

return M
