// Locks between the processes of this computer, whoever runs them.
#pragma once

#include <string>

#include "core/result.h"

namespace flashstore::host {

struct LockError {
  bool is_held = false;  // by another; otherwise it cannot be had
  std::string message;   // "cannot open FILE: why"
};

// A lock of a name, held until the end of this object or of the process: flock(2) on a file that
// is there as long as it is held, or left by a process that was killed.
class Lock {
 public:
  // `name` is a file's; `folder` is one that all who want the lock agree on.
  static core::Result<Lock, LockError> take(const std::string& name,
                                            const std::string& folder = folder_for_all());

  // /run/lock where anybody may make files there, else /tmp.
  static std::string folder_for_all();

  Lock(Lock&& other) noexcept;
  Lock& operator=(Lock&&) = delete;
  ~Lock();

 private:
  Lock(std::string path, int file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  int file_;
};

}  // namespace flashstore::host
