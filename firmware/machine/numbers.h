// Numbers out of text, as <stdlib.h> has it, for a chip whose mapped flash can only be read in
// aligned words: the C library's own would read the text in bytes. Decimal numbers become the
// nearest double, ties to even, whatever their length.
#pragma once

#include "machine/helper_name.h"

extern "C" {

double MACHINE_HELPER(strtod)(const char* text, char** end);
// What is too large becomes the largest there is; errno stays as it was.
unsigned long MACHINE_HELPER(strtoul)(const char* text, char** end, int base);
long long MACHINE_HELPER(strtoll)(const char* text, char** end, int base);

}  // extern "C"
