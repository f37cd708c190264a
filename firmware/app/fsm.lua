-- State machines from a text. In flash a text costs no RAM; the tables it
-- replaces would be a kilobyte and more for a machine of seven states.
--
--   { initial = "idle",
--     states = "\nidle - start>run\nrun - 50>idle stop>idle?allowed!note stop>!refuse\n",
--     hooks = { ["enter run"] = fn, ["leave run"] = fn, allowed = fn, note = fn, refuse = fn } }
--
-- A line is a state, its parent or "-", then event>target with an optional
-- ?guard and !action; no target means no change of state, and a number is a
-- timeout in ticks. Transitions of one event are tried in order. Events a
-- state does not know go to its parent, and entering it enters the parents
-- first. All hooks get (machine, event, argument).

local coll = require "coll"

local M = {}

local Machine = {}
Machine.__index = Machine

-- Parent and transitions of a state.
local function line_of(def, name)
  return string.match(def.states, "\n" .. name .. " (%S+) ?([^\n]*)")
end

local function transitions(line)
  return string.gmatch(line, "([%w_]+)>([%w_]*)%??([%w_]*)!?([%w_]*)")
end

-- A wrong name in the text should be found when it is written, not on the
-- night of the first frost: to be called in tests.
function M.check(def)
  if not line_of(def, def.initial) then return nil, "no initial state" end
  for name in string.gmatch(def.states, "\n(%S+) ") do
    local parent, line = line_of(def, name)
    local depth = 0
    while parent ~= "-" do
      if not parent then return nil, name .. ": no such parent" end
      depth, parent = depth + 1, (line_of(def, parent))
      if depth > 8 then return nil, name .. ": parents form a circle" end
    end
    for event, target, guard, action in transitions(line) do
      if target ~= "" and not line_of(def, target) then
        return nil, name .. "." .. event .. ": no state " .. target
      end
      if guard ~= "" and not def.hooks[guard] or action ~= "" and not def.hooks[action] then
        return nil, name .. "." .. event .. ": no hook"
      end
    end
  end
  return true
end

-- `data` is whatever the hooks want to work on.
function M.new(def, ticks, data)
  return setmetatable({ def = def, ticks = ticks, data = data, trail = coll.ring(8) }, Machine)
end

-- States from the outermost parent down to `name`.
local function path_of(def, name)
  local path = {}
  while name and name ~= "-" do
    table.insert(path, 1, name)
    name = line_of(def, name)
  end
  return path
end

local function call(m, hook, event, arg)
  local fn = m.def.hooks[hook]
  if fn then return fn(m, event, arg) end
end

local function move(m, target, event, arg, action)
  local from, to = m.state and path_of(m.def, m.state) or {}, path_of(m.def, target)
  -- What both have in common is neither left nor entered, except that a
  -- transition to itself leaves and enters its own state.
  local common = 0
  while common + 1 < #to and from[common + 1] == to[common + 1] do common = common + 1 end
  for i = #from, common + 1, -1 do call(m, "leave " .. from[i], event, arg) end
  if action and action ~= "" then call(m, action, event, arg) end
  m.trail:push((m.state or "-") .. ">" .. target)
  m.state, m.since = target, m.ticks()
  for i = common + 1, #to do call(m, "enter " .. to[i], event, arg) end
  if m.on_move then m.on_move(m, target, event) end
end

local function dispatch(m, event, arg)
  local name = m.state
  while name ~= "-" do
    local parent, line = line_of(m.def, name)
    for ev, target, guard, action in transitions(line) do
      if ev == event and (guard == "" or call(m, guard, event, arg)) then
        if target ~= "" then move(m, target, event, arg, action) else call(m, action, event, arg) end
        return true
      end
    end
    name = parent
  end
  return false
end

local function drain(m)
  local handled = false
  while m.queue and m.queue:size() > 0 do
    local e = m.queue:pop()
    local ok, res = pcall(dispatch, m, e[1], e[2])
    if not ok then
      m.queue = nil
      error(res, 0)
    end
    handled = res or handled
  end
  m.queue = nil
  return handled
end

function Machine:start()
  move(self, self.def.initial, "start")
  return self
end

-- Returns true if some state handled the event; nil from inside a hook,
-- where the event waits until the current one is through.
function Machine:send(event, arg)
  if self.queue then return self.queue:push { event, arg } end
  self.queue = coll.fifo()
  self.queue:push { event, arg }
  return drain(self)
end

-- Has to be called now and then for the timeouts.
function Machine:tick()
  local name, age = self.state, self.ticks() - self.since
  while name ~= "-" do
    local parent, line = line_of(self.def, name)
    for ticks, target in string.gmatch(line, "(%d+)>(%S+)") do
      if age >= tonumber(ticks) then
        move(self, target, "timeout")
        return true
      end
    end
    name = parent
  end
  return false
end

function Machine:is(name)
  local s = self.state
  while s ~= name and s ~= "-" do s = line_of(self.def, s) end
  return s == name
end

function Machine:history()
  local out = {}
  for i, v in self.trail:each() do out[i] = v end
  return out
end

return M
