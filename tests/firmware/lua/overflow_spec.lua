-- A deep stack moves while flash functions run on it, and has an end.
local check = require "check"

local function depth(n) if n == 0 then return 0 end return 1 + depth(n - 1) end
check.equal(coroutine.wrap(depth)(1000), 1000)
check.raises("stack overflow", function() local function f() return 1 + f() end return f() end)
