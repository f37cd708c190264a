// Multiplication and division of integers that the processor has no instruction for: what the
// compiler calls on lx106, where its own library leaves these functions to the mask ROM. Dividing
// by zero is undefined, as in C.
#pragma once

#include <cstdint>

#include "machine/helper_name.h"

extern "C" {

uint32_t MACHINE_HELPER(__udivsi3)(uint32_t dividend, uint32_t divisor);
uint32_t MACHINE_HELPER(__umodsi3)(uint32_t dividend, uint32_t divisor);
int32_t MACHINE_HELPER(__divsi3)(int32_t dividend, int32_t divisor);
int32_t MACHINE_HELPER(__modsi3)(int32_t dividend, int32_t divisor);

uint64_t MACHINE_HELPER(__udivdi3)(uint64_t dividend, uint64_t divisor);
uint64_t MACHINE_HELPER(__umoddi3)(uint64_t dividend, uint64_t divisor);
int64_t MACHINE_HELPER(__divdi3)(int64_t dividend, int64_t divisor);
int64_t MACHINE_HELPER(__moddi3)(int64_t dividend, int64_t divisor);

uint64_t MACHINE_HELPER(__umulsidi3)(uint32_t a, uint32_t b);
int64_t MACHINE_HELPER(__muldi3)(int64_t a, int64_t b);

}  // extern "C"
