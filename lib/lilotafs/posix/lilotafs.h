/* lilotafs as a C library, with the functions, flags and error numbers its document describes. For
 * programs that were written for that interface; it adds nothing to the volume of ../volume.h but
 * names.
 *
 * Functions return -1 (or NULL) on failure and leave the reason, an errno value, for
 * lilotafs_errno(); success leaves 0 there. errno itself is not touched. `ctx` is always a struct
 * lilotafs_context. One thread at a time may use it. */
#ifndef FLASHSTORE_LILOTAFS_POSIX_LILOTAFS_H
#define FLASHSTORE_LILOTAFS_POSIX_LILOTAFS_H

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The partition and how to get at it. Functions return whether it worked; `user` is for them.
 * Programming clears bits, erasing sets the 4096 bytes from `offset` to 0xFF. */
struct lilotafs_flash {
  void* user;
  uint32_t size; /* in bytes, a multiple of 4096 */
  bool (*read)(void* user, uint32_t offset, void* into, size_t length);
  bool (*program)(void* user, uint32_t offset, const void* bytes, size_t length);
  bool (*erase)(void* user, uint32_t offset);

  /* Makes a part of the partition addressable, for code or for data, until unmap(). Both may be
   * NULL: then lilotafs_ioctl() cannot map. */
  bool (*map)(void* user, uint32_t offset, uint32_t length, bool code, const void** address,
              uint32_t* handle);
  void (*unmap)(void* user, uint32_t handle);
};

enum {
  LILOTAFS_MAX_FILENAME_LEN = 63,
  LILOTAFS_MAX_DESCRIPTORS = 8,
  LILOTAFS_MAX_DIRECTORIES = 4,
  LILOTAFS_CONTEXT_WORDS = 256
};

/* commands of lilotafs_ioctl() */
enum {
  LILOTAFS_MAP_CODE = 0x1111, /* const void **address, uint32_t *handle */
  LILOTAFS_MAP_DATA = 0xDDDD, /* the same */
  LILOTAFS_UNMAP = 0x3333     /* uint32_t handle */
};

/* A mounted partition; memory of the caller, of any content before lilotafs_mount(). */
struct lilotafs_context {
  uint64_t words[LILOTAFS_CONTEXT_WORDS];
};

/* Returns 0 or an errno value. `flash` must outlive the mount. */
int lilotafs_mount(void* ctx, const struct lilotafs_flash* flash);
/* Closes nothing: a file that is open for writing keeps its old content. Returns 0. */
uint32_t lilotafs_unmount(void* ctx);

int lilotafs_errno(void* ctx);

int lilotafs_open(void* ctx, const char* name, int flags, int mode);
int lilotafs_close(void* ctx, int fd);
ssize_t lilotafs_read(void* ctx, int fd, void* buffer, size_t len);
ssize_t lilotafs_write(void* ctx, int fd, const void* buffer, unsigned int len);
off_t lilotafs_lseek(void* ctx, int fd, off_t offset, int whence);

int lilotafs_mkdir(void* ctx, const char* name, mode_t mode);
DIR* lilotafs_opendir(void* ctx, const char* name);
/* The entry is good until the next call. Its d_ino is the offset of the record. */
struct dirent* lilotafs_readdir(void* ctx, DIR* dir);
int lilotafs_closedir(void* ctx, DIR* dir);

/* st_size, st_ino as above, and the kind of file in st_mode; everything else is 0. */
int lilotafs_stat(void* ctx, const char* path, struct stat* st);

/* Maps the content of a file open for reading, where the flash can, or takes a mapping back. */
int lilotafs_ioctl(void* ctx, int fd, int cmd, va_list args);

#ifdef __cplusplus
}
#endif

#endif
