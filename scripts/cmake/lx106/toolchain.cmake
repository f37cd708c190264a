# The ESP8266's core, with Debian's gcc-xtensa-lx106 and picolibc.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR lx106)
set(CMAKE_C_COMPILER xtensa-lx106-elf-gcc)
set(CMAKE_CXX_COMPILER xtensa-lx106-elf-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

# -mforce-l32: mapped flash can only be read in aligned words.
set(lx106_flags "-Os -mlongcalls -mforce-l32 -ffreestanding -fno-builtin -fno-common")
set(picolibc /usr/lib/xtensa-lx106-elf/include)

# The toolchain has no C++ headers. Those of the host's compiler of the same version serve, as long as
# only the freestanding ones are used; shim/ stands in for the two headers that know the host's C library.
file(GLOB host_cxx /usr/include/c++/12)
file(GLOB host_cxx_machine /usr/include/*-linux-gnu/c++/12)
set(CMAKE_C_FLAGS_INIT "${lx106_flags} -isystem ${picolibc}")
set(CMAKE_CXX_FLAGS_INIT "${lx106_flags} -nostdinc++ -isystem ${CMAKE_CURRENT_LIST_DIR}/shim \
-isystem ${host_cxx} -isystem ${host_cxx_machine} -isystem ${picolibc}")
