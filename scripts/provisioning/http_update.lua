-- A module for LFS: takes an image from a web server and reloads LFS with it.
--
--   LFS.http_update("192.168.1.10", "/boards/greenhouse/", "luac.out")
--   LFS.http_update(host, folder, image, { port = 8000, done = function(problem) ... end })
--
-- Any server of files will do that tells their length. The image comes into a file of its name, its
-- date into one beside it: what has not changed since is not taken again. LFS is reloaded only once
-- all of the image is there. `done` is told why nothing changed; without it that is printed. After
-- a reload the device starts again, and nobody is told.
local host, folder, image, options = ...
options = options or {}
local dated = image .. ".date"
local socket = net.createConnection(net.TCP, 0)
local header, length, date, count = "", nil, nil, 0
local out

local function finish(problem)
  if not socket then return end
  local closing = socket
  socket = nil
  pcall(closing.close, closing)  -- the other side may have done so
  if out then
    out:close()
    out = nil
    if problem then
      file.remove(image)
    elseif date then
      file.putcontents(dated, date)
    end
  end
  -- Once this function and the buffers of the connection are gone: a reload needs memory.
  node.task.post(function()
    (options.done or print)(problem or (node.LFS.reload or node.flashreload)(image))
  end)
end

local function read_header(data)
  header = header .. data
  local first, last = header:find("\r\n\r\n", 1, true)
  if not first then
    if #header > 2048 then finish("http_update: the answer has no end of its header") end
    return ""
  end
  local rest, fields = header:sub(last + 1), header:sub(1, first + 1)
  header = nil
  local status = fields:match("^HTTP/1%.%d (%d+)")
  length = tonumber(fields:match("\r\n[Cc]ontent%-[Ll]ength:%s*(%d+)"))
  date = fields:match("\r\n[Ll]ast%-[Mm]odified:%s*([^\r]+)")
  if status ~= "200" then
    finish("http_update: the server says " .. fields:match("^%S* ?([^\r]*)"))
  elseif not length then
    finish("http_update: the server does not tell the length")
  else
    file.remove(dated)
    out = file.open(image, "w")
    if not out then finish("http_update: cannot write " .. image) end
  end
  return rest
end

socket:on("connection", function(s)
  local known = file.exists(image) and file.getcontents(dated)
  s:send("GET " .. folder .. image .. " HTTP/1.1\r\nHost: " .. host ..
         (known and "\r\nIf-Modified-Since: " .. known or "") ..
         "\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n")
end)

socket:on("receive", function(_, data)
  if header then data = read_header(data) end
  if not socket or #data == 0 then return end
  count = count + #data
  if count > length then
    finish("http_update: more bytes came than the server told")
  elseif not out:write(data) then
    finish("http_update: no room for " .. length .. " bytes")
  elseif count == length then
    finish()
  end
end)

socket:on("disconnection", function()
  finish("http_update: " .. count .. " of " .. (length or "?") .. " bytes came")
end)

socket:connect(options.port or 80, host)
