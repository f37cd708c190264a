-- A sign of life: greets, and says what it can find out about itself.

local name = ...

print("hello from " .. tostring(name or "hello"))

local list = LFS and LFS._list
if not list and node and node.LFS and node.LFS.list then list = node.LFS.list() end
if type(list) == "table" then
  print(#list .. " modules in flash")
end
if node and node.heap then
  print(string.format("%d bytes of heap free", node.heap()))
end
