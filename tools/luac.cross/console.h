// What luac.cross tells people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/console.h"

namespace flashstore::luac_cross {

// Exit statuses, as of the original.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;

class Console {
 public:
  explicit Console(std::string program) : program_(std::move(program)) {}

  // On stderr, with the program's name in front. Both kinds of error return kFailed.
  int error(const std::string& message);
  int usage_error(const std::string& message);
  void warning(const std::string& message);
  void note(const std::string& message) const;

  // On stdout; failures show in finish().
  void result(std::string_view text) const;

  // Makes sure that stdout has taken everything. Returns `status`, or kFailed if it has not.
  int finish(int status);

  // All that was said so far.
  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

 private:
  void say(const std::string& message) const;

  host::Console console_;
  std::string program_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

}  // namespace flashstore::luac_cross
