-- Command interpreter: Lua lines, "=expr", and commands which start with a
-- dot. It knows nothing of sockets; a session turns a line into text.

local use = require "use"

local M = {}

local Shell = {}
Shell.__index = Shell

-- `commands` names a module which gives a table of functions; it is only
-- borrowed while a command runs.
function M.new(app, commands)
  return setmetatable({ app = app, commands = commands }, Shell)
end

local Session = {}
Session.__index = Session

-- A session has its own Lua environment: reads fall through to the globals,
-- but an assignment typed here does not leak into the application.
function Shell:session()
  local s = setmetatable({ shell = self, pending = nil, out = {} }, Session)
  s.env = setmetatable({
    app = self.app,
    print = function(...) s:write(...) end,
  }, { __index = _G })
  return s
end

local function shown(...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
  return table.concat(parts, "\t")
end

function Session:write(...)
  self.out[#self.out + 1] = shown(...)
end

-- A chunk which only lacks its end asks for another line.
local function unfinished(err)
  return string.find(err, "near '<eof>'", 1, true) ~= nil
end

local function evaluate(self, line)
  local source = self.pending and self.pending .. "\n" .. line or line
  local expr = not self.pending and string.match(line, "^%s*=(.*)$")
  if expr then source = "return " .. expr end
  local fn, err = loadstring(source, "=console")
  if not fn then
    if unfinished(err) and not expr then
      self.pending = source
      return
    end
    self.pending = nil
    return self:write(err)
  end
  self.pending = nil
  setfenv(fn, self.env)
  local function collect(ok, ...)
    if not ok then return self:write("error: " .. tostring((...))) end
    if select("#", ...) > 0 then
      self:write(...)
      self.env._ = ...
    end
  end
  collect(pcall(fn))
end

local function run_command(self, line)
  local console = use "words"
  local words, err = console.split(string.sub(line, 2))
  if not words then return self:write(err) end
  local name = table.remove(words, 1) or "help"
  local commands = use(self.shell.commands)
  if not commands[name] then
    local near = console.nearest(name, use("text").keys(commands))
    return self:write("no command ." .. name .. (near and ", did you mean ." .. near .. "?" or ", try .help"))
  end
  local ok, res, why = pcall(commands[name], self.shell.app, words, self)
  if not ok then
    self:write("error: " .. tostring(res))
  elseif res then
    self:write(res)
  elseif why then
    self:write("." .. name .. ": " .. why)
  end
end

-- Runs one line; returns what it printed, lines ending in "\n".
function Session:line(line)
  self.out = {}
  if string.sub(line, 1, 1) == "." and not self.pending then
    run_command(self, line)
  elseif string.find(line, "%S") or self.pending then
    evaluate(self, line)
  end
  local out = table.concat(self.out, "\n")
  self.out = {}
  return out == "" and "" or out .. "\n"
end

function Session:prompt()
  return self.pending and ">> " or "> "
end

-- An interrupted block is forgotten.
function Session:cancel()
  self.pending = nil
end

return M
