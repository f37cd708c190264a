-- Borrows a module: loads it without keeping it. Its code lies in flash;
-- what is given back as soon as the caller is done are its tables and
-- closures, one or two kilobytes for a typical module. A module which is
-- there anyway is shared.

local function use(_, name)
  local here = package.loaded[name] ~= nil
  local m = require(name)
  if not here then package.loaded[name] = nil end
  return m
end

local M = {}

-- A metatable for objects which are seldom called: it borrows the module for
-- each method, from the table `class` of it, instead of keeping them all.
function M.class(name)
  return { __index = function(_, method) return use(nil, name).class[method] end }
end

return setmetatable(M, { __call = use })
