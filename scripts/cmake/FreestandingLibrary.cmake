# Libraries that also run on the chip: C++20 without heap, exceptions, RTTI, threads or static
# constructors, with only the headers design allows. Declared once, built for every machine:
#
#   freestanding_library(NAME SOURCES file... [LINKS library...])
#
# Without SOURCES it is headers alone. On the host this makes NAME and, where the compiler can build for
# 32 bits, NAME_m32. In the lx106 build (scripts/cmake/lx106) the same declaration makes NAME for the
# ESP8266's core.

add_library(freestanding_flags INTERFACE)
target_compile_features(freestanding_flags INTERFACE cxx_std_20)
target_compile_options(freestanding_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics>
  -ffunction-sections -fdata-sections)

function(freestanding_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  set(variants ${name})
  if(FLASHSTORE_M32)
    list(APPEND variants ${name}_m32)
  endif()
  foreach(variant ${variants})
    string(REPLACE ${name} "" suffix ${variant})
    list(TRANSFORM arg_LINKS APPEND "${suffix}" OUTPUT_VARIABLE links)
    if(arg_SOURCES)
      add_library(${variant} STATIC ${arg_SOURCES})
      target_include_directories(${variant} PUBLIC ${FLASHSTORE_LIB_DIR})
      target_link_libraries(${variant} PUBLIC ${links} PRIVATE freestanding_flags flashstore_warnings)
      if(suffix STREQUAL _m32)
        target_compile_options(${variant} PUBLIC -m32)
        target_link_options(${variant} INTERFACE -m32)
      endif()
    else()
      add_library(${variant} INTERFACE)
      target_include_directories(${variant} INTERFACE ${FLASHSTORE_LIB_DIR})
      target_link_libraries(${variant} INTERFACE ${links})
    endif()
  endforeach()
endfunction()
