do
  local x = 1
  for i = 1, 40 do
    x = x * 1.7320508075688772 - i / 3
    print(i, x, x % 7, x ^ 0.5, math.floor(x), math.sin(x), math.exp(-i), math.log(i), 2 ^ i)
  end
end
print(0/0, -(0/0), 1/0, -1/0, 1e308 * 10, 5e-324, 2^53, 2^53 + 1, 1e15, 1e16, 123456789012)
print(tonumber("0x10"), tonumber("1e400"), tonumber("  12  "), tonumber("1e"), tonumber("inf"), tonumber("0x1p4"))
print(tonumber("10", 2), tonumber("zz", 36), tonumber("ff", 16), tonumber("8", 8), tonumber("-ff", 16))
print(string.format("%d %i %u %x %X %o %c", 3.99, -3.99, 42, 255, 255, 8, 65))
print(string.format("%x %u %d", -1, -1, -1), string.format("%5d|%-5d|%05d|%+d", 42, 42, 42, 42))
print(string.format("%.3f %10.2e %g %G %.20f %.0f %#g", 1/3, 1e10, 1e-5, 1e20, 0.1, 2.5, 1))
print(string.format("%10s|%-10s|%.2s|%q", "abc", "abc", "abc", "a\nb\0c\"d"))
print(math.fmod(-7, 3), -7 % 3, math.modf(3.7), math.frexp(10), math.ldexp(0.5, 10), math.abs(-0))
print(math.max(1, 2, 3), math.min(1, 2, 3), math.ceil(-1.5), math.pi, math.huge, -math.huge)
for _, s in ipairs { 0.1, 0.2, 0.3, 1/3, 100, 1e100, 123456.789, 1e-7 } do print(s, tostring(s), s .. "") end
