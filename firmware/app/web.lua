-- Web server: the pages and the JSON interface of the controller.
--
--   GET  /                 the page           GET  /api/status   everything
--   GET  /api/series/temp  one channel        GET  /history.csv  all of them
--   POST /output/:name     on=1&for=30s       POST /api/config   settings
--   GET  /files/*          a file of the file system

-- Parsing, handling and answering follow each other, so each borrows what it
-- needs: together their modules would be the largest thing on the heap.

local clock, conn, use = require "clock", require "conn", require "use"

local M = {}

-- Used when the file system holds no template of that name.
local BUILTIN = {
  ["page.tpl"] = [[
<!doctype html>
<title>{{ name }}</title>
{% include style.tpl %}
<h1>{{ name }}: {{ mode }}</h1>
<p>{{ date }}, up {{ up }}{% if not clock_set %} (clock not set){% end %}</p>
<table>
{% for s in sensors %}
<tr><td>{{ s.name }}<td>{{ s.value | fixed:1 }} {{ s.unit }}{% if s.state ~= 'ok' %}<td><b>{{ s.state }}</b>{% end %}
{% end %}
</table>
<ul>
{% for o in outputs %}
<li>{{ o.name }} <b>{{ o.on | onoff }}</b>{% if o.why %} ({{ o.why }}){% end %}
{% end %}
</ul>
<pre>{{ spark }}</pre>
<pre>
{% for line in log %}
{{ line }}
{% end %}
</pre>
]],
  ["style.tpl"] = "<style>body{font:15px sans-serif} td{padding:0 1em 0 0}</style>\n",
}

local TYPE = { html = "text/html", tpl = "text/plain", css = "text/css", js = "text/javascript",
               csv = "text/csv", txt = "text/plain", log = "text/plain", json = "application/json" }

-- Everything there is to know, as plain tables.
function M.status(app)
  local now = app.clock:time()
  return {
    name = app.cfg:get("name"), mode = app.climate.mode.state,
    date = clock.iso(now), clock_set = app.clock:is_set(),
    uptime = app.clock:uptime(), up = use("dates").span(app.clock:uptime()),
    heap = node.heap(), sensors = app.sensors:report(),
    outputs = app.climate.outputs:report(),
    log = app.log:tail(5),
  }
end

local function template(name)
  return file.getcontents(name) or BUILTIN[name]
end

local function reply_json(res, json, v, status)
  local body, err = json.encode(v)
  if not body then return res(500, err) end
  return res(status or 200, body .. "\n", "application/json")
end

-- Handlers get (server, request, arguments, respond); respond(status, body,
-- type, extra headers), where the body is a string or a producer.
local function page(self, _, _, res)
  local tpl = use "tpl"
  local env = M.status(self.app)
  env.spark = use("history").spark(self.app.history:series("temp", 48))
  local body, err
  for _, source in ipairs { template("page.tpl"), BUILTIN["page.tpl"] } do
    body, err = tpl.expand(source, env, template)
    if body then break end
    -- A broken file must not lock its owner out.
    self.log:error("page.tpl: %s", err)
  end
  return res(200, body, "text/html")
end

local function status(self, _, _, res)
  local json, v = use "json", M.status(self.app)
  -- An empty list would else be taken for an object.
  v.log = json.array(v.log)
  return reply_json(res, json, v)
end

local function series(self, req, args, res)
  local points = tonumber(req.query.points or "48")
  if not points or points < 1 or points > 200 then return res(422, "points: 1 to 200\n") end
  for _, name in ipairs(self.app.history.channels) do
    if name == args.name then
      local json = use "json"
      return reply_json(res, json, { name = name, unit = "tenths",
                                     points = json.array(self.app.history:series(name, points)) })
    end
  end
  return res(404, "no channel " .. args.name .. "\n")
end

local function history_csv(self, _, _, res)
  return res(200, self.app.history:csv(), "text/csv")
end

local function switch(self, req, args, res)
  local f = use("httpreq").fields(req, use("json").decode) or {}
  local ticks
  if f["for"] then
    local sec, err = use("dates").duration(f["for"])
    if not sec then return res(422, err .. "\n") end
    ticks = sec * clock.TICKS
  end
  local ok, err = self.app.climate:switch(args.name, f.on == "1" or f.on == true, ticks)
  if not ok then return res(422, err .. "\n") end
  return res(303, "", nil, { Location = "/" })
end

local function configure(self, req, _, res)
  local fields, err = use("httpreq").fields(req, use("json").decode)
  if type(fields) ~= "table" then return res(422, tostring(err) .. "\n") end
  local bad = {}
  for k in pairs(fields) do
    local ok, why = self.app.cfg:set_text(tostring(k), tostring(fields[k]))
    if not ok then bad[k] = why end
  end
  if next(bad) then return reply_json(res, use "json", { errors = bad }, 422) end
  local ok, why = self.app.cfg:save()
  if not ok then return res(500, why .. "\n") end
  self.app.bus:emit("config.saved")
  return res(204, "")
end

local function send_file(_, _, args, res)
  -- The settings hold the passwords.
  if string.find(args.rest, "^config%.") then return res(404, "no such file\n") end
  local f = file.open(args.rest, "r")
  if not f then return res(404, "no such file\n") end
  local kind = TYPE[string.match(args.rest, "%.(%w+)$") or ""] or "application/octet-stream"
  return res(200, function(stop)
    local piece = not stop and f:read(512)
    if piece then return piece end
    f:close()
  end, kind)
end

local Web = {}
Web.__index = Web

function M.new(app)
  return setmetatable({ app = app, log = app.log:tag("web"), served = 0 }, Web)
end

local function routes()
  local r = use("httpreq").router()
  r:add("GET", "/", page)
  r:add("GET", "/api/status", status)
  r:add("GET", "/api/series/:name", series)
  r:add("GET", "/history.csv", history_csv)
  r:add("GET", "/files/*", send_file)
  r:add("POST", "/output/:name", switch)
  r:add("POST", "/api/config", configure)
  return r
end

-- Whatever changes something needs the password, if there is one.
function Web:allowed(req)
  local password = self.app.cfg:get("password")
  if req.method == "GET" or req.method == "HEAD" or password == "" then return true end
  local user, pass = use("httpreq").credentials(req)
  return user == self.app.cfg:get("user") and pass == password
end

function Web:handle(req, respond)
  if not self:allowed(req) then
    return respond(401, "", nil, { ["WWW-Authenticate"] = 'Basic realm="controller"' })
  end
  local handler, args, allow = routes():find(req.method, req.path)
  if not handler then
    return respond(args, use("httpreq").reason(args) .. "\n", nil, allow and { Allow = allow })
  end
  local ok, err = pcall(handler, self, req, args, respond)
  if not ok then
    self.log:error("%s %s: %s", req.method, req.path, tostring(err))
    respond(500, "internal error\n")
  end
end

-- Serves one connection; done() is called when it is over.
function Web:accept(sck, done)
  local c, parser, answered = conn.wrap(sck), use("httpreq").parser(), false
  c.on_close = done
  local function respond_to(req, code, body, kind, extra)
    if answered then return end
    answered = true
    local headers = { ["Content-Type"] = (kind or "text/plain") .. "; charset=utf-8",
                      ["Cache-Control"] = "no-store", Date = clock.http_date(self.app.clock:time()) }
    for k, v in pairs(extra or {}) do headers[k] = v end
    c:send(use("httpreq").head(code, headers, type(body) == "string" and #body or nil))
    if req and req.method == "HEAD" then
      if type(body) == "function" then body(true) end
    elseif type(body) == "function" then
      c:pull(body)
    else
      c:send(body)
    end
    c:finish()
    self.served = self.served + 1
    self.log:debug("%s %s %d", req and req.method or "-", req and req.path or "-", code)
  end
  sck:on("receive", function(_, data)
    if answered or not parser then return end
    local req, err = parser:feed(data)
    if req then
      parser = nil
      self:handle(req, function(...) respond_to(req, ...) end)
    elseif err then
      respond_to(nil, err, use("httpreq").reason(err) .. "\n")
    end
  end)
  sck:on("disconnection", function() c:lost() end)
end

return M
