-- Compiler of the rule language:
--
--   when temp > 28.5 and not (hum < 40 or hour >= 22) then fan on for 10m, vent on
--   when max(soil, 0) < 25 then pump on for 30s
--
-- A rule becomes one string of words: the condition in postfix order, "then",
-- and output, on or off, ticks for each action; "temp 285 > then fan on 6000".
-- `rules` runs it. A list would take four times the RAM, a tree ten times.

local use, clock = require "use", require "clock"
local text, dates = use "text", use "dates"

local M = {}

local find, match, sub = string.find, string.match, string.sub

local WORD = { ["and"] = true, ["or"] = true, ["not"] = true, when = true, ["then"] = true }

local function fail(lx, what)
  error({ rule = string.format("%s at column %d", what, lx.from) }, 0)
end

local function advance(lx)
  local s, pos = lx.s, find(lx.s, "%S", lx.pos) or #lx.s + 1
  lx.from = pos
  local tok = match(s, "^[%a_][%w_]*", pos)
  if tok then
    lx.kind = WORD[tok] and tok or "name"
  else
    tok = match(s, "^%d+%.?%d*", pos)
    if tok then
      lx.kind = "number"
      -- "10m": a number with a unit at its heel is a duration.
      local dur = match(s, "^[%d]+[smhd][%dsmhd]*", pos)
      if dur then tok, lx.kind = dur, "duration" end
    else
      tok = match(s, "^[<>=~]=", pos) or sub(s, pos, pos)
      lx.kind = tok == "" and "end" or tok
    end
  end
  lx.tok, lx.pos = tok, pos + #tok
end

local function lexer(s)
  local lx = { s = s, pos = 1 }
  advance(lx)
  return lx
end

local function expect(lx, kind)
  if lx.kind ~= kind then fail(lx, "expected " .. kind) end
  local tok = lx.tok
  advance(lx)
  return tok
end

-- Binding power of the infix operators.
local POWER = { ["or"] = 1, ["and"] = 2, ["<"] = 3, [">"] = 3, ["<="] = 3, [">="] = 3,
                ["=="] = 3, ["~="] = 3, ["+"] = 4, ["-"] = 4, ["*"] = 5, ["/"] = 5 }

local FUNCS = { min = 2, max = 2, abs = 1, avg = 2 }

local expr

local function emit(code, item)
  code[#code + 1] = item
end

local function primary(lx, code)
  local kind, tok = lx.kind, lx.tok
  if kind == "number" then
    advance(lx)
    local v = text.unfixed(tok, 1)
    if not v then fail(lx, "number too long") end
    emit(code, v)
  elseif kind == "(" then
    advance(lx)
    expr(lx, code, 0)
    expect(lx, ")")
  elseif kind == "-" then
    advance(lx)
    primary(lx, code)
    emit(code, "neg")
  elseif kind == "not" then
    advance(lx)
    expr(lx, code, 2)
    emit(code, "not")
  elseif kind == "name" then
    advance(lx)
    if lx.kind ~= "(" then
      -- In the result a name and an operator look alike.
      if FUNCS[tok] or tok == "neg" then fail(lx, "expected ( after " .. tok) end
      return emit(code, tok)
    end
    local arity = FUNCS[tok]
    if not arity then fail(lx, "no function " .. tok) end
    advance(lx)
    for i = 1, arity do
      if i > 1 then expect(lx, ",") end
      expr(lx, code, 0)
    end
    expect(lx, ")")
    emit(code, tok)
  else
    fail(lx, kind == "end" and "text ends early" or "unexpected " .. tok)
  end
end

function expr(lx, code, power)
  primary(lx, code)
  while true do
    local op = lx.kind
    local p = POWER[op]
    if not p or p <= power then return end
    advance(lx)
    expr(lx, code, p)
    emit(code, op)
  end
end

local function guarded(fn, ...)
  local ok, a, b = pcall(fn, ...)
  if ok then return a, b end
  if type(a) ~= "table" then error(a, 0) end
  return nil, a.rule
end

-- A condition or an arithmetic expression by itself.
function M.expression(s)
  return guarded(function()
    local lx, code = lexer(s), {}
    expr(lx, code, 0)
    if lx.kind ~= "end" then fail(lx, "unexpected " .. lx.tok) end
    return table.concat(code, " ")
  end)
end

local function action(lx, code)
  emit(code, expect(lx, "name"))
  local word = expect(lx, "name")
  if word ~= "on" and word ~= "off" then fail(lx, "expected on or off") end
  emit(code, word)
  local sec, err = 0, nil
  if lx.kind == "name" and lx.tok == "for" then
    advance(lx)
    sec, err = dates.duration(expect(lx, "duration"))
    if not sec then fail(lx, err) end
  end
  emit(code, sec * clock.TICKS)
end

-- A whole rule.
function M.compile(s)
  return guarded(function()
    local lx, code = lexer(s), {}
    expect(lx, "when")
    expr(lx, code, 0)
    expect(lx, "then")
    emit(code, "then")
    action(lx, code)
    while lx.kind == "," do
      advance(lx)
      action(lx, code)
    end
    if lx.kind ~= "end" then fail(lx, "unexpected " .. lx.tok) end
    return table.concat(code, " ")
  end)
end

-- One rule a line, '#' starts a comment. Good rules are returned even if
-- others are bad; the second result lists the complaints.
function M.load(source)
  local out, errors, n = {}, {}, 0
  for line in text.lines(source) do
    n = n + 1
    line = text.trim((string.gsub(line, "#.*", "")))
    if line ~= "" then
      local rule, err = M.compile(line)
      if rule then out[#out + 1] = rule else errors[#errors + 1] = "line " .. n .. ": " .. err end
    end
  end
  return out, errors
end

return M
