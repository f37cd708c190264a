#include "checks.h"

#include "image/check_byte.h"
#include "lilotafs/format.h"

namespace flashstore::lilotafs_img {

std::string_view check_of(const Partition& partition, const LogRecord& file) {
  const uint8_t check = file.record.check;
  if (check == lilotafs::kCheckErased || check == lilotafs::kCheckNone) {
    return "none";
  }
  return check == image::check_byte(file.path, partition.data(file)) ? "right" : "wrong";
}

}  // namespace flashstore::lilotafs_img
