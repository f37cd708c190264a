#include "no_files.h"

#include <errno.h>
#include <stddef.h>

FILE* flashstore_open_no_file(const char* path, const char* mode) {
  (void)path;
  (void)mode;
  errno = ENOENT;
  return NULL;
}

char* flashstore_get_no_variable(const char* name) {
  (void)name;
  return NULL;
}
