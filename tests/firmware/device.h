// A device as tests use it: a board, a flash chip of its own, and somebody who types.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::test {

struct Board {
  const char* name;
  const char* program;            // takes --flash and the like
  const char* numbers = "float";  // or "int"
};

void PrintTo(const Board& board, std::ostream* stream);

// All boards the firmware is built for, with both types of numbers.
const std::vector<Board>& boards();
// Those with one of them.
std::vector<Board> boards(const std::string& numbers);

// Boards whose Lua collects before every allocation and moves what it can (stress.cmake).
const std::vector<Board>& stress_boards();

std::string board_name(const ::testing::TestParamInfo<Board>& info);

// How a run ends: firmware/board/exit_status.h, with the reason of a reset.
inline constexpr int kEnded = 0;
inline constexpr int kPowerCut = 16;
inline constexpr int kRestarted = 20;

class Device {
 public:
  explicit Device(const Board& board) : board_(board) {}

  // Of its file system, before it is started first.
  void add_file(const std::string& name, const std::string& content) { files_[name] = content; }

  // From reset until there is nothing more to do, it is reset, or the power goes.
  ProcessResult boot(const std::string& typed, const std::vector<std::string>& options = {});

  // The flash file's content.
  std::string flash();
  void set_flash(const std::string& content);

  // `key` of the last run's report.
  unsigned long reported(const std::string& key) const;

 private:
  void make_flash();

  Board board_;
  std::map<std::string, std::string> files_;
  TemporaryFolder folder_;
};

// What `program`, typed as one line and the last, printed: of the `output` of a run.
std::string printed_by(const std::string& program, const std::string& output);

// A relocatable image of one module for each entry: name without ".lua", and source.
std::string make_image(const std::map<std::string, std::string>& modules,
                       const std::string& numbers = "float");

// The sample application, as one image.
const std::string& application_image(const std::string& numbers = "float");

}  // namespace flashstore::test
