#include "provision/prompt.h"

#include <algorithm>
#include <cctype>

namespace flashstore::provision {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = Prompt::Milliseconds;
using Lines = Prompt::Lines;

constexpr int kTries = 10;           // of a line that arrives as another one
constexpr int kTriesInSilence = 3;   // of one that nothing answers
constexpr size_t kMostAnswers = 6;   // of which two must be the same
constexpr Milliseconds kQuiet{200};  // after which nothing more is to be expected
constexpr char kEnd = '\003';
// Ends a string, or a long one, and is no Lua wherever it stands.
constexpr std::string_view kNoLua = "]]?";
// How the prompt's own messages begin; it waits for more at the last.
constexpr std::string_view kMessages[] = {"\nstdin:", "\nLua error: stdin:", "\n>> "};

Milliseconds until(Clock::time_point end) {
  return std::max(std::chrono::ceil<Milliseconds>(end - Clock::now()), Milliseconds(0));
}

Lines split(std::string_view text, char at) {
  Lines parts;
  while (true) {
    const size_t end = std::min(text.find(at), text.size());
    parts.emplace_back(text.substr(0, end));
    if (end == text.size()) {
      return parts;
    }
    text.remove_prefix(end + 1);
  }
}

// Some firmware sends "\r\n" for "\n".
Lines lines_of(std::string_view text) {
  Lines lines = split(text, '\n');
  for (std::string& line : lines) {
    if (line.ends_with('\r')) {
      line.pop_back();
    }
  }
  return lines;
}

bool is_printable(char c) {
  return std::isprint(static_cast<unsigned char>(c)) != 0;
}

// A line at another rate looks like anything.
bool is_noise(std::string_view heard) {
  const auto strange = std::ranges::count_if(heard, [](char c) {
    return !is_printable(c) && std::isspace(static_cast<unsigned char>(c)) == 0;
  });
  return static_cast<size_t>(strange) * 4 > heard.size();
}

bool is_refused(const std::string& heard) {
  return std::ranges::any_of(kMessages, [&](std::string_view message) {
    return heard.find(message) != std::string::npos;
  });
}

bool never(const std::string&) {
  return false;
}

}  // namespace

PromptAnswer answer_of(std::vector<std::string> lines) {
  PromptAnswer answer;
  answer.lines = std::move(lines);
  if (!answer.lines.empty()) {
    answer.values = split(answer.lines.back(), '\t');
    answer.lines.pop_back();
    answer.ok = answer.values.front() == "true";
    answer.values.erase(answer.values.begin());
  }
  return answer;
}

core::Result<PromptAnswer, Problem> agreed(
    const std::function<core::Result<PromptAnswer, Problem>()>& ask, const std::string& port) {
  std::vector<PromptAnswer> answers;
  while (answers.size() < kMostAnswers) {
    auto answer = ask();
    if (!answer || std::ranges::find(answers, answer.value()) != answers.end()) {
      return answer;
    }
    answers.push_back(std::move(answer).value());
  }
  return refused("noise", "the device says something else each time it is asked",
                 "look at cable and baud rate", port);
}

std::string lua_literal(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789";
  std::string text = "\"";
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '"' || c == '\\') {
      text += {'\\', c};
    } else if (c == '\n') {
      text += "\\n";
    } else if (byte >= ' ' && byte <= '~') {
      text += c;
    } else {
      text += {'\\', kDigits[byte / 100], kDigits[byte / 10 % 10], kDigits[byte % 10]};
    }
  }
  return text + '"';
}

std::vector<std::string> readable_lines(std::string_view heard) {
  Lines lines;
  for (std::string& line : lines_of(heard)) {
    std::ranges::replace(line, '\t', ' ');
    std::erase_if(line, [](char c) { return !is_printable(c); });
    if (line.find_first_not_of(' ') != std::string::npos) {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

std::optional<Problem> Prompt::type(std::string_view line) {
  heard_.clear();
  return port_.write(std::string(line) + "\n");
}

core::Result<std::string, Problem> Prompt::listen(const Ended& ended, Milliseconds patience) {
  const auto end = Clock::now() + patience;
  while (!ended(heard_) && Clock::now() < end) {
    const auto got = port_.read(until(end));
    if (!got) {
      return got.error();
    }
    heard_ += got.value();
  }
  return heard_;
}

std::optional<Lines> Prompt::answer_to(const std::string& name) const {
  // In the echo, digits stand for the control characters.
  const size_t begin = heard_.find('\002' + name);
  const size_t first = begin == std::string::npos ? begin : heard_.find('\n', begin);
  const size_t end = first == std::string::npos ? first : heard_.find(kEnd, first);
  if (end == std::string::npos) {
    return std::nullopt;
  }
  Lines lines = lines_of(std::string_view(heard_).substr(first + 1, end - first - 1));
  lines.pop_back();  // behind the last newline
  return lines;
}

core::Result<std::optional<Lines>, Problem> Prompt::attempt(const MakeLine& line,
                                                            const Ended& ended,
                                                            Milliseconds patience) {
  const std::string name = "n" + std::to_string(++number_);
  if (auto problem = type(line("\\002" + name))) {
    return *problem;
  }
  // A message of the prompt need not be about this line, but if it is, there is no answer.
  for (const bool may_be_refused : {false, true}) {
    const auto heard = listen(
        [&](const std::string& text) {
          return answer_to(name) || ended(text) || (!may_be_refused && is_refused(text));
        },
        may_be_refused ? std::min(patience, kQuiet) : patience);
    if (!heard) {
      return heard.error();
    }
  }
  auto answer = answer_to(name);
  if (answer) {
    unanswered_.clear();
  } else {
    unanswered_ += heard_;
  }
  return answer;
}

std::optional<Problem> Prompt::clear_line() {
  for (const std::string_view line : {std::string_view(), kNoLua}) {
    if (auto problem = type(line)) {
      return problem;
    }
    const auto heard =
        listen([](const std::string& text) { return text.ends_with("\n> "); }, kQuiet);
    if (!heard) {
      return heard.error();
    }
    unanswered_ += heard_;
  }
  return std::nullopt;
}

core::Result<Lines, Problem> Prompt::run(const MakeLine& line) {
  int silent = 0;
  for (int i = 0; i < kTries; ++i) {
    auto lines = attempt(line, never, patience_);
    if (!lines) {
      return lines.error();
    }
    if (lines.value()) {
      return *std::move(lines).value();
    }
    silent += is_refused(heard_) ? 0 : 1;
    if (silent == kTriesInSilence) {
      break;
    }
    if (auto problem = clear_line()) {
      return *problem;
    }
  }
  return silence();
}

core::Result<std::optional<Lines>, Problem> Prompt::run_or_end(const MakeLine& line,
                                                               const Ended& ended,
                                                               Milliseconds patience) {
  for (int i = 0; i < kTries; ++i) {
    auto lines = attempt(line, ended, patience);
    if (!lines || lines.value() || ended(heard_)) {
      return lines;
    }
    // What was not refused may have been run.
    if (!is_refused(heard_)) {
      break;
    }
    if (auto problem = clear_line()) {
      return *problem;
    }
  }
  return silence();
}

std::optional<Problem> Prompt::find(Milliseconds patience) {
  const auto end = Clock::now() + patience;
  // What a run before this one has asked is not answered to this one.
  const auto time = Clock::now().time_since_epoch() / Milliseconds(1);
  number_ = static_cast<uint32_t>(time % 1'000'000) * 1000;
  unanswered_.clear();
  do {
    if (auto problem = clear_line()) {
      return problem;
    }
    const auto lines =
        attempt([](const std::string& opening) { return "print\"" + opening + "\"print\"\\003\""; },
                never, std::min(until(end), patience_));
    if (!lines) {
      return lines.error();
    }
    if (lines.value()) {
      return std::nullopt;
    }
  } while (Clock::now() < end);
  return silence();
}

core::Result<PromptAnswer, Problem> Prompt::ask(std::string_view body) {
  auto lines = run([&](const std::string& opening) {
    return "print\"" + opening + "\"print(pcall(function() " + std::string(body) +
           " end))print\"\\003\"";
  });
  if (!lines) {
    return lines.error();
  }
  return answer_of(std::move(lines).value());
}

core::Result<PromptAnswer, Problem> Prompt::ask_surely(std::string_view body) {
  return agreed([&] { return ask(body); }, port_.path());
}

Problem Prompt::silence() const {
  if (unanswered_.empty()) {
    return refused("no-answer", "nothing comes from the device",
                   "look at cable, power and port; does the firmware use another baud rate?",
                   port_.path());
  }
  if (is_noise(unanswered_)) {
    return refused("noise", "what comes from the device is no text",
                   "look at the cable; does the firmware use another baud rate?", port_.path());
  }
  Lines lines = readable_lines(unanswered_);
  std::erase_if(lines, [](const std::string& line) { return line == "> " || line == ">> "; });
  return refused(
      "no-prompt",
      "no prompt answers" + (lines.empty() ? "" : "; the device said last: '" + lines.back() + "'"),
      "an application that keeps busy, or takes the line for itself, must be off: "
      "reset the board and be faster, or bring it what it needs with esptool",
      port_.path());
}

}  // namespace flashstore::provision
