# What our own code is compiled with, and the sanitizers of the asan preset.
option(FLASHSTORE_WERROR "Warnings are errors" OFF)
option(FLASHSTORE_SANITIZE "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)

add_library(flashstore_warnings INTERFACE)
target_compile_options(flashstore_warnings INTERFACE -Wall -Wextra -Wshadow -Wpedantic
  $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
  $<$<BOOL:${FLASHSTORE_WERROR}>:-Werror>)

if(FLASHSTORE_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # Instrumented, GCC takes members of the standard library's own classes for uninitialised.
  add_compile_options(-Wno-maybe-uninitialized)
  add_link_options(-fsanitize=address,undefined)
endif()
