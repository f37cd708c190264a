-- Tests of the sample application on the host:
--
--   lua5.1 tests/firmware/app/run.lua [REPOSITORY [SPEC...]]
--
-- REPOSITORY is where firmware/app is, its modules as source or as bytecode; a SPEC is "spec_app", say.
-- Every failure is named; the exit status tells whether there were any.

local here = string.match(arg[0], "^(.*)/[^/]*$") or "."
local root = arg[1] or here .. "/../../.."

local T = { root = root, app = root .. "/firmware/app" }
package.path = T.app .. "/?.lua;" .. here .. "/?.lua"

local passed, failed, current = 0, 0, ""

function T.group(name, fn)
  current = name
  local ok, err = xpcall(fn, debug.traceback)
  if not ok then
    failed = failed + 1
    print("FAIL " .. name .. ": " .. tostring(err))
  end
end

function T.check(what, ok)
  if ok then
    passed = passed + 1
  else
    failed = failed + 1
    print("FAIL " .. current .. ": " .. what)
  end
  return ok
end

function T.same(what, got, want)
  if not T.check(what, got == want) then
    print(string.format("  got  %q\n  want %q", tostring(got), tostring(want)))
  end
end

function T.has(what, text, part)
  if not T.check(what, string.find(text, part, 1, true) ~= nil) then
    print(string.format("  no %q\n  in %q", part, string.sub(text, 1, 600)))
  end
end

-- Own scratch directories, all removed at the end.
local scratch = os.tmpname()
os.remove(scratch)
local serial = 0
function T.directory()
  serial = serial + 1
  local dir = scratch .. "/" .. serial
  assert(os.execute("mkdir -p '" .. dir .. "'") == 0)
  return dir
end

T.modules = {}
local p = io.popen("cd '" .. T.app .. "' && ls -1 *.lua")
for name in p:lines() do T.modules[#T.modules + 1] = string.match(name, "^(.*)%.lua$") end
p:close()

function T.slurp(path)
  local f = assert(io.open(path, "rb"))
  local s = f:read("*a")
  f:close()
  return s
end

-- Forgets the application's modules, as a restart does.
function T.forget()
  for _, name in ipairs(T.modules) do package.loaded[name] = nil end
  LFS = nil
end

-- Runs fn with print redirected; returns the lines and fn's results.
function T.printed(fn, ...)
  local lines, real = {}, print
  print = function(...)
    local parts = {}
    for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
    lines[#lines + 1] = table.concat(parts, "\t")
  end
  local res = { pcall(fn, ...) }
  print = real
  if not res[1] then error(res[2], 0) end
  return lines, unpack(res, 2)
end

local specs = { "spec_source", "spec_boot", "spec_parts", "spec_app", "spec_servers" }
for _, spec in ipairs(arg[2] and { unpack(arg, 2) } or specs) do
  require(spec)(T)
end

os.execute("rm -rf '" .. scratch .. "'")
print(string.format("%d passed, %d failed", passed, failed))
os.exit(failed == 0 and passed > 0 and 0 or 1)
