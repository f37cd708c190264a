// What luac.cross tells people: the one place that prints.
#pragma once

#include <string>
#include <string_view>

namespace flashstore::luac_cross {

// Exit statuses, as of the original.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;

class Console {
 public:
  explicit Console(std::string program) : program_(std::move(program)) {}

  // On stderr, with the program's name in front. Both kinds of error return kFailed.
  int error(const std::string& message) const;
  int usage_error(const std::string& message) const;
  void warning(const std::string& message) const;
  void note(const std::string& message) const;

  // On stdout; failures show in finish().
  void result(std::string_view text) const;

  // Makes sure that stdout has taken everything. Returns `status`, or kFailed if it has not.
  int finish(int status) const;

 private:
  std::string program_;
};

}  // namespace flashstore::luac_cross
