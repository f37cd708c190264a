-- Checksums and encodings without a bit library.
--
-- Checksums keep their state in 16-bit halves: an integer build has only 31
-- bits to itself, and halves make both builds give the same answers.

local M = {}

local byte, char, sub, fmt = string.byte, string.char, string.sub, string.format
local gsub, concat = string.gsub, table.concat

-- XOR of two nibbles a, b stands at a * 16 + b: one digit of this string.
-- A string constant costs no RAM when the module runs from flash.
local XOR = "0123456789abcdef1032547698badcfe23016745ab89efcd32107654ba98fedc" ..
            "45670123cdef89ab54761032dcfe98ba67452301efcdab8976543210fedcba98" ..
            "89abcdef0123456798badcfe10325476ab89efcd23016745ba98fedc32107654" ..
            "cdef89ab45670123dcfe98ba54761032efcdab8967452301fedcba9876543210"

local function xor4(a, b)
  local d = byte(XOR, a * 16 + b + 1)
  return d < 58 and d - 48 or d - 87
end

local function xor16(a, b)
  local out, unit = 0, 1
  for _ = 1, 4 do
    local x, y = a % 16, b % 16
    out = out + unit * xor4(x, y)
    a, b, unit = (a - x) / 16, (b - y) / 16, unit * 16
  end
  return out
end

-- Reflected CRC-32 (polynomial EDB88320), four bits at a time.
local CRC_HI = { [0] = 0x0000, 0x1DB7, 0x3B6E, 0x26D9, 0x76DC, 0x6B6B, 0x4DB2, 0x5005,
                 0xEDB8, 0xF00F, 0xD6D6, 0xCB61, 0x9B64, 0x86D3, 0xA00A, 0xBDBD }
local CRC_LO = { [0] = 0x0000, 0x1064, 0x20C8, 0x30AC, 0x4190, 0x51F4, 0x6158, 0x713C,
                 0x8320, 0x9344, 0xA3E8, 0xB38C, 0xC2B0, 0xD2D4, 0xE278, 0xF21C }

-- A running checksum: update it piece by piece, then ask for the digits.
function M.crc32_start()
  return { hi = 0xFFFF, lo = 0xFFFF }
end

function M.crc32_update(state, s)
  local hi, lo = state.hi, state.lo
  for i = 1, #s do
    local b = byte(s, i)
    local low = b % 16
    for half = 1, 2 do
      local nib = half == 1 and low or (b - low) / 16
      local n = xor4(lo % 16, nib)
      local carry = hi % 16
      lo = xor16((lo - lo % 16) / 16 + carry * 4096, CRC_LO[n])
      hi = xor16((hi - carry) / 16, CRC_HI[n])
    end
  end
  state.hi, state.lo = hi, lo
  return state
end

function M.crc32_hex(state)
  return fmt("%04x%04x", 0xFFFF - state.hi, 0xFFFF - state.lo)
end

function M.crc32(s)
  return M.crc32_hex(M.crc32_update(M.crc32_start(), s))
end

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function digit64(n)
  return sub(ALPHABET, n + 1, n + 1)
end

function M.base64(s)
  local out = {}
  for i = 1, #s, 3 do
    local a, b, c = byte(s, i, i + 2)
    local v = a * 65536 + (b or 0) * 256 + (c or 0)
    local d = v % 64; v = (v - d) / 64
    local e = v % 64; v = (v - e) / 64
    local f = v % 64
    out[#out + 1] = digit64((v - f) / 64) .. digit64(f) ..
                    (b and digit64(e) or "=") .. (c and digit64(d) or "=")
  end
  return concat(out)
end

local function value64(c)
  local p = string.find(ALPHABET, c, 1, true)
  return p and p - 1
end

-- Line ends and blanks inside are skipped; any other stranger is an error.
function M.unbase64(s)
  s = gsub(s, "%s", "")
  local body, tail = string.match(s, "^([^=]*)(=?=?)$")
  if not body or #s % 4 ~= 0 then return nil, "bad length" end
  local out, acc, have = {}, 0, 0
  for i = 1, #body do
    local v = value64(sub(body, i, i))
    if not v then return nil, "bad character at " .. i end
    acc, have = acc * 64 + v, have + 6
    if have >= 8 then
      local unit = have == 8 and 1 or have == 10 and 4 or 16
      local rest = acc % unit
      out[#out + 1] = char((acc - rest) / unit % 256)
      acc, have = rest, have - 8
    end
  end
  if acc ~= 0 then return nil, "stray bits before " .. tail end
  return concat(out)
end

-- Sixteen bytes a line, as every hex editor shows them.
function M.dump(s, from, count)
  local out = {}
  from = from or 0
  local stop = count and from + count or #s
  if stop > #s then stop = #s end
  for at = from, stop - 1, 16 do
    local row = sub(s, at + 1, at + 16 < stop and at + 16 or stop)
    local hex = gsub(row, ".", function(c) return fmt("%02x ", byte(c)) end)
    out[#out + 1] = fmt("%06x  %-48s |%s|", at, hex, (gsub(row, "[^ -~]", ".")))
  end
  return concat(out, "\n")
end

return M
