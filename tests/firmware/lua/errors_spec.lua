-- Messages and tracebacks of flash functions say file, line and variable. Lines below count.
local check = require "check"

local t = {}
local function message(f, ...) return select(2, pcall(f, ...)) end

check.equal(message(function() return t.missing.field end), "errors_spec.lua:7: attempt to index field 'missing' (a nil value)")
check.equal(message(function() return nowhere() end), "errors_spec.lua:8: attempt to call global 'nowhere' (a nil value)")
check.equal(message(function() return t:method() end), "errors_spec.lua:9: attempt to call method 'method' (a nil value)")
check.equal(message(function() return #5 end), "errors_spec.lua:10: attempt to get length of a number value")
check.equal(message(function() return 1 < "2" end), "errors_spec.lua:11: attempt to compare number with string")
check.equal(message(function() error "told" end), "errors_spec.lua:12: told")

-- A call over lines is at the line of its arguments; far gaps up and down are right.
local function gaps(which)
  if which == 1 then
    local x = nil
    -- 1
    -- 2
    -- 3
    -- 4
    -- 5
    -- 6
    -- 7
    -- 8
    -- 9
    -- 10
    -- 11
    -- 12
    -- 13
    -- 14
    -- 15
    -- 16
    -- 17
    -- 18
    -- 19
    -- 20
    -- 21
    -- 22
    -- 23
    -- 24
    -- 25
    -- 26
    -- 27
    -- 28
    -- 29
    -- 30
    -- 31
    -- 32
    -- 33
    -- 34
    -- 35
    -- 36
    -- 37
    -- 38
    -- 39
    -- 40
    -- 41
    -- 42
    -- 43
    -- 44
    -- 45
    -- 46
    -- 47
    -- 48
    -- 49
    -- 50
    -- 51
    -- 52
    -- 53
    -- 54
    -- 55
    -- 56
    -- 57
    -- 58
    -- 59
    -- 60
    -- 61
    -- 62
    -- 63
    -- 64
    -- 65
    -- 66
    return x.far
  end
  error "near"
end
local named = not debug.getlocal(1, 1):find("*", 1, true)  -- an image has no names, the freezer has
check.equal(message(gaps, 1), "errors_spec.lua:84: attempt to index " .. (named and "local 'x' (a nil value)" or "a nil value"))
check.equal(message(gaps, 2), "errors_spec.lua:86: near")

local function inner() error("deep", 0) end
local function outer() inner() return 1 end
local ok, trace = xpcall(outer, debug.traceback)
check.that(not ok, "outer fails")
local own, callers = trace:match "^(.- in main chunk)(\n.*)$"
check.equal(own, "deep\nstack traceback:\n\t[C]: in function 'error'\n\terrors_spec.lua:92: in function " .. (named and "'inner'" or "'?'")
  .. "\n\terrors_spec.lua:93: in function <errors_spec.lua:93>\n\t[C]: in function 'xpcall'"
  .. "\n\terrors_spec.lua:94: in main chunk")
check.that(callers:find "\n\t%[C%]: %?$", "it ends where Lua was called: " .. callers)
