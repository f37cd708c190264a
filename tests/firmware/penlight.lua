-- Uses modules of the library Penlight and prints what comes of it: the same from flash as from source.
-- On a device `pl.X` is module `X` of the image, and what Penlight wants of io and os is stood in for.
if node then
  table.insert(package.loaders, 2, function(name)
    local short = name:match "^pl%.(.+)$"
    return short and node.flashindex(short) or "\n\tnot of Penlight"
  end)
  package.config = "/\n;\n?\n!\n-"
  local function absent() return nil, "no such file" end
  io = { open = absent, popen = absent, lines = absent, write = function(...) print(...) end,
         stdout = {}, stderr = {}, stdin = {}, type = function() return nil end, output = absent, input = absent }
  os = { getenv = function() return nil end, time = function() return 0 end, clock = function() return 0 end,
         date = function() return "*" end, exit = absent, remove = absent, rename = absent, tmpname = absent,
         execute = absent, setlocale = absent }
end

local used = 0
local function use(name)
  used = used + 1
  return require("pl." .. name)
end
local function show(what, ...)
  local out = {}
  for i = 1, select("#", ...) do out[i] = tostring((select(i, ...))) end
  print(what, table.concat(out, " "))
end
local function fails(f, ...)
  local fine, message = pcall(f, ...)
  return not fine and tostring(message):gsub("^[^ ]*/", ""):gsub("^%.%.%.", "")
end

local compat, utils, types = use "compat", use "utils", use "types"
show("compat", compat.lua51, compat.is_windows, compat.dir_separator)
show("utils", unpack(utils.split("a, b,c", ",%s*")))
show("utils", utils.is_type(1, "number"), utils.choose(true, 1, 2), utils.escape "a.b*c")
show("utils", fails(utils.assert_arg, 1, "x", "number"))
show("types", types.is_empty {}, types.is_callable(print), types.to_bool "yes")

local tablex = use "tablex"
show("tablex", unpack(tablex.map(function(x, y) return x * y end, { 1, 2, 3 }, 10)))
show("tablex", tablex.deepcompare({ 1, { a = 2 } }, { 1, { a = 2 } }), tablex.find({ 5, 6, 7 }, 6))
show("tablex", unpack(tablex.sub({ 1, 2, 3, 4, 5 }, 2, -2)))
show("tablex", tablex.reduce("+", { 1, 2, 3, 4 }), #tablex.range(1, 100, 7))

local class = use "class"
local Animal = class()
function Animal:_init(name) self.name = name end
function Animal:__tostring() return self.name .. ": " .. self:speak() end
local Cat = class(Animal)
function Cat:speak() return "meow" end
show("class", Cat "felix", Cat "tom":is_a(Animal), Animal:class_of(Cat "x"))

local List, Map, Set = use "List", use "Map", use "Set"
local list = List { 3, 1, 2 }
show("List", list:sorted(), list:reverse(), List.range(1, 5):slice(2, 3), List "abc":join "-")
show("List", List { 1, 2, 3, 4 }:filter(function(x) return x % 2 == 0 end), list:append(9):pop())
local map = Map { one = 1 }
map:set("two", 2)
show("Map", map:keys():sorted(), map:values():sorted(), map:get "two")
local evens = Set { 2, 4, 6 } * Set { 4, 6, 8 }
show("Set", Set.len(evens), evens[4], evens[2], Set { 1 } < Set { 1, 2 })
local OrderedMap, MultiMap = use "OrderedMap", use "MultiMap"
local ordered = OrderedMap()
ordered:set("z", 1)
ordered:set("a", 2)
show("OrderedMap", ordered)
local multi = MultiMap()
multi:set("k", 1)
multi:set("k", 2)
show("MultiMap", List(multi:get "k"))

local stringx = use "stringx"
show("stringx", stringx.strip "  x ", stringx.center("ab", 6, "*"), stringx.isdigit "12", stringx.count("banana", "an"))
show("stringx", stringx.replace("a-b-c", "-", "+", 1), stringx.partition("key=value", "="))
local text, template = use "text", use "template"
show("text", (text.dedent "  one\n  two"), (text.wrap("a long line of words", 10)):join "|")
show("template", template.substitute("# for i = 1, 3 do\nline $(i)\n# end\n", {}))

local operator, func, seq = use "operator", use "func", use "seq"
show("operator", operator.add(1, 2), operator.concat("a", "b"), operator.optable["<="](1, 2))
local _1, _2 = func._1, func._2
show("func", List { 1, 2, 3 }:map(func.I(_1 * 2 + 1)), func.repr(_1 + _2 * 3))
show("seq", seq.sum { 1, 2, 3 }, List(seq.copy(seq.take(seq.list { 7, 8, 9 }, 2))))
local permute, comprehension = use "permute", use "comprehension"
local perms = {}
for p in permute.iter { 1, 2, 3 } do perms[#perms + 1] = table.concat(p) end
show("permute", unpack(perms))
show("comprehension", unpack(comprehension.new() "x * x for x = 1, 5 if x % 2 == 1" ()))

local array2d = use "array2d"
local grid = array2d.map("+", { { 1, 2 }, { 3, 4 } }, 1)
show("array2d", List(array2d.column(grid, 2)), array2d.reduce_rows("+", grid)[1])
local lexer, pretty = use "lexer", use "pretty"
local tokens = {}
for kind, value in lexer.lua "local x = 'a' .. 10 -- done" do tokens[#tokens + 1] = kind .. ":" .. tostring(value) end
show("lexer", unpack(tokens))
show("pretty", pretty.write({ 1, { 2, 3 }, key = "v" }, ""), pretty.read "{ 1, a = { 2 } }".a[1])
local luabalanced, sip = use "luabalanced", use "sip"
show("luabalanced", luabalanced.match_bracketed("(a(b)c)d", 1))
local found = {}
show("sip", sip.match("$v{name} = $d{value}", "size = 42", found), found.name, found.value)
local stringio, url = use "stringio", use "url"
local file = stringio.open "first\nsecond\n"
show("stringio", file:read(), file:read "*a")
show("url", url.quote "a b&c", url.unquote "a%20b%26c")
local xml = use "xml"
local document = xml.parse "<a x='1'><b>text</b></a>"
show("xml", document, document:child_with_name "b":get_text())

-- Errors name file and line of the library.
show("error", fails(function() return List { 1 } + nil end))
print(used .. " modules")
