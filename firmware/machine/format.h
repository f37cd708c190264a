// printf() into memory, for a chip whose mapped flash can only be read in aligned words: the C
// library's own would read formats and texts in bytes. Floating-point numbers come out exactly,
// correctly rounded, however many digits are asked for.
//
// Conversions: d i u o x X c s p e E f F g G %, with flags, width and precision; of lengths h, l
// and z, which change nothing where int, long and size_t are the same.
#pragma once

#include <cstdarg>
#include <cstddef>

#include "machine/helper_name.h"

extern "C" {

int MACHINE_HELPER(vsnprintf)(char* to, size_t bytes, const char* format, va_list values);
int MACHINE_HELPER(snprintf)(char* to, size_t bytes, const char* format, ...);
int MACHINE_HELPER(sprintf)(char* to, const char* format, ...);

}  // extern "C"
