// The functions the document describes, under its own prototypes (document.cpp): a program written
// from the document alone links against lib/lilotafs/posix.
#pragma once

#include <dirent.h>
#include <sys/types.h>

#include <cstddef>

namespace flashstore::test {

struct DocumentedFunctions {
  int (*open)(void* ctx, const char* name, int flags, int mode);
  ssize_t (*read)(void* ctx, int fd, void* buffer, size_t len);
  off_t (*lseek)(void* ctx, int fd, off_t offset, int whence);
  ssize_t (*write)(void* ctx, int fd, const void* buffer, unsigned int len);
  int (*close)(void* ctx, int fd);
  int (*last_error)(void* ctx);
  int (*mkdir)(void* ctx, const char* name, mode_t mode);
  DIR* (*opendir)(void* ctx, const char* name);
  struct dirent* (*readdir)(void* ctx, DIR* dir);
  int (*closedir)(void* ctx, DIR* dir);
};

extern const DocumentedFunctions kDocumented;

}  // namespace flashstore::test
