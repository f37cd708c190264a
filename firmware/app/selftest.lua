-- Self-check: runs every part which computes, without network, timers or
-- files. The output is the same on every board and every run; the last line
-- counts. Called from flash as node.flashindex("selftest")().
--
-- Modules are unloaded after their group, so the peak of RAM stays low.

local checks, failed = 0, 0

local function check(what, ok)
  checks = checks + 1
  if not ok then
    failed = failed + 1
    print("FAILED " .. what)
  end
end

local function same(what, got, want)
  check(what, got == want)
  if got ~= want then
    print(string.format("  got  %s\n  want %s", tostring(got), tostring(want)))
  end
end

-- Files in a table: as much of the file module as stores and logs need.
local function memory_fs(limit)
  local fs, data = {}, {}
  fs.data = data
  function fs.exists(n) return data[n] ~= nil end
  function fs.remove(n) data[n] = nil end
  function fs.getcontents(n) return data[n] end
  function fs.stat(n) return data[n] and { size = #data[n] } end
  function fs.putcontents(n, s)
    data[n] = s
    return true
  end
  function fs.rename(a, b)
    if not data[a] or data[b] then return false end
    data[a], data[b] = nil, data[a]
    return true
  end
  function fs.list()
    local out = {}
    for n, s in pairs(data) do out[n] = #s end
    return out
  end
  function fs.open(n, mode)
    data[n] = mode == "a" and data[n] or ""
    return { close = function() end, write = function(_, s)
      if limit and #data[n] + #s > limit then return nil end
      data[n] = data[n] .. s
      return true
    end }
  end
  return fs
end

local groups = {
  "text", "words", "codec", "coll", "json", "clock", "stats", "sched", "fsm", "tpl",
  "rules", "log", "store", "history", "sensors", "climate", "httpreq", "conn", "telnetd", "shell",
}
local G = {}

function G.text(text)
  same("trim", text.trim("  a b \n"), "a b")
  same("split", table.concat(text.split("a,,b", ","), "|"), "a||b")
  same("query", text.query("a=1&b=x+y&flag").b, "x y")
  same("escape", text.escape("<a href='x'>"), "&#60;a href=&#39;x&#39;&#62;")
  same("fixed", text.fixed(-215) .. text.fixed(5) .. text.fixed(1234, 2), "-21.50.512.34")
  same("unfixed", text.unfixed("-3.47"), -34)
end

function G.words(words)
  same("bytes", words.bytes(1000) .. " " .. words.bytes(1536), "1000 B 1.5 KiB")
  same("words", table.concat(words.split([[set name "my green" h\ use]]), "|"), "set|name|my green|h use")
  same("columns", words.columns { { "a", 5 }, { "long", 10 } }, "a      5\nlong  10")
  check("glob", words.glob("*.l?a", "main.lua") and not words.glob("*.lc", "main.lua"))
  same("nearest", words.nearest("stauts", { "set", "status", "stop" }), "status")
end

function G.codec(codec)
  same("crc32", codec.crc32("123456789"), "cbf43926")
  local st = codec.crc32_start()
  codec.crc32_update(codec.crc32_update(st, "12345"), "6789")
  same("crc32 in pieces", codec.crc32_hex(st), "cbf43926")
  same("base64", codec.base64("any carnal pleas"), "YW55IGNhcm5hbCBwbGVhcw==")
  for n = 0, 5 do
    local s = string.sub("\0\255\128ab", 1, n)
    same("base64 and back, " .. n, codec.unbase64(codec.base64(s)), s)
  end
  same("dump", codec.dump("AB\0"), "000000  41 42 00 " .. string.rep(" ", 39) .. " |AB.|")
end

function G.coll(coll)
  local f = coll.fifo()
  for i = 1, 3 do f:push(i) end
  same("fifo", f:pop() + f:pop() * 10 + f:size() * 100, 121)
  local r = coll.ring(3)
  for i = 1, 5 do r:push(i) end
  same("ring", r:get(1) * 100 + r:get(-1) * 10 + r.count, 353)
  local h, out = coll.heap(), {}
  for _, k in ipairs { 5, 1, 4, 1, 3 } do h:push(k, k .. "/" .. h.stamp) end
  h:remove("4/2")
  while h.n > 0 do out[#out + 1] = h:pop() end
  same("heap", table.concat(out, " "), "1/1 1/3 3/4 5/0")
  local heard, errors = {}, 0
  local bus = coll.bus(function() errors = errors + 1 end)
  bus:on("s.*", function(t, v) heard[#heard + 1] = t .. v end)
  bus:on("s.x", function() error("on purpose") end)
  local once
  once = bus:on("s.x", function() bus:off("s.x", once) end)
  same("bus", bus:emit("s.x", 7) * 10 + bus:emit("s.x", 8), 32)
  same("bus heard", table.concat(heard, " ") .. errors, "s.x7 s.x82")
end

function G.json(json)
  local s = '{"a":[1,2,{"b":null}],"c":"q\\"\\n\\u0001","d":true,"e":{},"f":[]}'
  same("json and back", json.encode(json.decode(s)), s)
  same("json utf-8", json.decode('"\\u00e9\\ud83c\\udf31"'), "\195\169\240\159\140\177")
  for _, bad in ipairs { "", "{", "[1,]", '{"a" 1}', '"\t"', "01", "nul", "[1] 2", string.rep("[", 40) } do
    check("bad json " .. bad, json.decode(bad) == nil)
  end
  local loop = {}
  loop[1] = loop
  local _, _, pos = json.decode('{"a": ?}')
  same("json error position", pos, 7)
end

function G.clock(clock)
  local dates = require "dates"
  same("iso", clock.iso(951827696), "2000-02-29T12:34:56Z")
  same("parse", dates.parse("2000-02-29T14:34:56+02:00"), 951827696)
  check("no such date", not dates.parse("2023-02-29T00:00Z") and not dates.parse("tomorrow"))
  local bad = 0
  for day = 0, 24000, 97 do
    local y, m, d = clock.civil(day)
    if clock.days(y, m, d) ~= day then bad = bad + 1 end
  end
  same("days and back", bad, 0)
  same("duration", dates.duration("1h30m5s"), 5405)
  local us = 2147483000
  local c = clock.new(function() return us end)
  us = 250000
  same("tick over the wrap", c:ticks(), 2)
  us = 350000
  same("no time is lost", c:ticks(), 3)
end

function G.stats(stats)
  local fix = require "fix"
  same("div", fix.div(-5, 2) * 100 + fix.div(7, 3), -298)
  local s = stats.summary()
  for _, v in ipairs { 210, 230, 190 } do s:add(v) end
  same("summary", s:mean() + s.min * 1000 + s.n, 190213)
  local m = stats.median(3)
  m(10); m(900)
  same("median", m(12), 12)
  local e = stats.chain(stats.ema(4), stats.slew(9))
  e(100)
  same("ema and slew", e(200) + e(200), 227)
end

function G.sched(sched)
  local now, trace = 0, {}
  local s = sched.new(function() return now end, function(job, err) trace[#trace + 1] = job.name .. "!" end)
  s:every("a", 3, function() trace[#trace + 1] = "a" .. now end)
  s:after("b", 4, function() trace[#trace + 1] = "b" .. now end)
  s:every("bad", 2, function() error("x") end)
  s:spawn("co", function(sleep)
    trace[#trace + 1] = "c" .. now
    sleep(5)
    trace[#trace + 1] = "c" .. now
  end)
  for t = 0, 12 do
    now = t
    s:step()
  end
  same("schedule", table.concat(trace, " "), "c0 bad! a3 b4 bad! c5 a6 bad! bad! a9 bad! bad! a12")
  now = 100
  s:step()
  same("missed periods are dropped", s.late * 1000 + s.jobs.a.due, 1102)
  check("cancel", s:cancel("a") and s:idle() == nil)
end

function G.fsm(fsm)
  local now, trace = 0, {}
  local function note(what) return function() trace[#trace + 1] = what end end
  local def = { initial = "off", states = [[

off - go>slow
on - stop>off
slow on 10>off go>fast?ok!note go>!refuse
fast on
]], hooks = {
    ["enter on"] = note "+on", ["leave on"] = note "-on", ["enter slow"] = note "+slow",
    ["leave slow"] = note "-slow", note = note "!", refuse = note "refused",
    ok = function(_, _, arg) return arg end,
    ["enter fast"] = function(x) trace[#trace + 1] = "+fast"; x:send("stop") end,
  } }
  check("definition", fsm.check(def))
  local m = fsm.new(def, function() return now end):start()
  m:send("go")
  m:send("go", false)
  m:send("go", true)
  same("transitions", table.concat(trace, " "), "+on +slow refused -slow ! +fast -on")
  check("unknown event", m:send("fly") == false)
  m:send("go")
  now = 10
  check("timeout", m:is("on") and m:tick() and m.state == "off")
end

function G.tpl(tpl)
  same("print", tpl.expand("{{ a.b | upper }}{{ no | default:- }}{{ t | fixed:1 }}", { a = { b = "<x>" }, t = -5 }),
       "&#60;X&#62;--0.5")
  same("blocks", tpl.expand("{% for i in l %}{% if i.v > 1 %}{{ loop.index }}{% elif not i.v %}?{% else %}.{% end %}{% end %}",
       { l = { { v = 1 }, { v = 2 }, {} } }), ".2?")
  same("include", tpl.expand("a{# no #}{% include b %}", {}, function() return "B" end), "aB")
  local _, err = tpl.check("x\n{% if a %}\n")
  same("template error", err, "line 3: if is not closed")
  check("bad templates", not tpl.check("{{ a b }}") and not tpl.check("{% end %}") and not tpl.check("{{ a"))
end

function G.rules(rules)
  local rulec = require "rulec"
  local env = { temp = 285, hum = 400, hour = 200 }
  local function value(s) return (rules.eval(assert(rulec.expression(s)), env)) end
  same("precedence", value("1 + 2 * 3 - 4 / 2"), 50)
  same("logic", value("temp > 28 and not (hum < 40 or hour >= 22)"), 10)
  same("not binds comparisons", value("not hum < 40"), 10)
  same("functions", value("max(temp, 30) + abs(-1.5) - avg(1, 2)"), 300)
  local v, why = rules.eval(rulec.expression("soil < 3"), env)
  check("unknown value", v == nil and why == "soil")
  check("division by zero", rules.eval(rulec.expression("1 / 0"), env) == nil)
  local r = rulec.compile("when temp > 20 then fan on for 1m30s, vent off")
  same("rule", r, "temp 200 > then fan on 900 vent off 0")
  local yes, at = rules.eval(r, env)
  same("actions", yes .. " " .. table.concat({ rules.actions(r, at)() }, " "), "10 fan on 900")
  local list, errors = rulec.load("# none\nwhen 1 then a on\nwhen then b on\nwhen 1 then c up\n")
  same("rule file", #list * 10 + #errors, 12)
  same("rule error", errors[1], "line 3: unexpected then at column 6")
end

require("selftest_app")(G, check, same, memory_fs)
package.loaded.selftest_app = nil

for _, name in ipairs(groups) do
  local before, bad = checks, failed
  -- The application may be running: what it uses has to stay.
  local kept = {}
  for k in pairs(package.loaded) do kept[k] = true end
  local ok, err = pcall(function() G[name](require(name)) end)
  if not ok then check(name .. " stopped: " .. tostring(err), false) end
  print(string.format("%-8s %d checks%s", name, checks - before, failed > bad and ", FAILED" or ""))
  G[name] = nil
  for k in pairs(package.loaded) do
    if not kept[k] then package.loaded[k] = nil end
  end
  collectgarbage()
end

print(string.format("selftest: %d checks, %d failed", checks, failed))
return failed == 0
