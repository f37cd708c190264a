-- Statistics over streams of integers, all in integer arithmetic.
--
-- A filter is a closure: it takes the next sample and gives the filtered
-- one. Filters are chained by `chain`.

local M = {}

local fix = require "fix"
local div = fix.div

-- Running summary. Samples are summed as distances from the first one, so
-- that the sums of a long hour stay small.
local Summary = {}
Summary.__index = Summary

function M.summary()
  return setmetatable({ n = 0, sum = 0 }, Summary)
end

function Summary:add(v)
  if self.n == 0 then self.base, self.min, self.max = v, v, v end
  self.n, self.last = self.n + 1, v
  self.sum = self.sum + (v - self.base)
  if v < self.min then self.min = v end
  if v > self.max then self.max = v end
end

function Summary:mean()
  if self.n == 0 then return nil end
  return self.base + div(self.sum, self.n)
end

-- Filters.

-- Middle one of the last n samples: kills single spikes, keeps edges.
function M.median(n)
  local window, at = {}, 0
  return function(v)
    at = at % n + 1
    window[at] = v
    local sorted = {}
    for i = 1, #window do sorted[i] = window[i] end
    table.sort(sorted)
    local c = #sorted
    return sorted[(c + c % 2) / 2]
  end
end

-- Exponential mean with weight 1/k for the new sample; the state carries
-- eight more bits, or a slow drift would be rounded away.
function M.ema(k)
  local state
  return function(v)
    state = state and state + div(v * 256 - state, k) or v * 256
    return div(state, 256)
  end
end

-- Lets a sample move by at most `step` from the one before.
function M.slew(step)
  local last
  return function(v)
    if last then v = fix.clamp(v, last - step, last + step) end
    last = v
    return v
  end
end

function M.chain(...)
  local filters = { ... }
  return function(v)
    for i = 1, #filters do v = filters[i](v) end
    return v
  end
end

return M
