f = file.open("a.txt", "w") for i = 1, 100 do f:write("line " .. i .. "\n") end f:close()
f = file.open("a.txt") print(f:readline(), f:read(20), f:seek("set", 100), f:readline()) f:close()
for name, size in pairs(file.list()) do print(name, size) end
file.rename("a.txt", "b.txt") print(file.exists("a.txt"), file.exists("b.txt"))
file.putcontents("m.lua", "return {answer = 42, heap = function() return node.heap() end}")
m = require("m") print(m.answer, m.heap())
file.remove("b.txt") print(file.fsinfo())
print(node.bootreason()) print(node.flashindex("nothing"))
tmr.create():alarm(50, tmr.ALARM_SINGLE, function() print("timer") end)
#wait 200
file.putcontents("init.lua", "print('init', ...)")
node.restart()
