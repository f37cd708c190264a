-- Templates for pages and messages.
--
--   {{ path.to.value | filter:arg | filter }}   printed, escaped for HTML
--   {% if a.b > 3 %} {% elif not c %} {% else %} {% end %}
--   {% for item in list %} {{ loop.index }} {{ item.name }} {% end %}
--   {% include name %}                          another template
--   {# a comment #}
--
-- A template is compiled and rendered block by block: of a long page only
-- the block at hand stands in RAM, as a tree of small tables. The result
-- goes through a sink, as with json.write.

local text, coll = require("use") "text", require "coll"

local M = {}

local sub, find, match = string.sub, string.find, string.match

local FILTERS = " upper lower fixed pad default url count onoff join "

-- Only `raw`, which is none of these, keeps markup alive.
local function filter(name, v, arg)
  if name == "fixed" then return type(v) == "number" and text.fixed(v, tonumber(arg or "1")) or "-" end
  if name == "onoff" then return v and "on" or "off" end
  if name == "default" then return (v == nil or v == "") and arg or v end
  if name == "count" then return type(v) == "table" and #v or 0 end
  if name == "join" then return type(v) == "table" and table.concat(v, arg or ", ") or v end
  v = tostring(v)
  if name == "upper" then return string.upper(v) end
  if name == "lower" then return string.lower(v) end
  if name == "url" then return text.urlencode(v) end
  return v .. string.rep(" ", tonumber(arg or "8") - #v)
end

local function bad(st, what)
  error({ tpl = string.format("line %d: %s", st.line, what) }, 0)
end

local function literal(s)
  local str = match(s, "^'(.*)'$") or match(s, '^"(.*)"$')
  if str then return true, str end
  if s == "true" or s == "false" then return true, s == "true" end
  local n = tonumber(s)
  if n then return true, n end
  return false
end

local function compile_path(st, s)
  local lit, v = literal(s)
  if lit then return { lit = v } end
  if not match(s, "^[%a_][%w_%.]*$") then bad(st, "bad name '" .. s .. "'") end
  return text.split(s, ".")
end

-- Looks a dotted path up; anything missing on the way gives nil.
local function value(path, env)
  if path.lit ~= nil then return path.lit end
  local v = env[path[1]]
  for i = 2, #path do
    if type(v) ~= "table" then return nil end
    local key = path[i]
    local item = v[key]
    if item == nil then item = v[tonumber(key)] end
    v = item
  end
  return v
end

local function compare(op, a, b)
  if op == "==" then return a == b end
  if op == "~=" then return a ~= b end
  if op == "<" then return a < b end
  if op == ">" then return a > b end
  if op == "<=" then return a <= b end
  return a >= b
end

local function compile_test(st, s)
  local negate
  local rest = match(s, "^not%s+(.+)$")
  if rest then negate, s = true, rest end
  local a, op, b = match(s, "^(.-)%s*([=~<>]=?)%s*(.+)$")
  if not a then return { path = compile_path(st, s), negate = negate } end
  if op == "~" or op == "=" then bad(st, "bad operator " .. op) end
  return { path = compile_path(st, a), op = op, other = compile_path(st, b), negate = negate }
end

local function holds(test, env)
  local v = value(test.path, env)
  local res
  if test.op then
    local other = value(test.other, env)
    -- Order between different types would raise an error; a page with a
    -- missing reading should come out anyhow.
    res = (type(v) == type(other) or test.op == "==" or test.op == "~=") and v ~= nil
          and compare(test.op, v, other)
  else
    res = v and v ~= "" and v ~= 0
  end
  if test.negate then return not res end
  return res
end

local function compile_print(st, s)
  local parts = text.split(s, "|")
  local node = { kind = "print", path = compile_path(st, text.trim(parts[1])) }
  for i = 2, #parts do
    local name, arg = match(text.trim(parts[i]), "^([%a_]+):?(.*)$")
    if name == "raw" then
      node.raw = true
    elseif name and find(FILTERS, " " .. name .. " ", 1, true) then
      node[#node + 1] = { name, arg ~= "" and arg or nil }
    else
      bad(st, "no filter " .. text.trim(parts[i]))
    end
  end
  return node
end

local function open_block(st, node)
  st.stack[#st.stack + 1] = st.list
  st.open[#st.open + 1] = node
end

local function compile_tag(st, s)
  local word, rest = match(s, "^(%a+)%s*(.-)$")
  local top = st.open[#st.open]
  if word == "if" then
    local node = { kind = "if", tests = { compile_test(st, rest) }, bodies = { {} } }
    st.list[#st.list + 1] = node
    open_block(st, node)
    st.list = node.bodies[1]
  elseif word == "elif" or word == "else" then
    if not top or top.kind ~= "if" or #top.bodies > #top.tests then bad(st, word .. " without if") end
    if word == "elif" then top.tests[#top.tests + 1] = compile_test(st, rest) end
    top.bodies[#top.bodies + 1] = {}
    st.list = top.bodies[#top.bodies]
  elseif word == "for" then
    local var, path = match(rest, "^([%a_][%w_]*)%s+in%s+(%S+)$")
    if not var then bad(st, "for needs 'name in list'") end
    local node = { kind = "for", var = var, path = compile_path(st, path), body = {} }
    st.list[#st.list + 1] = node
    open_block(st, node)
    st.list = node.body
  elseif word == "end" then
    if not top then bad(st, "end without a block") end
    st.list = table.remove(st.stack)
    table.remove(st.open)
  elseif word == "include" then
    st.list[#st.list + 1] = { kind = "include", name = rest }
  else
    bad(st, "unknown tag " .. tostring(word))
  end
end

local CLOSER = { ["{{"] = "}}", ["{%"] = "%}", ["{#"] = "#}" }

-- Calls node(tree) for each outermost piece of the template.
local function compile(source, node)
  local st = { line = 1, list = {}, stack = {}, open = {} }
  local root, pos = st.list, 1
  while true do
    if #st.open == 0 then
      for i = 1, #root do
        node(root[i])
        root[i] = nil
      end
    end
    local a = find(source, "{[{%%#]", pos)
    local plain = sub(source, pos, (a or 0) - 1)
    if plain ~= "" then st.list[#st.list + 1] = plain end
    local _, n = string.gsub(plain, "\n", "")
    st.line = st.line + n
    if not a then
      if #st.open == 0 and plain ~= "" then node(plain) end
      break
    end
    local opener = sub(source, a, a + 1)
    local b = find(source, CLOSER[opener], a + 2, true)
    if not b then bad(st, opener .. " is not closed") end
    local inner = text.trim(sub(source, a + 2, b - 1))
    if opener == "{{" then
      st.list[#st.list + 1] = compile_print(st, inner)
    elseif opener == "{%" then
      compile_tag(st, inner)
    end
    _, n = string.gsub(sub(source, a, b), "\n", "")
    st.line, pos = st.line + n, b + 2
    -- A tag alone on its line should not leave an empty line behind.
    if opener ~= "{{" and sub(source, pos, pos) == "\n" and (a == 1 or sub(source, a - 1, a - 1) == "\n") then
      st.line, pos = st.line + 1, pos + 1
    end
  end
  if #st.open > 0 then bad(st, st.open[#st.open].kind .. " is not closed") end
end

local function guarded(...)
  local ok, err = pcall(...)
  if ok then return true end
  if type(err) ~= "table" then error(err, 0) end
  return nil, err.tpl
end

-- true, or nil and a message with the line.
function M.check(source)
  return guarded(compile, source, function() end)
end

local render

local function render_for(node, env, out, loader, depth)
  local list = value(node.path, env)
  if type(list) ~= "table" then return end
  local inner = setmetatable({}, { __index = env })
  for i = 1, #list do
    inner[node.var] = list[i]
    inner.loop = { index = i, first = i == 1, last = i == #list }
    render(node.body, inner, out, loader, depth)
  end
end

function render(list, env, out, loader, depth)
  for i = 1, #list do
    local node = list[i]
    if type(node) == "string" then
      out(node)
    elseif node.kind == "print" then
      local v = value(node.path, env)
      for j = 1, #node do v = filter(node[j][1], v, node[j][2]) end
      if v ~= nil then out(node.raw and tostring(v) or text.escape(v)) end
    elseif node.kind == "if" then
      for j = 1, #node.bodies do
        if not node.tests[j] or holds(node.tests[j], env) then
          render(node.bodies[j], env, out, loader, depth)
          break
        end
      end
    elseif node.kind == "for" then
      render_for(node, env, out, loader, depth)
    else
      local source = depth < 4 and loader and loader(node.name)
      if source then
        compile(source, function(tree) render({ tree }, env, out, loader, depth + 1) end)
      else
        out("[no template " .. node.name .. "]")
      end
    end
  end
end

-- Renders through out(piece); loader(name) gives the source of an included
-- template. A fault is only found when its block is reached: returns nil and
-- a message with the line, after the part before it has been put out.
function M.render(source, env, out, loader)
  return guarded(compile, source, function(tree) render({ tree }, env, out, loader, 0) end)
end

-- For short texts.
function M.expand(source, env, loader)
  local add, text_of = coll.joiner()
  local ok, err = M.render(source, env, add, loader)
  return ok and text_of(), err
end

return M
