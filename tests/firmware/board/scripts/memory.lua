print(node.heap(), collectgarbage("count"))
t = {} for i = 1, 200 do t[i] = "number " .. i end
print(node.heap(), collectgarbage("count"))
t = nil collectgarbage()
print(node.heap(), collectgarbage("count"))
s = {} print(pcall(function() for i = 1, 1000000 do s[i] = {i} end end)) s = nil
collectgarbage() print(node.heap())
print(#string.rep("x", 5000), pcall(string.rep, "x", 1000000))
local parts = {} for i = 1, 300 do parts[#parts + 1] = tostring(i) end print(#table.concat(parts, ","))
print((string.gsub(string.rep("hello world ", 50), "o", "0")):len())
function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end print(deep(100), pcall(deep, 100000))
co = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end) print(co(), co(), co())
print(collectgarbage("count"), node.heap())
for k in pairs(string) do io = k end print(type(io))
