// Floating point without hardware for it: what the compiler calls on lx106, where its own library
// leaves these functions to the mask ROM. IEEE 754, rounding to nearest, ties to even. Bit for bit
// what an x86's SSE unit gives, so that the same program gives the same results on all boards:
//   - not-a-number: the first operand that is one, made quiet; otherwise the negative quiet one;
//   - conversions to integers truncate; what does not fit an int32_t becomes 0x80000000.
#pragma once

#include <cstdint>

#include "machine/helper_name.h"

extern "C" {

double MACHINE_HELPER(__adddf3)(double a, double b);
double MACHINE_HELPER(__subdf3)(double a, double b);
double MACHINE_HELPER(__muldf3)(double a, double b);
double MACHINE_HELPER(__divdf3)(double a, double b);

float MACHINE_HELPER(__addsf3)(float a, float b);
float MACHINE_HELPER(__subsf3)(float a, float b);
float MACHINE_HELPER(__mulsf3)(float a, float b);

double MACHINE_HELPER(__extendsfdf2)(float value);
float MACHINE_HELPER(__truncdfsf2)(double value);

int32_t MACHINE_HELPER(__fixdfsi)(double value);
// Modulo 2^32, as far as an int64_t reaches; then 0.
uint32_t MACHINE_HELPER(__fixunsdfsi)(double value);
uint32_t MACHINE_HELPER(__fixunssfsi)(float value);
double MACHINE_HELPER(__floatsidf)(int32_t value);
double MACHINE_HELPER(__floatunsidf)(uint32_t value);
float MACHINE_HELPER(__floatsisf)(int32_t value);
float MACHINE_HELPER(__floatunsisf)(uint32_t value);

}  // extern "C"
