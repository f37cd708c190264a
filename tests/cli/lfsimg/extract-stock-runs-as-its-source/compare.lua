-- compare.lua <PAIRS: runs each pair of bytecode and source, "FILE<tab>SOURCE" a line, and
-- compares what they print and return. Functions they return are called as well.
local function show(value, depth)
  local kind = type(value)
  if kind == "function" and depth > 0 then
    return "function" .. show({ pcall(value, 7, "arg") }, depth - 1)
  elseif kind == "table" and depth > 0 then
    local parts = {}
    for k, v in pairs(value) do parts[#parts + 1] = show(k, 0) .. "=" .. show(v, depth - 1) end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  elseif kind == "string" then
    -- Images have no names of locals and upvalues: messages that tell them have others, or none.
    value = value:gsub("%a+ '[^']*' %((.-) value%)", "%1 value")
    return string.format("%q", value)
  elseif kind == "number" or kind == "boolean" then
    return tostring(value)
  end
  return kind
end

local function run(chunk)
  local printed = {}
  local environment = setmetatable({}, { __index = _G })
  environment.print = function(...) printed[#printed + 1] = show({ ... }, 3) end
  environment._G = environment
  setfenv(chunk, environment)
  local results = show({ pcall(chunk, 7, "arg") }, 4)
  environment._G = nil
  return results .. show(environment, 3) .. table.concat(printed, "\n")
end

local compared, different, without = 0, 0, 0
for line in io.lines() do
  local file, source = line:match("^(.-)\t(.*)$")
  local wanted = loadfile(source)
  if not wanted then
    without = without + 1
  else
    local a, b = run(assert(loadfile(file))), run(wanted)
    compared = compared + 1
    if a ~= b then
      different = different + 1
      print(file, source, a:sub(1, 200), b:sub(1, 200))
    end
  end
end
print(compared .. " modules, " .. different .. " of them different, " .. without .. " without their source")
