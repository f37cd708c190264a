-- FTP server: the subset of RFC 959 that common clients use, flat file
-- system, binary only. It is also the way new code comes in: upload an LFS
-- image, then SITE RELOAD it.
--
-- An upload goes to "<name>.part" and takes its name when it is complete:
-- a cut connection never leaves half a file where a whole one was.

local conn, clock, use = require "conn", require "clock", require "use"
local ftpdata = require "ftpdata"

local M = {}

local MAX_LINE, BLOCK = 128, 512

-- Before LOGIN only these are answered.
local OPEN = { USER = true, PASS = true, QUIT = true, FEAT = true, SYST = true, NOOP = true }

local Session = {}
Session.__index = Session

function Session:reply(code, message)
  self.ctl:send(code .. " " .. message .. "\r\n")
end

-- Names are flat; a client which believes in directories sees one, "/".
local function clean(name)
  name = string.gsub(name or "", "^[/.]*/", "")
  if name == "" or #name > 31 or string.find(name, "[%c/\\]") then return nil end
  return name
end

local C = {}

function C.USER(self, arg)
  self.user, self.authed = arg, false
  self:reply(331, "password, please")
end

function C.PASS(self, arg)
  local cfg = self.server.app.cfg
  if self.user == cfg:get("user") and arg == cfg:get("password") then
    self.authed = true
    return self:reply(230, "logged in")
  end
  self.tries = self.tries + 1
  self:reply(530, "login incorrect")
  self.server.log:warn("login refused")
  if self.tries >= 3 then self.ctl:finish() end
end

function C.QUIT(self)
  self:reply(221, "bye")
  self.ctl:finish()
end

function C.SYST(self) self:reply(215, "UNIX Type: L8") end
function C.NOOP(self) self:reply(200, "ok") end
function C.PWD(self) self:reply(257, '"/" is the only directory') end

function C.FEAT(self)
  self.ctl:send("211-Features:\r\n SIZE\r\n EPSV\r\n UTF8\r\n211 End\r\n")
end

function C.CWD(self, arg)
  if arg == "/" or arg == "." then return self:reply(250, "ok") end
  self:reply(550, "no such directory")
end

function C.TYPE(self, arg)
  if string.find(arg, "^[AaIiLl]") then return self:reply(200, "ok, bytes stay as they are") end
  self:reply(504, "A or I")
end

function C.PASV(self)
  local port = ftpdata.listen(self)
  local ip = string.gsub(self.ip, "%.", ",")
  self:reply(227, string.format("entering passive mode (%s,%d,%d)", ip, (port - port % 256) / 256, port % 256))
end

function C.EPSV(self)
  self:reply(229, string.format("entering passive mode (|||%d|)", ftpdata.listen(self)))
end

function C.PORT(self, arg)
  local a, b, c, d, hi, lo = string.match(arg, "^(%d+),(%d+),(%d+),(%d+),(%d+),(%d+)$")
  if not a then return self:reply(501, "h1,h2,h3,h4,p1,p2") end
  local host = table.concat({ a, b, c, d }, ".")
  -- Only back to the client itself, never as a springboard to others.
  if self.peer and host ~= self.peer then return self:reply(504, "not your address") end
  ftpdata.aim(self, host, tonumber(hi) * 256 + tonumber(lo))
  self:reply(200, "ok")
end

local function listing(arg, line)
  local files, text = file.list(), use "text"
  local names, i = text.keys(files), 0
  local pattern = string.match(arg, "^%-?%a*%s*/?(%S+)$")
  if arg == "" or string.find(arg, "^%-") then pattern = nil end
  return function(stop)
    while not stop do
      i = i + 1
      local name = names[i]
      if not name then return nil end
      if not pattern or use("words").glob(pattern, name) then return line(name, files[name]) end
    end
  end
end

function C.LIST(self, arg)
  local date = clock.format("%b %d %H:%M", self.server.app.clock:time())
  ftpdata.send_all(self, "listing", listing(arg, function(name, size)
    return string.format("-rw-r--r-- 1 node node %8d %s %s\r\n", size, date, name)
  end))
end

function C.NLST(self, arg)
  ftpdata.send_all(self, "names", listing(arg, function(name) return name .. "\r\n" end))
end

local function size_of(name)
  local st = name and file.stat(name)
  return st and st.size
end

function C.SIZE(self, arg)
  local size = size_of(clean(arg))
  if not size then return self:reply(550, "no such file") end
  self:reply(213, string.format("%d", size))
end

-- Opens the file with the first piece, so that a transfer which never gets
-- its connection leaves nothing open.
local function reader(name)
  if not size_of(name) then return nil end
  local f, over
  return function(stop)
    if stop or over then
      if f then f:close() end
      f, over = nil, true
      return nil
    end
    f = f or file.open(name, "r")
    local piece = f and f:read(BLOCK)
    if not piece then
      if f then f:close() end
      f, over = nil, true
    end
    return piece
  end
end

function C.RETR(self, arg)
  local read = reader(clean(arg))
  if not read then return self:reply(550, "no such file") end
  ftpdata.send_all(self, "sending", read)
end

function C.STOR(self, arg)
  local name = clean(arg)
  if not name or #name > 26 then return self:reply(553, "bad name") end
  local part = name .. ".part"
  ftpdata.transfer(self, "receiving", function()
    local f, bytes, failed = file.open(part, "w"), 0, nil
    if not f then failed = "cannot create " .. part end
    self.sink = function(data)
      if failed then return end
      if not f:write(data) then failed = "file system full" end
      bytes = bytes + #data
    end
    self.on_gone = function()
      if f then f:close() end
      ftpdata.drop(self)
      if not failed then
        -- rename refuses to replace a file.
        file.remove(name)
        if not file.rename(part, name) then failed = "cannot rename" end
      end
      if failed then
        file.remove(part)
        return self:reply(452, failed)
      end
      self.server.log:info("stored %s, %d bytes", name, bytes)
      self:reply(226, string.format("%d bytes", bytes))
    end
    for _, piece in ipairs(self.early) do self.sink(piece) end
    self.early = {}
    if self.gone then self.on_gone() end
  end)
end

function C.DELE(self, arg)
  local name = clean(arg)
  if not size_of(name) then return self:reply(550, "no such file") end
  file.remove(name)
  self:reply(250, "gone")
end

function C.RNFR(self, arg)
  self.from = clean(arg)
  if not size_of(self.from) then
    self.from = nil
    return self:reply(550, "no such file")
  end
  self:reply(350, "to what?")
end

function C.RNTO(self, arg)
  local to = clean(arg)
  if not self.from then return self:reply(503, "RNFR first") end
  if not to or file.exists(to) then return self:reply(553, "name taken or bad") end
  local ok = file.rename(self.from, to)
  self.from = nil
  self:reply(ok and 250 or 553, ok and "renamed" or "cannot rename")
end

local S = {}

function S.HEAP(self) self:reply(200, string.format("%d bytes free", node.heap())) end

function S.DF(self)
  local remaining, used, total = file.fsinfo()
  self:reply(200, string.format("%d free, %d used, %d total", remaining, used, total))
end

-- The checksum of a long file takes seconds here: it is summed in a job of
-- its own, a block at a time.
function S.CRC(self, arg)
  local read = reader(clean(arg))
  if not read then return self:reply(550, "no such file") end
  local codec = require "codec"
  self.server.app.sched:spawn("crc " .. arg, function(sleep)
    local state = codec.crc32_start()
    for piece in read do
      codec.crc32_update(state, piece)
      sleep(1)
    end
    self:reply(200, codec.crc32_hex(state))
  end)
end

function S.RELOAD(self, arg)
  local name = clean(arg)
  if not size_of(name) then return self:reply(550, "no such file") end
  self:reply(200, "reloading " .. name .. ", connect again in a moment")
  -- Not before the reply is out: a good image means a restart, and no one
  -- comes back from that call.
  self.ctl:after(function()
    self.server.app.bus:emit("reload", name)
    local err = node.flashreload(name)
    self.server.log:error("reload of %s refused: %s", name, tostring(err))
    self:reply(550, tostring(err))
  end)
end

function C.SITE(self, arg)
  local word, rest = string.match(arg, "^(%a+)%s*(.*)$")
  local fn = S[string.upper(word or "")]
  if not fn then return self:reply(504, "CRC, DF, HEAP or RELOAD") end
  fn(self, rest)
end

C.XPWD, C.XCWD, C.CDUP = C.PWD, C.CWD, function(self) self:reply(250, "ok") end

function Session:command(line)
  local verb, arg = string.match(line, "^(%a+)%s*(.-)%s*$")
  verb = string.upper(verb or "")
  local fn = C[verb]
  if not fn then return self:reply(502, "not implemented") end
  if not self.authed and not OPEN[verb] then return self:reply(530, "log in first") end
  if verb ~= "RNTO" then self.from = nil end
  local ok, err = pcall(fn, self, arg)
  if not ok then
    self.server.log:error("%s: %s", verb, tostring(err))
    self:reply(451, "internal error")
  end
end

function Session:feed(data)
  self.buf = self.buf .. data
  while true do
    local stop = string.find(self.buf, "\n", 1, true)
    if not stop then break end
    local line = string.gsub(string.sub(self.buf, 1, stop - 1), "\r$", "")
    self.buf = string.sub(self.buf, stop + 1)
    self:command(line)
  end
  if #self.buf > MAX_LINE then
    self.buf = ""
    self:reply(500, "line too long")
  end
end

local Ftp = {}
Ftp.__index = Ftp

-- Data ports are base_port + 1 .. base_port + 20.
function M.new(app)
  return setmetatable({ app = app, log = app.log:tag("ftp"), base_port = 50000, next_port = 0 }, Ftp)
end

local function address(sck, method)
  if not sck[method] then return nil end
  local port, ip = sck[method](sck)
  -- The order of the two has changed over the years.
  return type(port) == "string" and port or ip
end

-- Serves one control connection; done() is called when it is over.
function Ftp:accept(sck, done)
  local s = setmetatable({ server = self, ctl = conn.wrap(sck), buf = "", tries = 0,
                           ip = address(sck, "getaddr") or "127.0.0.1",
                           peer = address(sck, "getpeer") }, Session)
  sck:on("receive", function(_, data) s:feed(data) end)
  sck:on("disconnection", function() s.ctl:lost() end)
  function s.ctl.on_close()
    ftpdata.drop(s)
    done()
  end
  s:reply(220, self.app.cfg:get("name") .. " ready")
end

return M
