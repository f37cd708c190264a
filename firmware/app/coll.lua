-- Small data structures which are always needed: fifo, ring, priority queue,
-- and the event bus which ties the modules together.

local M = {}

-- Fifo: unbounded queue. Indices only ever grow until the queue runs empty,
-- so nothing is shifted.
local Fifo = {}
Fifo.__index = Fifo

function M.fifo()
  return setmetatable({ head = 1, tail = 0 }, Fifo)
end

function Fifo:push(v)
  self.tail = self.tail + 1
  self[self.tail] = v
end

function Fifo:pop()
  local head = self.head
  if head > self.tail then return nil end
  local v = self[head]
  self[head] = nil
  if head == self.tail then
    self.head, self.tail = 1, 0
  else
    self.head = head + 1
  end
  return v
end

function Fifo:peek()
  return self[self.head]
end

function Fifo:size()
  return self.tail - self.head + 1
end

-- Joiner: collects the pieces of a text. They are joined again and again, so
-- that the list stays short: for a page of small pieces the list would be
-- larger than the text. Returns add(piece) and text().
function M.joiner()
  local parts, n = {}, 0
  local function text()
    local s = table.concat(parts, "", 1, n)
    parts[1], n = s, 1
    return s
  end
  return function(piece)
    n = n + 1
    parts[n] = piece
    if n == 32 then text() end
  end, text
end

-- Ring: the last `cap` values, the oldest is overwritten.
local Ring = {}
Ring.__index = Ring

function M.ring(cap)
  return setmetatable({ cap = cap, count = 0, at = 0 }, Ring)
end

function Ring:push(v)
  local at = self.at % self.cap + 1
  self[at], self.at = v, at
  if self.count < self.cap then self.count = self.count + 1 end
end

-- Item i of the ring, 1 being the oldest; negative counts from the newest.
function Ring:get(i)
  local n = self.count
  if i < 0 then i = n + 1 + i end
  if i < 1 or i > n then return nil end
  return self[(self.at - n + i - 1) % self.cap + 1]
end

function Ring:each()
  local i = 0
  return function()
    i = i + 1
    if i <= self.count then return i, self:get(i) end
  end
end

-- Priority queue: a binary heap of { key, order, value } triples, kept in
-- three arrays to save a table for every entry. Equal keys leave in the
-- order they came.
local Heap = {}
Heap.__index = Heap

function M.heap()
  return setmetatable({ n = 0, stamp = 0, key = {}, order = {}, value = {} }, Heap)
end

local function before(h, i, j)
  local a, b = h.key[i], h.key[j]
  if a ~= b then return a < b end
  return h.order[i] < h.order[j]
end

local function swap(h, i, j)
  local k, o, v = h.key, h.order, h.value
  k[i], k[j] = k[j], k[i]
  o[i], o[j] = o[j], o[i]
  v[i], v[j] = v[j], v[i]
end

local function sift_up(h, i)
  while i > 1 do
    local p = (i - i % 2) / 2
    if not before(h, i, p) then return end
    swap(h, i, p)
    i = p
  end
end

local function sift_down(h, i)
  while true do
    local least, l = i, i * 2
    if l <= h.n and before(h, l, least) then least = l end
    if l < h.n and before(h, l + 1, least) then least = l + 1 end
    if least == i then return end
    swap(h, i, least)
    i = least
  end
end

function Heap:push(key, value)
  local n = self.n + 1
  self.n, self.stamp = n, self.stamp + 1
  self.key[n], self.order[n], self.value[n] = key, self.stamp, value
  sift_up(self, n)
end

function Heap:peek()
  return self.value[1], self.key[1]
end

local function take(h, i)
  local v, k, n = h.value[i], h.key[i], h.n
  swap(h, i, n)
  h.key[n], h.order[n], h.value[n] = nil, nil, nil
  h.n = n - 1
  if i < n then
    sift_up(h, i)
    sift_down(h, i)
  end
  return v, k
end

function Heap:pop()
  if self.n == 0 then return nil end
  return take(self, 1)
end

function Heap:remove(value)
  for i = 1, self.n do
    if self.value[i] == value then
      take(self, i)
      return true
    end
  end
  return false
end

-- Event bus: topics are dotted, "sensor.*" also hears "sensor.temp", and
-- "*" hears everything. A listener which fails must not silence the others.
local Bus = {}
Bus.__index = Bus

function M.bus(on_error)
  return setmetatable({ topic = {}, on_error = on_error }, Bus)
end

function Bus:on(topic, fn)
  local list = self.topic[topic]
  if not list then
    list = {}
    self.topic[topic] = list
  end
  list[#list + 1] = fn
  return fn
end

function Bus:off(topic, fn)
  local list = self.topic[topic]
  for i = list and #list or 0, 1, -1 do
    if list[i] == fn then
      table.remove(list, i)
      if #list == 0 then self.topic[topic] = nil end
      return true
    end
  end
  return false
end

local function deliver(bus, list, topic, ...)
  if not list then return 0 end
  -- From a copy: a listener may take itself off while it runs.
  local copy = {}
  for i = 1, #list do copy[i] = list[i] end
  for i = 1, #copy do
    local ok, err = pcall(copy[i], topic, ...)
    if not ok and bus.on_error then bus.on_error(topic, err) end
  end
  return #copy
end

-- Returns how many listeners heard the event.
function Bus:emit(topic, ...)
  local n = deliver(self, self.topic[topic], topic, ...)
  local parent = topic
  while true do
    parent = string.match(parent, "^(.*)%.[^.]*$")
    if not parent then break end
    n = n + deliver(self, self.topic[parent .. ".*"], topic, ...)
  end
  return n + deliver(self, self.topic["*"], topic, ...)
end

return M
