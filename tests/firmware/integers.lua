-- Integer firmware: what numbers do when they are int32. Run as a module of an image, or as source.
local function equal(found, wanted)
  if found ~= wanted then error(("found %s, wanted %s"):format(tostring(found), tostring(wanted)), 2) end
end
local function raises(wanted, f, ...)
  local fine, message = pcall(f, ...)
  equal(fine, false)
  if not message:find(wanted, 1, true) then error(("found %q, wanted %q"):format(message, wanted), 2) end
end

local most, least, one, zero = 2147483647, -2147483647 - 1, 1, 0

-- Nothing is undefined: what is too large wraps.
equal(most + one, least)
equal(least - one, most)
equal(-least, least)
equal(65536 * (zero + 65536), 0)
equal(46341 * (zero + 46341), -2147479015)
equal(least / (zero - 1), least)
equal(least % (zero - 1), 0)
equal(2 ^ (zero + 31), least)
equal(2 ^ (zero + 32), 0)
equal(3 ^ (zero + 4), 81)
equal(2 ^ (zero - 1), 0)
equal(0 ^ zero, 1)

-- Quotients are rounded down, rests have the divisor's sign.
for _, case in ipairs { { 7, 2, 3, 1 }, { -7, 2, -4, 1 }, { 7, -2, -4, -1 }, { -7, -2, 3, -1 }, { 6, -3, -2, 0 } } do
  local a, b, quotient, rest = unpack(case)
  equal(a / b, quotient)
  equal(a % b, rest)
  equal(quotient * b + rest, a)
end
raises(":34: divide by zero", function() return one / zero end)
raises(":35: divide by zero", function() return one % zero end)
raises(":36: divide by zero", function() return "1" / "0" end)
equal(select(2, pcall(function() return {} / 0 end)):match "perform arithmetic", "perform arithmetic")

-- Text and back.
equal(tostring(least), "-2147483648")
equal(tonumber "-2147483648", least)
equal(tonumber "4294967295", -1)
equal(tonumber " 12 ", 12)
equal(tonumber "1.5", nil)
equal(tonumber "1e3", nil)
equal(tonumber "0xff", 255)
equal(tonumber("zz", 36), 1295)
equal(tonumber("11111111", 2), 255)
equal("10" + 5, 15)
equal(10 .. "", "10")
equal(("%d|%5d|%-4d|%x|%c|%s"):format(-1, 42, 7, 255, 65, 9), "-1|   42|7   |ff|A|9")
raises("invalid option '%f' to 'format'", string.format, "%5.1f", 1)
raises("invalid option '%g' to 'format'", string.format, "%g", 1)
raises("malformed number near '1.5'", assert, loadstring "return 1.5")

-- Tables, loops, sorting.
local t = {}
for i = least, least + 2 do t[i] = i end
for i = most - 2, most - 1 do t[#t + 1] = i end
equal(t[least + 1], least + 1)
equal(#t, 2)
local count = 0
for i = 10, 1, -3 do count = count + i end
equal(count, 22)
local sorted = { 3, least, most, 0, -1 }
table.sort(sorted)
equal(table.concat(sorted, " "), "-2147483648 -1 0 3 2147483647")

-- The library has what needs no fractions.
local names = {}
for name in pairs(math) do names[#names + 1] = name end
table.sort(names)
equal(table.concat(names, " "), "abs ceil floor huge max min pow random randomseed sqrt")
equal(math.abs(-5) + math.abs(5), 10)
equal(math.abs(least), least)
equal(math.ceil(3) + math.floor(-3), 0)
equal(math.max(1, most, least), most)
equal(math.min(1, most, least), least)
equal(math.pow(2, 10), 1024)
equal(math.huge, most)
for root = 0, 46340, 331 do
  equal(math.sqrt(root * root), root)
  if root > 0 then equal(math.sqrt(root * root - 1), root - 1) end
end
equal(math.sqrt(most), 46340)
raises("negative", math.sqrt, -1)
math.randomseed(7)
local first = {}
for i = 1, 100 do
  first[i] = math.random(6)
  equal(first[i] >= 1 and first[i] <= 6, true)
  local any = math.random(-3, 3)
  equal(any >= -3 and any <= 3, true)
end
math.randomseed(7)
for i = 1, 100 do
  equal(math.random(6), first[i])
  math.random(1, 2)
end
equal(math.random(), 0)
equal(math.random(5, 5), 5)
equal(math.random(least, most) ~= nil, true)
raises("interval is empty", math.random, 0)

equal(#string.dump(function() return 1 end) > 30, true)
equal(loadstring(string.dump(function() return most end)) ~= nil, true)
print "integers are well"
