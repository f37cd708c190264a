// Names a module cannot be found by.
#pragma once

#include <array>
#include <string_view>

namespace flashstore::luac {

// Libraries of Lua and of the NodeMCU firmware: `require` finds them before any module of an image.
inline constexpr std::array<std::string_view, 68> kLibraries{
    "_G",       "adc",         "ads1115",   "adxl345",  "am2320",        "apa102",    "bit",
    "bloom",    "bme280",      "bmp085",    "coap",     "color_utils",   "coroutine", "cron",
    "crypto",   "debug",       "dht",       "encoder",  "enduser_setup", "file",      "gdbstub",
    "gpio",     "gpio_pulse",  "hdc1080",   "hmc5883l", "http",          "hx711",     "i2c",
    "l3g4200d", "math",        "mcp4725",   "mdns",     "mqtt",          "net",       "node",
    "ow",       "package",     "pcm",       "perf",     "pipe",          "pixbuf",    "pwm",
    "pwm2",     "rc",          "rfswitch",  "rotary",   "rtcfifo",       "rtcmem",    "rtctime",
    "si7021",   "sigma_delta", "sjson",     "sntp",     "softuart",      "somfy",     "spi",
    "string",   "struct",      "switec",    "table",    "tls",           "tm1829",    "tmr",
    "tsl2561",  "uart",        "websocket", "wifi",     "ws2812"};

}  // namespace flashstore::luac
