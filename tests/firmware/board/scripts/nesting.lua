function replace(n) return (string.gsub("a", "a", function() return n == 0 and "end" or replace(n - 1) end)) end
function protect(n) if n == 0 then return "end" end return select(2, pcall(protect, n - 1)) end
function resume(n) return n == 0 and "end" or coroutine.wrap(function() return resume(n - 1) end)() end
function parens(n) return loadstring("return " .. string.rep("(", n) .. "1" .. string.rep(")", n)) end
print(replace(20), protect(30), resume(10), parens(80)())
print(pcall(replace, 150)) print(protect(150)) print(parens(190))
print(replace(20), node.heap() > 10000)
