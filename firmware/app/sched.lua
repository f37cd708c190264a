-- Scheduler: periodic, one-shot and daily jobs, and coroutines which sleep.
-- One timer drives all of them; a job is a table in a priority queue.
--
-- Time comes from outside as a function giving ticks, so that tests own it.

local coll = require "coll"

local M = {}

-- A job which fails this often in a row is suspended rather than left to
-- fill the log.
local MAX_FAILURES = 5

local Sched = {}
Sched.__index = Sched

-- on_error(job, message) hears of failures and suspensions.
function M.new(ticks, on_error)
  return setmetatable({
    ticks = ticks, queue = coll.heap(), jobs = {}, on_error = on_error or function() end,
    ran = 0, late = 0,
  }, Sched)
end

local function add(self, name, job, due)
  if self.jobs[name] then self:cancel(name) end
  job.name, job.due, job.runs, job.failures = name, due, 0, 0
  self.jobs[name] = job
  self.queue:push(due, job)
  return job
end

-- First run one period from now, or at once if `eager`.
function Sched:every(name, period, fn, eager)
  if period < 1 then error("period of job " .. name .. " below one tick", 2) end
  local now = self.ticks()
  return add(self, name, { fn = fn, period = period }, eager and now or now + period)
end

function Sched:after(name, delay, fn)
  return add(self, name, { fn = fn }, self.ticks() + delay)
end

local function to_daytime(clock, daytime)
  local wait = (daytime - clock:time() % 86400) % 86400
  return (wait == 0 and 86400 or wait) * 10
end

-- Every day at a second of the day, by a clock with time(). When the clock
-- is set meanwhile, reset_daily has to move the jobs.
function Sched:daily(name, daytime, clock, fn)
  local job = add(self, name, { fn = fn, daytime = daytime, clock = clock },
                  self.ticks() + to_daytime(clock, daytime))
  return job
end

function Sched:reset_daily()
  for _, job in pairs(self.jobs) do
    if job.daytime then
      self.queue:remove(job)
      job.due = self.ticks() + to_daytime(job.clock, job.daytime)
      self.queue:push(job.due, job)
    end
  end
end

-- Runs fn(sleep) as a coroutine: sleep(ticks) gives way to the others.
-- Long work such as summing a file is cut in pieces this way, as no single
-- call may hold up the network for long.
function Sched:spawn(name, fn)
  local co = coroutine.create(fn)
  local job
  local function sleep(ticks) return coroutine.yield(ticks) end
  job = add(self, name, {
    fn = function()
      local ok, wait = coroutine.resume(co, sleep)
      if not ok then error(wait, 0) end
      job.again = coroutine.status(co) ~= "dead" and (wait or 1) or nil
    end,
  }, self.ticks())
  return job
end

function Sched:cancel(name)
  local job = self.jobs[name]
  if not job then return false end
  self.queue:remove(job)
  self.jobs[name] = nil
  return true
end

local function finish(self, job, now)
  -- The job may have been cancelled or replaced by its own run.
  if self.jobs[job.name] ~= job then return end
  if job.daytime then
    job.due = now + to_daytime(job.clock, job.daytime)
  elseif job.period then
    -- Keep the rhythm, but never run twice to catch up with a lost period.
    job.due = job.due + job.period
    if job.due <= now then
      local lost = now - job.due
      self.late = self.late + 1
      job.due = job.due + lost - lost % job.period + job.period
    end
  elseif job.again then
    job.due, job.again = now + job.again, nil
  else
    self.jobs[job.name] = nil
    return
  end
  self.queue:push(job.due, job)
end

-- Runs what is due; returns the number of jobs run.
function Sched:step()
  local now, n = self.ticks(), 0
  while true do
    local job, due = self.queue:peek()
    if not job or due > now then return n end
    self.queue:pop()
    job.runs, n, self.ran = job.runs + 1, n + 1, self.ran + 1
    local ok, err = pcall(job.fn, job)
    if ok then
      job.failures = 0
    else
      job.failures = job.failures + 1
      self.on_error(job, tostring(err))
      if job.failures >= MAX_FAILURES then
        job.period, job.daytime, job.again = nil, nil, nil
        self.on_error(job, "suspended")
      end
    end
    finish(self, job, now)
  end
end

-- Ticks until the next job, or nil if there is none.
function Sched:idle()
  local job, due = self.queue:peek()
  if not job then return nil end
  local wait = due - self.ticks()
  return wait > 0 and wait or 0
end

-- Rows for a listing: name, runs, failures, ticks until due.
function Sched:list()
  local out, now = {}, self.ticks()
  for name, job in pairs(self.jobs) do
    out[#out + 1] = { name, job.runs, job.failures, job.due - now }
  end
  table.sort(out, function(a, b) return a[1] < b[1] end)
  return out
end

-- Drives the scheduler from a timer of the tmr module.
function Sched:attach(tmr)
  local t = tmr.create()
  t:alarm(100, tmr.ALARM_AUTO, function() self:step() end)
  self.timer = t
  return t
end

function Sched:detach()
  if self.timer then
    self.timer:unregister()
    self.timer = nil
  end
end

return M
