-- First file the firmware runs; it lives in the file system, everything
-- else in flash. The second of delay is the way back in: type
-- file.remove"init.lua" meanwhile, and a broken application stays asleep.

tmr.create():alarm(1000, tmr.ALARM_SINGLE, function()
  local boot = node.flashindex and node.flashindex("_init")
  if type(boot) ~= "function" then
    print("no application in flash")
    if file.exists("luac.out") then
      -- Returns only if the image is refused.
      print("luac.out: " .. tostring(node.flashreload("luac.out")))
    end
    return
  end
  boot()
  require "main"
end)
