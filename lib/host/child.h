// Other programs, run to their end.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flashstore::host {

struct ChildOptions {
  std::map<std::string, std::string> environment = {};  // added to our own
  double seconds = 60;                                  // what takes longer is ended
  // Is given what the child says as it comes: pieces of a line that ended in CR or LF, without it.
  std::function<void(std::string_view line)> line = {};
};

enum class ChildEnd {
  kExited,
  kSignalled,
  kTimedOut,
  kInterrupted,  // a signal asked us to end: interrupted_by()
  kNotStarted,   // there is no such program
};

struct ChildResult {
  ChildEnd end = ChildEnd::kExited;
  int status = 0;      // kExited: exit status; kSignalled: the signal; kNotStarted: errno
  std::string output;  // stdout and stderr, as they came

  bool ok() const { return end == ChildEnd::kExited && status == 0; }
};

// Runs `words[0]`, a path or a name looked up in $PATH, in a process group of its own and without
// standard input. Whatever is still running of the group at the end is ended too. It does not
// outlive us. Several threads may each run one; nor does it outlive the thread.
ChildResult run_child(const std::vector<std::string>& words, const ChildOptions& options = {});

// While it lives, SIGINT, SIGTERM and SIGHUP end the children that run, not us; none is started
// any more. One at a time.
class Interruptible {
 public:
  Interruptible();
  Interruptible(const Interruptible&) = delete;
  Interruptible& operator=(const Interruptible&) = delete;
  ~Interruptible();
};

// The signal that came while an Interruptible lived; 0: none.
int interrupted_by();

}  // namespace flashstore::host
