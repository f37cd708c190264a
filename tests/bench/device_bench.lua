-- What device_bench lets a device do. MODULES are its names, in the order in which to load them; of
-- those with a * behind it the function is kept, but not run. HEAP is its size.

-- What modules of a larger machine look for when they are loaded.
package.config = "/\n;\n?\n!\n-"
io = { stdout = {}, stderr = {}, stdin = {} }
os = { getenv = function() end }

-- Heap in use.
local function used()
  collectgarbage()
  collectgarbage()
  return HEAP - node.heap()
end

-- Loads all, from "lfs", or from files with that ending, and prints what that takes of the heap.
function load(from)
  local function get(name)
    name = string.gsub(name, "^pl%.", "")
    if from == "lfs" then return node.LFS.get(name) end
    return assert(loadfile(name .. "." .. from))
  end
  for i = #package.loaders, 2, -1 do package.loaders[i] = nil end
  package.loaders[2] = get
  kept = {}
  local before = used()
  for name, mark in string.gmatch(MODULES, "(%S-)(%*?) ") do
    kept[name] = mark == "*" and get(name) or require(name)
  end
  print("used", used() - before)
end

-- Loads modules from source, freezes them, and prints what they take of the heap before and after.
function freeze(names)
  local before, kept = used(), {}
  for name in string.gmatch(names, "%S+") do kept[#kept + 1] = assert(loadfile(name .. ".lua")) end
  local loaded = used() - before
  for i = 1, #kept do kept[i] = freezer.freeze(kept[i]) end
  print("frozen", loaded, used() - before)
end

function collect(times)
  for _ = 1, times do collectgarbage() end
end

-- `times` of what a program is made of, by code in flash or in RAM.
function work(from, what, times)
  local module = from == "lfs" and node.LFS.get "speed" or assert(loadfile("speed." .. from))
  module()[what](times)
end

function index(name, times)
  local flashindex = node.flashindex
  for _ = 1, times do flashindex(name) end
end
