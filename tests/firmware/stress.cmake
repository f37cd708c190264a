# firmware_stress, in the host build and in the lx106 build: a firmware that collects at every chance and before
# every allocation, moves the stack at every call and each block at every change, and asserts.
set(firmware_patches ${CMAKE_CURRENT_LIST_DIR}/patches)
firmware_library(firmware_stress
  PATCHES ${firmware_patches}/collect-always.patch
          ${firmware_patches}/collect-at-allocations.patch
          ${firmware_patches}/no-api-check.patch
  DEFINITIONS HARDSTACKTESTS lua_assert=assert FLASHSTORE_STRESS_HEAP
  OPTIONS -UNDEBUG "SHELL:-include assert.h")
