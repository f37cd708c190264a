-- What holds for the text of every module: it must suit the compiler of the
-- device, in its float and its integer form.

-- The plain language, the four modules of the device, and what is used if
-- it is there; `leak` is looked for by the self-check.
local KNOWN = " _G assert collectgarbage coroutine error getfenv getmetatable ipairs loadstring math next package " ..
  "pairs pcall print rawget rawset require select setfenv setmetatable string table tonumber tostring type " ..
  "node file tmr net gpio wifi LFS leak "

return function(T)
  local function listing(path)
    local p = io.popen("luac5.1 -l -p '" .. path .. "' 2>&1")
    local s = p:read("*a")
    p:close()
    return s
  end

  T.group("source", function()
    local total, count = 0, 0
    local paths = { T.app .. "/fs/init.lua" }
    for _, name in ipairs(T.modules) do paths[#paths + 1] = T.app .. "/" .. name .. ".lua" end
    for _, path in ipairs(paths) do
      local name = string.match(path, "([%w_]+)%.lua$")
      local out = listing(path)
      T.has(name .. " compiles", out, "main <")
      for global in string.gmatch(out, "GETGLOBAL[^;]*; ([%w_]+)") do
        if not string.find(KNOWN, " " .. global .. " ", 1, true) then
          T.check(name .. " reads the global " .. global, false)
        end
      end
      T.check(name .. " sets no global", not string.find(out, "SETGLOBAL", 1, true))
      for ups, locals in string.gmatch(out, "(%d+) upvalues?, (%d+) locals?") do
        if tonumber(ups) > 60 or tonumber(locals) > 50 then
          T.check(name .. ": " .. ups .. " upvalues, " .. locals .. " locals", false)
        end
      end
      -- Numbers of the listing, outside its quoted strings.
      for line in string.gmatch(out, "[^\n]+") do
        local _, note = string.match(line, "^\t%d+\t%[%-?%d*%]\t%u+%s+[%-%d ]+(\t; (.*))$")
        note = note and string.gsub(string.gsub(note, '\\"', ""), '"[^"]*"', "")
        if note and string.find(note, "%d%.%d") or note and string.find(note, "%de[+-]") then
          T.check(name .. " has a fraction or a huge number: " .. line, false)
        end
        local n = tonumber(note and string.match(note, "^(%-?%d+)$"))
        if n and (n > 2147483647 or n < -2147483647) then
          T.check(name .. " leaves 32 bits: " .. line, false)
        end
      end
      local _, lines = string.gsub(T.slurp(path), "\n", "")
      T.check(name .. " has at most 400 lines", lines <= 400)
      total, count = total + lines, count + 1
    end
    T.check("at least 2,500 lines", total >= 2500)
    T.check("at least 15 modules", count >= 15)
  end)

  -- Strings which the modules' own constants put into flash anyway do not
  -- have to be preloaded; those named must all be distinct per function.
  T.group("dummy_strings", function()
    local out = listing(T.app .. "/dummy_strings.lua")
    local slots = 0
    for n in string.gmatch(out, "(%d+) slots?") do slots = math.max(slots, tonumber(n)) end
    T.check("registers", slots > 50 and slots < 250)
    T.has("metamethods", out, '"__newindex"')
    T.has("api names", out, '"flashreload"')
  end)
end
