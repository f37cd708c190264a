-- From here on all that is loaded is frozen: chunks, and modules, which lie in files "NAME.src".
all_is_frozen = true
local load, loadstring, freeze = load, loadstring, freezer.freeze

local function frozen(f, message)
  if f then return freeze(f) end
  return nil, message
end

local function loaded(name)
  local source = file.open(name .. ".src")
  if not source then return nil end
  local f = assert(load(function() return source:read(256) end, "@" .. name .. ".lua"))
  source:close()
  local twin = freeze(f)
  if twin == f then error(name .. " does not freeze", 0) end
  return twin
end

function _G.load(...) return frozen(load(...)) end
function _G.loadstring(...) return frozen(loadstring(...)) end
local flashindex = node.flashindex
function node.flashindex(name) return name and loaded(name) or flashindex(name) end
table.remove(package.loaders)
table.insert(package.loaders, function(name) return loaded(name) or "\n\tno module in the freezer" end)
