-- What the other modules check with. A failed check is an error at the line that asked.
local check = {}

function check.that(condition, what)
  if not condition then error("not so: " .. what, 2) end
end

function check.equal(found, wanted)
  if found ~= wanted then
    error(("found %s, wanted %s"):format(tostring(found), tostring(wanted)), 2)
  end
end

-- Calling `f` raises an error whose text has `wanted` in it.
function check.raises(wanted, f, ...)
  local fine, message = pcall(f, ...)
  if fine then error("no error, wanted " .. wanted, 2) end
  if not tostring(message):find(wanted, 1, true) then
    error(("found error %s, wanted %s"):format(tostring(message), wanted), 2)
  end
end

-- Set of the strings in "RAM" or in "ROM".
function check.strings_in(where)
  local set = {}
  for _, s in ipairs(debug.getstrings(where)) do set[s] = true end
  return set
end

return check
