-- What programs are made of, so many times each. The module `speed` of device_bench.
local M = {}

local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end

function M.calls(times)
  for _ = 1, times do fib(8) end
end

function M.arithmetic(times)
  local a, b = 1, 2
  for i = 1, times do
    a = (a * 3 + b * i) % 1000
    b = (b - a) / 2 + i
  end
end

function M.tables(times)
  local t = {}
  for i = 1, times do
    local key = i % 16
    t[key] = (t[key] or 0) + 1
    t.count = key
    t.last = t.count
  end
end

function M.strings(times)
  for i = 1, times do local _ = "new " .. i end
end

return M
