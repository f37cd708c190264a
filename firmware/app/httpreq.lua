-- HTTP/1.1 without sockets: an incremental request parser, a router and the
-- head of a response. Bytes may arrive cut anywhere.

local use = require "use"
local text = use "text"

local M = {}

local find, match, sub, fmt = string.find, string.match, string.sub, string.format

local REASONS = "200 OK|201 Created|204 No Content|303 See Other|400 Bad Request|401 Unauthorized|" ..
  "404 Not Found|405 Method Not Allowed|411 Length Required|413 Payload Too Large|414 URI Too Long|" ..
  "422 Unprocessable Entity|431 Request Header Fields Too Large|500 Internal Server Error|" ..
  "501 Not Implemented|503 Service Unavailable|505 HTTP Version Not Supported|"

function M.reason(status)
  return match(REASONS, status .. " ([^|]+)|") or "Status"
end

local Parser = {}
Parser.__index = Parser

function M.parser(max_head, max_body)
  return setmetatable({ buf = "", max_head = max_head or 1024, max_body = max_body or 2048,
                        state = "head" }, Parser)
end

-- Takes "." and ".." out of a decoded path; one that climbs above the root
-- is nobody's honest wish.
local function clean_path(path)
  local out = {}
  for part in string.gmatch(path, "[^/]+") do
    if part == ".." then
      if #out == 0 then return nil end
      out[#out] = nil
    elseif part ~= "." then
      out[#out + 1] = part
    end
  end
  return "/" .. table.concat(out, "/")
end

local function parse_head(head)
  local first, rest = match(head, "^(.-)\r?\n(.*)$")
  local method, target, major, minor = match(first, "^(%u+) (%S+) HTTP/(%d)%.(%d)$")
  if not method then return nil, 400 end
  if major ~= "1" then return nil, 505 end
  local raw, query = match(target, "^([^?#]*)%??([^#]*)")
  local path = sub(raw, 1, 1) == "/" and clean_path(text.urldecode(raw))
  if not path then return nil, 400 end
  local req = { method = method, path = path, query = text.query(query),
                minor = tonumber(minor), headers = {}, body = "" }
  for line in text.lines(rest) do
    if line ~= "" then
      -- A blank before the colon is how requests are smuggled past others.
      local name, v = match(line, "^([%w!#$%%&'*+.^_`|~-]+):%s*(.-)%s*$")
      if not name then return nil, 400 end
      name = string.lower(name)
      local old = req.headers[name]
      if old and name == "content-length" and old ~= v then return nil, 400 end
      req.headers[name] = old and name ~= "content-length" and old .. ", " .. v or v
    end
  end
  if req.minor == 1 and not req.headers.host then return nil, 400 end
  return req
end

-- Chunked bodies: returns the rest of the buffer, or nil and a status.
local function take_chunks(self)
  while true do
    local size, after = match(self.buf, "^(%x+)[^\r\n]*\r\n()")
    if not size then
      if #self.buf > 64 then return nil, 400 end
      return true
    end
    local n = #size <= 4 and tonumber(size, 16)
    if not n or #self.req.body + n > self.max_body then return nil, 413 end
    if n == 0 then
      local stop = match(self.buf, "^\r\n()", after)
      if stop then self.buf, self.state = sub(self.buf, stop), "done" end
      return true
    end
    if #self.buf < after + n + 1 then return true end
    if sub(self.buf, after + n, after + n + 1) ~= "\r\n" then return nil, 400 end
    self.req.body = self.req.body .. sub(self.buf, after, after + n - 1)
    self.buf = sub(self.buf, after + n + 2)
  end
end

local function begin_body(self)
  local h = self.req.headers
  local coding, len = h["transfer-encoding"], h["content-length"]
  if coding then
    -- Both lengths at once would let two readers disagree on the end.
    if len then return 400 end
    if string.lower(coding) ~= "chunked" then return 501 end
    self.state = "chunks"
  elseif len then
    if not find(len, "^%d+$") or #len > 7 then return 400 end
    self.need = tonumber(len)
    if self.need > self.max_body then return 413 end
    self.state = "body"
  elseif self.req.method == "POST" or self.req.method == "PUT" then
    return 411
  else
    self.state = "done"
  end
end

-- Feed what arrived. Returns the request when it is complete, nothing while
-- more is needed, or nil and a status to refuse it with.
function Parser:feed(data)
  self.buf = self.buf .. data
  if self.state == "head" then
    -- Empty lines before a request are to be ignored.
    self.buf = string.gsub(self.buf, "^[\r\n]+", "")
    local _, stop = find(self.buf, "\r?\n\r?\n")
    if not stop or stop > self.max_head then
      if #self.buf <= self.max_head and not stop then return end
      return nil, find(sub(self.buf, 1, self.max_head), "\n", 1, true) and 431 or 414
    end
    local err
    self.req, err = parse_head(sub(self.buf, 1, stop))
    if not self.req then return nil, err end
    self.buf = sub(self.buf, stop + 1)
    err = begin_body(self)
    if err then return nil, err end
  end
  if self.state == "chunks" then
    local ok, err = take_chunks(self)
    if not ok then return nil, err end
  elseif self.state == "body" and #self.buf >= self.need then
    self.req.body, self.buf = sub(self.buf, 1, self.need), sub(self.buf, self.need + 1)
    self.state = "done"
  end
  if self.state == "done" then return self.req end
end

-- The fields of a posted form or JSON document.
function M.fields(req, decode)
  local kind = string.lower(req.headers["content-type"] or "")
  if find(kind, "application/json", 1, true) then return decode(req.body) end
  return text.query(req.body)
end

-- User and password of basic authentication, or nil.
function M.credentials(req)
  local b64 = match(req.headers.authorization or "", "^[Bb]asic%s+(%S+)$")
  local plain = b64 and use("codec").unbase64(b64)
  if plain then return match(plain, "^([^:]*):(.*)$") end
end

-- The head of a response. A length of nil means "until the connection
-- closes", which is all a producer of unknown size can promise.
function M.head(status, headers, length)
  local lines = { fmt("HTTP/1.1 %d %s", status, M.reason(status)) }
  for _, k in ipairs(text.keys(headers or {})) do
    -- No value may smuggle a line of its own into the head.
    lines[#lines + 1] = k .. ": " .. string.gsub(tostring(headers[k]), "[\r\n]+", " ")
  end
  if length then lines[#lines + 1] = fmt("Content-Length: %d", length) end
  lines[#lines + 1] = "Connection: close"
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

local Router = {}
Router.__index = Router

-- Method, pattern, handler, one after the other in one list.
function M.router()
  return setmetatable({}, Router)
end

-- Patterns: "/output/:name" names one segment, a "*" at the end takes all.
function Router:add(method, pattern, handler)
  local n = #self
  self[n + 1], self[n + 2], self[n + 3] = method, pattern, handler
end

local function fits(pattern, segs)
  local args, parts = {}, text.split(sub(pattern, 2), "/")
  for i, p in ipairs(parts) do
    if p == "*" then
      args.rest = table.concat(segs, "/", i)
      return args
    end
    local seg = segs[i]
    if not seg then return nil end
    local name = match(p, "^:(.+)$")
    if name then
      if seg == "" then return nil end
      args[name] = seg
    elseif p ~= seg then
      return nil
    end
  end
  return #segs == #parts and args or nil
end

-- Returns handler and arguments, or nil, a status, and the allowed methods.
-- HEAD is answered by the handler of GET.
function Router:find(method, path)
  local segs, allowed = text.split(sub(path, 2), "/"), {}
  if method == "HEAD" then method = "GET" end
  for i = 1, #self, 3 do
    local args = fits(self[i + 1], segs)
    if args then
      if self[i] == method then return self[i + 2], args end
      allowed[#allowed + 1] = self[i]
    end
  end
  if #allowed > 0 then return nil, 405, table.concat(allowed, ", ") end
  return nil, 404
end

return M
