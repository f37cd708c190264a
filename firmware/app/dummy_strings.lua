-- Never called. Strings named here are in the ROM string table of the
-- image, so the copies which the runtime would otherwise make in RAM never
-- come to be. What the modules themselves name is there anyway; this adds
-- what the libraries, the firmware and the console bring along.
--
-- A statement may have many values but no function more than 50 locals, and
-- its registers end at 250: hence one local in each of several functions.
-- `for _, s in ipairs(debug.getstrings "RAM") do print(s) end` on a running
-- board shows what is missing.

local function runtime()
  local preload = "__index", "__newindex", "__gc", "__mode", "__eq", "__add", "__sub", "__mul",
    "__div", "__mod", "__pow", "__unm", "__len", "__lt", "__le", "__concat", "__call",
    "__tostring", "__metatable", "__fenv", "and", "break", "do", "else", "elseif", "end", "false",
    "for", "function", "if", "in", "local", "nil", "not", "or", "repeat", "return", "then", "true",
    "until", "while", "number", "string", "table", "boolean", "userdata", "lightuserdata",
    "thread", "proto", "upval", "value", "?", "(null)", "=?", "=[C]", "=stdin", "main", "Lua", "C",
    "upvalue", "global", "field", "method", "constant", "arg", "n", "*t", "*n", "*l", "*a", "kv",
    "k", "v", "\n", "\r", "\r\n", "\t", " ", "", ".", ",", ":", ";", "=", "-", "%", "/", "0", "1",
    "not enough memory", "error in error handling", "C stack overflow", "stack overflow",
    "cannot resume dead coroutine", "attempt to yield across metamethod/C-call boundary",
    "table overflow", "string length overflow", "loop in gettable", "loop in settable"
end

local function libraries()
  local preload = "_G", "_VERSION", "Lua 5.1", "_LOADED", "_LOADLIB", "_PRELOAD", "assert",
    "collectgarbage", "dofile", "error", "gcinfo", "getfenv", "getmetatable", "ipairs", "load",
    "loadfile", "loadstring", "module", "newproxy", "next", "pairs", "pcall", "print", "rawequal",
    "rawget", "rawset", "require", "select", "setfenv", "setmetatable", "tonumber", "tostring",
    "type", "unpack", "xpcall", "coroutine", "create", "resume", "running", "status", "wrap",
    "yield", "suspended", "normal", "dead", "debug", "getinfo", "getlocal", "getregistry",
    "getstrings", "getupvalue", "sethook", "gethook", "traceback", "math", "abs", "ceil", "floor",
    "max", "min", "pow", "random", "randomseed", "sqrt", "huge", "pi", "byte", "char", "dump",
    "find", "format", "gfind", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub",
    "upper", "concat", "foreach", "foreachi", "getn", "insert", "maxn", "remove", "setn", "sort",
    "package", "cpath", "path", "config", "loaded", "loaders", "loadlib", "preload", "seeall",
    "?.lc;?.lua", "stop", "restart", "collect", "count", "step", "setpause", "setstepmul"
end

local function firmware()
  local preload = "node", "bootreason", "chipid", "compile", "flashid", "flashindex", "flashreload",
    "flashsize", "getcpufreq", "getpartitiontable", "heap", "info", "input", "output", "readvdd33",
    "setcpufreq", "setpartitiontable", "sleep", "stripdebug", "task", "post", "LOW_PRIORITY",
    "MEDIUM_PRIORITY", "HIGH_PRIORITY", "LFS", "get", "list", "reload", "time", "lfs_base",
    "lfs_mapped", "lfs_size", "lfs_used", "file", "open", "close", "read", "readline", "write",
    "writeline", "flush", "seek", "set", "cur", "exists", "rename", "stat", "size", "name",
    "is_dir", "is_rdonly", "is_hidden", "is_sys", "is_arch", "fsinfo", "fscfg", "getcontents",
    "putcontents", "r", "w", "a", "r+", "w+", "a+", "tmr", "alarm", "delay", "interval", "now",
    "register", "start", "state", "unregister", "wdclr", "ALARM_SINGLE", "ALARM_SEMI",
    "ALARM_AUTO", "tmr.timer", "net", "TCP", "UDP", "createServer", "createConnection", "listen",
    "on", "send", "connect", "dial", "getpeer", "getaddr", "hold", "unhold", "ttl", "dns", "receive",
    "sent", "connection", "reconnection", "disconnection", "net.tcpserver", "net.tcpsocket",
    "net.udpsocket", "file.obj", "wifi", "sta", "ap", "getip", "setmode", "STATION", "SOFTAP",
    "STATIONAP", "ssid", "pwd", "save", "gpio", "mode", "OUTPUT", "INPUT", "HIGH", "LOW",
    "init.lua", "luac.out", "_init", "config.0", "config.1", "app.log", "app.log.1", "app.log.2"
end

-- What the control loop puts together anew every second.
local function readings()
  local preload = "sensor.temp", "sensor.hum", "sensor.soil", "sensor.light", "sensor.*",
    "fault.temp", "fault.hum", "fault.soil", "fault.light", "fine.temp", "output.heater",
    "output.vent", "output.fan", "output.mist", "output.pump", "output.lamp", "output.*",
    "starting>auto", "auto>alarm", "alarm>auto", "auto>safe", "safe>auto"
end
