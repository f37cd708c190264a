// What a tool tells people: the one place that prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flashstore::host {

enum class Severity { kError, kWarning, kNote };

// "error", "warning", "note".
std::string_view name(Severity severity);

enum class ColourMode { kAuto, kAlways, kNever };

// Whether to send colours to `descriptor`, stdout's or stderr's. kAuto: it is a terminal that can,
// and $NO_COLOR is not set.
bool wants_colour(ColourMode mode, int descriptor);

class Console {
 public:
  // On stderr: parts of a line are in colour where that is wanted.
  void set_colour(ColourMode mode);

  // On stderr, a line of its own: "TEXT".
  void line(std::string_view text) const;

  // On stderr, a line of its own: "WHERE: SEVERITY: TEXT"; without WHERE from SEVERITY on.
  void say(std::string_view where, Severity severity, std::string_view text) const;

  // On stderr if that is a terminal: a line that the next one takes the place of.
  void progress(std::string_view text) const;

  // On stdout, as it is; failures show in flush().
  void result(std::string_view text) const;

  // Makes sure that stdout has taken everything. Returns what is wrong if it has not, once.
  std::optional<std::string> flush() const;

 private:
  void clear_progress() const;

  bool colour_ = false;
  mutable bool has_progress_ = false;  // on the terminal
};

}  // namespace flashstore::host
