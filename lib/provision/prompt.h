// The Lua prompt of a device, spoken to by a program: NodeMCU's firmware of any age, or ours.
//
// A line is typed, and what it prints comes back between two control characters that no echo has:
// so it does not matter what else comes over the line, be it echoes, prompts, or what an
// application prints meanwhile. A line that does not arrive as it was sent is sent again.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "provision/serial_port.h"

namespace flashstore::provision {

// What the shortest line buffer of a prompt takes.
inline constexpr size_t kPromptLineBytes = 250;

struct PromptAnswer {
  bool ok = false;                  // false: an error; values has its message
  std::vector<std::string> lines;   // that were printed
  std::vector<std::string> values;  // that were returned, as print() shows them
  bool operator==(const PromptAnswer&) const = default;
};

class Prompt {
 public:
  using Milliseconds = std::chrono::milliseconds;
  using Lines = std::vector<std::string>;
  // Makes the line that prints `opening`, a part of a Lua literal, as a line; then its answer; then
  // "\003". No longer than kPromptLineBytes.
  using MakeLine = std::function<std::string(const std::string& opening)>;

  // `patience` is for the answer to one line. The port is the caller's.
  Prompt(SerialPort& port, Milliseconds patience) : port_(port), patience_(patience) {}

  SerialPort& port() const { return port_; }

  // Waits until the prompt answers, whatever was typed before. Reasons: no-answer, noise,
  // no-prompt, and the port's.
  std::optional<Problem> find(Milliseconds patience);

  // What the line prints, which may be run more than once. Reasons: those of find().
  core::Result<Lines, Problem> run(const MakeLine& line);

  // The same of a line that need not be answered: empty if `ended` says so of what is heard.
  using Ended = std::function<bool(const std::string& heard)>;
  core::Result<std::optional<Lines>, Problem> run_or_end(const MakeLine& line, const Ended& ended,
                                                         Milliseconds patience);

  // Runs the body of a function. At most kPromptLineBytes - kAskBytes of it. Likewise.
  core::Result<PromptAnswer, Problem> ask(std::string_view body);
  static constexpr size_t kAskBytes = 72;
  // The same, agreed().
  core::Result<PromptAnswer, Problem> ask_surely(std::string_view body);

  // Types a line, and waits for nothing.
  std::optional<Problem> type(std::string_view line);
  // What is heard from then on, until `ended` says so of it, or for so long.
  core::Result<std::string, Problem> listen(const Ended& ended, Milliseconds patience);
  // Since the last line was typed.
  const std::string& heard() const { return heard_; }

 private:
  // Nothing: no answer came.
  core::Result<std::optional<Lines>, Problem> attempt(const MakeLine& line, const Ended& ended,
                                                      Milliseconds patience);
  std::optional<Lines> answer_to(const std::string& name) const;
  // Has the prompt forget what was typed and not run.
  std::optional<Problem> clear_line();
  // Why there was no answer.
  Problem silence() const;

  SerialPort& port_;
  Milliseconds patience_;
  uint32_t number_ = 0;  // of the last line that is to be answered
  std::string heard_;
  std::string unanswered_;  // what was heard instead of the answer
};

// Of lines the last of which is what pcall() returns.
PromptAnswer answer_of(std::vector<std::string> lines);

// What `ask` answers twice in the same way: a character that the line has changed would pass for an
// answer. Reasons: noise, and those of `ask`.
core::Result<PromptAnswer, Problem> agreed(
    const std::function<core::Result<PromptAnswer, Problem>()>& ask, const std::string& port);

// The text of a Lua literal for these bytes, in ASCII.
std::string lua_literal(std::string_view bytes);

// Lines of what a device sends, for people: without what cannot be printed, and blank ones.
std::vector<std::string> readable_lines(std::string_view heard);

}  // namespace flashstore::provision
