#include "lilotafs/posix/document.h"

extern "C" {
int lilotafs_open(void* ctx, const char* name, int flags, int mode);
ssize_t lilotafs_read(void* ctx, int fd, void* buffer, size_t len);
off_t lilotafs_lseek(void* ctx, int fd, off_t offset, int whence);
ssize_t lilotafs_write(void* ctx, int fd, const void* buffer, unsigned int len);
int lilotafs_close(void* ctx, int fd);
int lilotafs_errno(void* ctx);
int lilotafs_mkdir(void* ctx, const char* name, mode_t mode);
DIR* lilotafs_opendir(void* ctx, const char* name);
struct dirent* lilotafs_readdir(void* ctx, DIR* pdir);
int lilotafs_closedir(void* ctx, DIR* pdir);
}

namespace flashstore::test {

const DocumentedFunctions kDocumented = {
    lilotafs_open,  lilotafs_read,  lilotafs_lseek,   lilotafs_write,   lilotafs_close,
    lilotafs_errno, lilotafs_mkdir, lilotafs_opendir, lilotafs_readdir, lilotafs_closedir,
};

}  // namespace flashstore::test
