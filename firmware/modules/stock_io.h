/* Goes in front of those of Lua's own files that use the C library's files: what a device has
** instead of them. Defined in stock_io.cpp. */
#ifndef FLASHSTORE_FIRMWARE_STOCK_IO_H
#define FLASHSTORE_FIRMWARE_STOCK_IO_H

#include <stdio.h>
#include <stdlib.h>

#ifdef __cplusplus
extern "C" {
#endif

/* To the console, whatever the stream. */
int firmware_put_text(const char* text);
int firmware_file_exists(const char* name);

#ifdef __cplusplus
}
#else
#undef fputs
#define fputs(text, stream) firmware_put_text(text)
/* loadlib.c opens a file only to see whether it is there. */
#define fopen(name, mode) (firmware_file_exists(name) ? (FILE*)(name) : NULL)
#define fclose(file) ((void)(file))
#define fgets(line, bytes, stream) ((void)(line), (char*)NULL)
#undef getenv
#define getenv(name) ((char*)NULL)
/* Lua's own stays in lauxlib.c, where nobody calls it; ours is in stock_io.cpp. */
#ifdef lauxlib_c
#define luaL_loadfile stock_loadfile
#endif
#endif

#endif
