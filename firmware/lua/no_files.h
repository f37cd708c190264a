// Lua's libraries open files and read the environment through the C library. A device has neither;
// files come with its own file system.
#pragma once

#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// fopen and getenv as Lua's sources get them: nothing is there.
FILE* flashstore_open_no_file(const char* path, const char* mode);
char* flashstore_get_no_variable(const char* name);

#ifdef __cplusplus
}
#endif
