-- Flash functions run, yield and fail in coroutines.
local check = require "check"

local function squares(n)
  for i = 1, n do coroutine.yield(i * i) end
  return "done"
end

local next_square = coroutine.wrap(squares)
check.equal(next_square(3), 1)
check.equal(next_square(), 4)
collectgarbage()
check.equal(next_square(), 9)
check.equal(next_square(), "done")

local many = {}
for i = 1, 40 do many[i] = coroutine.create(squares) end
for round = 1, 3 do
  for i = 1, 40 do
    local ok, value = coroutine.resume(many[i], 3)
    check.that(ok, "resumed")
    check.equal(value, round * round)
  end
  collectgarbage()
end

local failing = coroutine.create(function() error "inside" end)
local ok, message = coroutine.resume(failing)
check.that(not ok, "fails")
check.equal(message, "coroutines_spec.lua:27: inside")
check.that(debug.traceback(failing):find("coroutines_spec.lua:27:", 1, true), "traceback")
check.equal(coroutine.status(failing), "dead")
