-- Text for and from people at a console: command words, columns, patterns,
-- and guesses at what was meant.

local text = require("use") "text"

local M = {}

local find, sub, gsub, byte = string.find, string.sub, string.gsub, string.byte
local rep, concat = string.rep, table.concat

-- Command words: blanks separate, quotes group, a backslash takes the next
-- character as it is. Returns a list, or nil and what is wrong.
function M.split(s)
  local out, cur, quote, pos = {}, nil, nil, 1
  while pos <= #s do
    local c = sub(s, pos, pos)
    if c == "\\" and quote ~= "'" then
      pos = pos + 1
      if pos > #s then return nil, "backslash at the end" end
      cur = (cur or "") .. sub(s, pos, pos)
    elseif quote then
      if c == quote then quote = nil else cur = cur .. c end
    elseif c == '"' or c == "'" then
      quote, cur = c, cur or ""
    elseif find(c, "%s") then
      if cur then out[#out + 1], cur = cur, nil end
    else
      cur = (cur or "") .. c
    end
    pos = pos + 1
  end
  if quote then return nil, "unclosed " .. quote end
  if cur then out[#out + 1] = cur end
  return out
end

-- Pads to `width`; a negative width sets the text to the right.
function M.pad(s, width)
  s = tostring(s)
  if width < 0 then return rep(" ", -width - #s) .. s end
  return s .. rep(" ", width - #s)
end

-- Lines up rows of cells in columns; numbers go to the right.
function M.columns(rows, gap)
  local width, out = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do
      local n = #tostring(cell)
      if n > (width[i] or 0) then width[i] = n end
    end
  end
  for r, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do
      cells[i] = M.pad(cell, type(cell) == "number" and -width[i] or width[i])
    end
    out[r] = gsub(concat(cells, gap or "  "), "%s+$", "")
  end
  return concat(out, "\n")
end

-- File name patterns: '*' any run, '?' one character.
function M.glob(pattern, name)
  local p = gsub(pattern, "[%^%$%(%)%%%.%[%]%+%-]", "%%%0")
  p = gsub(gsub(p, "%*", ".*"), "%?", ".")
  return find(name, "^" .. p .. "$") ~= nil
end

function M.bytes(n)
  if n < 1024 then return string.format("%d B", n) end
  local k = n * 10
  k = (k - k % 1024) / 1024
  return text.fixed(k) .. " KiB"
end

-- How many single-character edits turn one word into the other; two rows
-- are enough, the full matrix would be garbage at once.
function M.distance(a, b)
  local prev, cur = {}, {}
  for j = 0, #b do prev[j] = j end
  for i = 1, #a do
    cur[0] = i
    for j = 1, #b do
      local best = prev[j - 1] + (byte(a, i) == byte(b, j) and 0 or 1)
      if prev[j] + 1 < best then best = prev[j] + 1 end
      if cur[j - 1] + 1 < best then best = cur[j - 1] + 1 end
      cur[j] = best
    end
    prev, cur = cur, prev
  end
  return prev[#b]
end

-- The candidate a mistyped word probably meant, or nil.
function M.nearest(word, candidates)
  local best, score = nil, 3
  for _, c in ipairs(candidates) do
    local d = M.distance(word, c)
    if d < score or (d == score and best and c < best) then best, score = c, d end
  end
  return best
end

return M
