-- Telnet server: login, line editing and negotiation around a shell session.

local conn = require "conn"

local M = {}

local char, byte, sub = string.char, string.byte, string.sub

local IAC, DONT, DO, WONT, WILL, SB, SE = 255, 254, 253, 252, 251, 250, 240
local ECHO, SUPPRESS_GA = 1, 3
local MAX_LINE, MAX_TRIES = 256, 3

-- Turns the byte stream into lines. Commands of the protocol may be cut by
-- packet borders, so their state lives across calls.
local Input = {}
Input.__index = Input

-- line(text) gets each finished line, reply(bytes) the answers to the peer,
-- and key(name) hears of "interrupt" (Ctrl-C) and "close" (Ctrl-D).
function M.input(line, reply, key)
  return setmetatable({ line = line, reply = reply, key = key, buf = "", state = nil }, Input)
end

function Input:option(verb, opt)
  -- Agree to the two which a console needs, and refuse the rest; refusals
  -- are not answered, or two stubborn sides would talk for ever.
  if verb == DO then
    if opt ~= ECHO and opt ~= SUPPRESS_GA then self.reply(char(IAC, WONT, opt)) end
  elseif verb == WILL then
    self.reply(char(IAC, opt == SUPPRESS_GA and DO or DONT, opt))
  end
end

function Input:feed(data)
  for i = 1, #data do
    local b = byte(data, i)
    local st = self.state
    if st == "sb" then
      if b == IAC then self.state = "sb-iac" end
    elseif st == "sb-iac" then
      self.state = b ~= SE and "sb" or nil
    elseif st == "iac" then
      self.state = (b >= WILL and b <= DONT) and b or b == SB and "sb" or nil
      if b == IAC then self.buf = self.buf .. char(IAC) end
    elseif st then
      self.state = nil
      self:option(st, b)
    elseif b == IAC then
      self.state = "iac"
    elseif b == 10 or b == 13 then
      -- CR LF, CR NUL and LF alone all end one line.
      if not (b == 10 and self.after_cr) then
        local line = self.buf
        self.buf = ""
        self.line(line)
      end
    elseif b == 8 or b == 127 then
      self.buf = sub(self.buf, 1, -2)
    elseif b == 3 then
      self.buf = ""
      self.key("interrupt")
    elseif b == 4 then
      self.key("close")
    elseif b == 21 then
      self.buf = ""
    elseif b >= 32 or b == 9 then
      if #self.buf < MAX_LINE then self.buf = self.buf .. char(b) end
    end
    self.after_cr = b == 13
  end
end

local Telnet = {}
Telnet.__index = Telnet

-- app gives cfg (user, password, name) and log.
function M.new(app)
  return setmetatable({ app = app, shell = require("shell").new(app, "commands"), log = app.log:tag("telnet") },
                      Telnet)
end

-- Telnet wants CR LF at the ends of lines, and IAC doubled.
local function cooked(s)
  s = string.gsub(s, "\255", "\255\255")
  return (string.gsub(s, "\r?\n", "\r\n"))
end

-- Serves one connection; done() is called when it is over.
function Telnet:accept(sck, done)
  local c = conn.wrap(sck)
  local cfg, session, user, tries = self.app.cfg, nil, nil, 0
  local function open_session()
    session = self.shell:session()
    self.log:info("%s logged in", user or "console")
    c:send("\r\n" .. cfg:get("name") .. ", .help lists the commands\r\n" .. session:prompt())
  end
  local function check(password)
    c:send(char(IAC, WONT, ECHO) .. "\r\n")
    if user == cfg:get("user") and password == cfg:get("password") then return open_session() end
    tries, user = tries + 1, nil
    self.log:warn("login refused, attempt %d", tries)
    c:send("login incorrect\r\n")
    if tries >= MAX_TRIES then return c:finish() end
    c:send("user: ")
  end
  local input = M.input(function(line)
    if c.closed then return end
    if session then
      if line == ".quit" or line == ".exit" then
        c:send("bye\r\n")
        return c:finish()
      end
      return c:send(cooked(session:line(line)) .. session:prompt())
    elseif not user then
      user = line
      -- To say that we echo makes the client stop echoing: the password
      -- stays invisible.
      c:send(char(IAC, WILL, ECHO) .. "password: ")
    else
      check(line)
    end
  end, function(bytes) c:send(bytes) end, function(key)
    if key == "close" then return c:finish() end
    if session then
      session:cancel()
      c:send("\r\n" .. session:prompt())
    end
  end)
  sck:on("receive", function(_, data) input:feed(data) end)
  sck:on("disconnection", function() c:lost() end)
  function c.on_close()
    if session then self.log:info("%s left", user or "console") end
    session = nil
    done()
  end
  if cfg:get("password") == "" then open_session() else c:send("user: ") end
end

return M
