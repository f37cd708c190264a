-- Commands of the console. Each gets (app, words, session) and returns its
-- answer, or nil and what was wrong.

local use = require "use"
local text, words = use "text", use "words"

local M = {}

local HELP = [[
.date     [YYYY-MM-DDTHH:MM:SSZ] show or set the clock
.dump     FILE its first bytes
.get      [KEY] settings
.help     this list
.jobs     what the scheduler runs
.log      [N] [LEVEL] recent lines
.ls       [PATTERN] files
.mode     auto | manual | halt
.restart  stop everything and boot again
.rules    [FILE] reload the rules, or show them
.set      KEY VALUE, saved at once
.status   mode, readings, outputs
.switch   OUTPUT on|off, in manual mode]]

function M.help()
  return HELP
end

function M.status(app)
  local rows = {}
  for _, s in ipairs(app.sensors:report()) do
    rows[#rows + 1] = { s.name, s.value and text.fixed(s.value) .. " " .. s.unit or "-", s.state }
  end
  for _, o in ipairs(app.climate.outputs:report()) do
    rows[#rows + 1] = { o.name, o.on and "on" or "off", o.why or "" }
  end
  return "mode " .. app.climate.mode.state .. ", " .. words.bytes(node.heap()) .. " free\n" .. words.columns(rows)
end

function M.mode(app, w)
  if not w[1] then return app.climate.mode.state end
  if not app.climate.mode:send(w[1]) then return nil, "not now" end
  return app.climate.mode.state
end

function M.switch(app, w)
  if w[2] ~= "on" and w[2] ~= "off" then return nil, "OUTPUT on|off" end
  local ok, err = app.climate:switch(w[1], w[2] == "on")
  return ok and w[1] .. " is " .. w[2], err
end

function M.get(app, w)
  local rows = {}
  for _, k in ipairs(app.cfg:keys()) do
    if not w[1] or words.glob(w[1], k) then
      rows[#rows + 1] = { k, k == "password" and "***" or tostring(app.cfg:get(k)) }
    end
  end
  if #rows == 0 then return nil, "no setting " .. w[1] end
  return words.columns(rows)
end

function M.set(app, w)
  if #w ~= 2 then return nil, "KEY VALUE" end
  local ok, err = app.cfg:set_text(w[1], w[2])
  if ok then ok, err = app.cfg:save() end
  if not ok then return nil, err end
  app.bus:emit("config.saved")
  return w[1] .. " saved"
end

function M.log(app, w)
  local lines = app.log:tail(tonumber(w[1] or "10") or 10, w[2])
  return #lines > 0 and table.concat(lines, "\n") or "nothing yet"
end

function M.jobs(app)
  local rows = app.sched:list()
  table.insert(rows, 1, { "job", "runs", "failed", "due" })
  return words.columns(rows)
end

function M.ls(_, w)
  local rows, files = {}, file.list()
  for _, name in ipairs(text.keys(files)) do
    if not w[1] or words.glob(w[1], name) then rows[#rows + 1] = { files[name], name } end
  end
  return #rows > 0 and words.columns(rows) or "no files"
end

function M.dump(_, w)
  local f = w[1] and file.open(w[1], "r")
  if not f then return nil, "no such file" end
  local s = f:read(128) or ""
  f:close()
  return use("codec").dump(s)
end

function M.rules(app, w)
  if w[1] then
    local n, errors = app:load_rules(w[1])
    return n and n .. " rules", errors and table.concat(errors, "\n")
  end
  local source = app.rule_file and file.getcontents(app.rule_file) or use("climate").default_rules
  return #app.climate.rules .. " rules\n" .. text.trim(source)
end

function M.restart(app)
  -- Time for the answer to leave.
  tmr.create():alarm(500, tmr.ALARM_SINGLE, function()
    app:stop()
    node.restart()
  end)
  return "restarting"
end

function M.date(app, w)
  if w[1] then
    local e, err = use("dates").parse(w[1])
    if not e then return nil, err end
    app:set_time(e)
  end
  return require("clock").iso(app.clock:time())
end

return M
