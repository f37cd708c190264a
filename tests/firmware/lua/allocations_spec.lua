-- Asks for memory in every way the core has, and uses what it got. Runs from flash and as source; needs
-- nothing but Lua's own libraries, and leaves nothing behind.
local function equal(found, wanted)
  if found ~= wanted then error(("found %s, wanted %s"):format(tostring(found), tostring(wanted)), 2) end
end

-- What a protected call caught; want of memory is passed on.
local function equal_error(found, wanted)
  if tostring(found):find("not enough memory", 1, true) then error(found, 0) end
  equal(found, wanted)
end

-- New keys that only the table will hold, in tables that grow from nothing, by name and by number.
local grown = {}
for i = 1, 40 do grown["key " .. i] = { i, name = "value " .. i } end
for i = 1, 40 do equal(grown["key " .. i].name, "value " .. i) end
for i = 40, 1, -1 do grown[i] = i .. "" end
for i = 1, 40 do equal(grown[i], tostring(i)) end
setmetatable(grown, { __index = function(_, k) return k .. "!" end, __newindex = function(t, k, v) rawset(t, k .. "?", v) end })
equal(grown["absent " .. 1], "absent 1!")
grown["new " .. 1] = "here"
equal(rawget(grown, "new 1?"), "here")

-- Upvalues, open, shared and closed, while the collector frees those that nobody has.
local function counters(n)
  local made = {}
  local shared = "s"
  for i = 1, n do
    local own = i .. "#"
    made[i] = function(more) own = own .. more shared = shared .. "." return own, shared end
    local _ = function() return own, i end
  end
  return made
end
local made = counters(6)
for i = 1, 6 do equal((made[i]("x")), i .. "#x") end
equal(select(2, made[1]("y")), "s.......")
do  -- one that is gone lies above the one to be made
  local low, high = "low", "high"
  equal((function() return high end)(), "high")
  local get = function() return low end
  equal(get(), "low")
end

-- Arguments without end, as values and as the table of old.
local function gather(...)
  local list = { ..., }
  return #list, select("#", ...)
end
local many = {}
for i = 1, 120 do many[i] = "argument " .. i end
local listed, passed = gather(unpack(many))
equal(listed, 120)
equal(passed, 120)
local function open_list(...) return { "first", ... } end
equal(open_list(unpack(many))[121], "argument 120")
local function old_style(a, ...) return arg.n, arg[arg.n], a end
local n, last, first = old_style("a" .. 1, "b" .. 2, "c" .. 3)
equal(n .. last .. first, "2c3a1")

-- Deep stacks, of values and of calls.
local function deep(i) if i == 0 then return "bottom" .. i end local under = deep(i - 1) return under end
equal(deep(60), "bottom0")
local function fill(i) return i == 0 and "" or i .. fill(i - 1) end
equal(#fill(30), 51)

-- Coroutines: made, filled, resumed, failing, left behind.
local function squares(count)
  local held = { "held " .. count }
  for i = 1, count do coroutine.yield(i * i .. "", held[1]) end
  return unpack(many)
end
local routine = coroutine.create(squares)
for i = 1, 3 do
  local _, square, held = assert(coroutine.resume(routine, 3))
  equal(square .. held, i * i .. "held 3")
end
equal(select("#", assert(coroutine.resume(routine))), 121)
equal(coroutine.wrap(function(...) return select("#", ...) end)(unpack(many)), 120)
for _ = 1, 4 do coroutine.resume(coroutine.create(squares), 2) end
local resting = coroutine.create(squares)
assert(coroutine.resume(resting, 2))
local known = debug.getinfo(resting, 1, "SfL")
equal(known.func, squares)
equal(next(known.activelines) ~= nil, true)
local fine, message = coroutine.resume(coroutine.create(function() error("in " .. "there", 0) end))
equal_error(message, "in there")
equal(fine, false)

-- Compiled, dumped and loaded again, in pieces and at once.
local source = [[
local a, b, c = ...
local t = { name = 'constant one', 25, true, [3] = "three", nested = { { } } }
local function outer(x, y)
  local up = 'up' .. x
  local function inner(...)
    local l1, l2, l3, l4, l5 = ...
    up = up .. (l1 or 'none') .. #t
    return function() return up, y, t.name end
  end
  return inner
end
for i = 1, 3 do local unused = i end
while a == nil do a = 'set' end
return outer(a, b)(c)
]]
local chunk = assert(loadstring(source, "@chunks.lua"))
local function check_chunk(f)
  local up, y, name = f("A", "B", "C")()
  equal(up .. y .. name, "upAC3Bconstant one")
end
check_chunk(chunk)
local dumped = string.dump(chunk)
check_chunk(assert(loadstring(dumped, "=dumped")))
local header, size_bytes = 12, dumped:byte(9)
local nameless = dumped:sub(1, header) .. ("\0"):rep(size_bytes) .. dumped:sub(header + size_bytes + #"@chunks.lua\0" + 1)
local anonymous = assert(loadstring(nameless, "=unused"))
equal(debug.getinfo(anonymous, "S").short_src, "?")
check_chunk(anonymous)
local at = 0
local pieces = assert(load(function()
  at = at + 7
  return at - 6 <= #source and source:sub(at - 6, at) or nil
end, "=pieces"))
check_chunk(pieces)
local nested = ("return function(a) local b = a "):rep(20) .. ("end "):rep(20)
equal(type(assert(loadstring(nested, "=nested"))()()()), "function")
local lines = 0
for _ in pairs(debug.getinfo(pieces, "L").activelines) do lines = lines + 1 end
equal(lines, 6)
local wrong, why = loadstring("local x = = " .. 1, "=wrong")
equal(wrong, nil)
equal_error(why, "wrong:1: unexpected symbol near '='")

-- Strings: joined, split, formatted, repeated, substituted.
local text = ""
for i = 1, 12 do text = text .. i .. "," .. ("-"):rep(i) end
equal(#text, 105)
equal(#text:rep(20, ""), 2100)
equal(text:gsub("%d+", function(d) return "<" .. d .. ">" end):sub(1, 9), "<1>,-<2>,")
equal(("%s|%q|%5d|%-8s|"):format("s" .. 1, 'q"' .. 2, 34, "left"), 's1|"q\\"2"|   34|left    |')
equal(table.concat(many, ";"):sub(-12), "argument 120")
equal(1 .. "" .. 2 .. "", "12")
local words = {}
for w in text:gmatch("%d+") do words[#words + 1] = w end
table.sort(words, function(a, b) return a > b end)
equal(words[1], "9")

-- Errors with positions, values and handlers; metamethods of all that is joined and compared.
local failed, position = pcall(function() error("told " .. "so") end)
equal(failed, false)
equal_error(position:match("told so$") or position, "told so")
local ok, handled = xpcall(function() local nothing return nothing.field end, debug.traceback)
equal(ok, false)
equal_error(handled:match("attempt to index") or handled, "attempt to index")
local meta = {
  __concat = function(a, b) return "(" .. tostring(type(a)) .. tostring(type(b)) .. ")" end,
  __eq = function() return true end,
  __call = function(_, ...) return select("#", ...) .. " arguments, last " .. select(-1, ...) end,
  __tostring = function() return "object " .. 1 end,
}
local object, other = setmetatable({}, meta), setmetatable({}, meta)
equal(object .. "x", "(tablestring)")
equal("x" .. object, "(stringtable)")
equal(object == other, true)
equal(object(1, nil, 3), "3 arguments, last 3")
equal(tostring(object), "object 1")

-- Weak tables and finalizers: what is alive is kept, and what is not is finalized, in time.
local weak = setmetatable({}, { __mode = "kv" })
weak.kept = grown
for i = 1, 5 do weak["gone " .. i] = {} end
local finalized = 0
for _ = 1, 3 do
  local proxy = newproxy(true)
  getmetatable(proxy).__gc = function() finalized = finalized + #("x"):rep(10) end
end
collectgarbage()
equal(weak.kept, grown)
equal(next(weak, (next(weak))), nil)
equal(finalized, 30)
