#include "device.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace flashstore::test {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
constexpr const char* kFilesBytes = "3060K";  // of a chip of 4 MiB with the default partitions
constexpr size_t kSystemBytes = 12 << 10;     // behind them

void run_or_throw(const std::vector<std::string>& words, const ProcessOptions& options = {}) {
  const ProcessResult result = run_process(words, options);
  if (result.exit_status != 0) {
    throw std::runtime_error(words[0] + ": " + result.err);
  }
}

}  // namespace

void PrintTo(const Board& board, std::ostream* stream) {
  *stream << board.name;
}

const std::vector<Board>& boards() {
  static const std::vector<Board> all = {
      {"sim", FLASHSTORE_SIM},
      {"sim_int", FLASHSTORE_SIM_INT, "int"},
#ifdef FLASHSTORE_LX106
      {"lx106", FLASHSTORE_LX106},
      {"lx106_int", FLASHSTORE_LX106_INT, "int"},
#endif
  };
  return all;
}

std::vector<Board> boards(const std::string& numbers) {
  std::vector<Board> chosen;
  std::ranges::copy_if(boards(), std::back_inserter(chosen),
                       [&](const Board& board) { return board.numbers == numbers; });
  return chosen;
}

const std::vector<Board>& stress_boards() {
  static const std::vector<Board> all = {
      {"sim_stress", FLASHSTORE_SIM_STRESS},
#ifdef FLASHSTORE_LX106
      {"lx106_stress", FLASHSTORE_LX106_STRESS},
#endif
  };
  return all;
}

std::string board_name(const ::testing::TestParamInfo<Board>& info) {
  return info.param.name;
}

void Device::make_flash() {
  std::string content(4 * kMiB, '\xFF');
  if (!files_.empty()) {
    const std::string files = folder_ / "files";
    std::filesystem::create_directory(files);
    for (const auto& [name, bytes] : files_) {
      write_text(files + "/" + name, bytes);
    }
    run_or_throw(
        {LILOTAFS_IMG, "-q", "pack", "-s", kFilesBytes, "-o", folder_ / "files.img", files});
    const std::string image = read_text(folder_ / "files.img");
    if (image.size() != 3 * kMiB - kSystemBytes) {
      throw std::runtime_error("not the size of the default partition");
    }
    content.replace(kMiB, image.size(), image);
  }
  set_flash(content);
}

ProcessResult Device::boot(const std::string& typed, const std::vector<std::string>& options) {
  if (!std::filesystem::exists(folder_ / "flash")) {
    make_flash();
  }
  write_text(folder_ / "typed", typed);
  std::vector<std::string> words = {board_.program, "--flash", folder_ / "flash", "--report",
                                    folder_ / "report"};
  words.insert(words.end(), options.begin(), options.end());
  words.push_back(folder_ / "typed");
  ProcessOptions process;
  if (std::getenv("FLASHSTORE_DEEP") != nullptr) {
    process.seconds = 600;  // some programs are only run then because they take minutes
  }
  return run_process(words, process);
}

std::string Device::flash() {
  return read_text(folder_ / "flash");
}

void Device::set_flash(const std::string& content) {
  write_text(folder_ / "flash", content);
}

unsigned long Device::reported(const std::string& key) const {
  std::istringstream report(read_text(folder_ / "report"));
  std::string name;
  unsigned long value = 0;
  while (report >> name >> value) {
    if (name == key) {
      return value;
    }
  }
  throw std::runtime_error("not reported: " + key);
}

std::string printed_by(const std::string& program, const std::string& output) {
  const size_t begin = output.find(program + "\n");
  const size_t end = output.rfind("> ");
  return begin == std::string::npos || end < begin
             ? output
             : output.substr(begin + program.size() + 1, end - begin - program.size() - 1);
}

std::string make_image(const std::map<std::string, std::string>& modules,
                       const std::string& numbers) {
  const TemporaryFolder folder;
  std::vector<std::string> words = {LUAC_CROSS, "--target", numbers, "-f", "-o", folder / "image"};
  for (const auto& [name, source] : modules) {
    write_text(folder / (name + ".lua"), source);
    words.push_back(name + ".lua");
  }
  ProcessOptions options;
  options.directory = folder.path();
  run_or_throw(words, options);
  return read_text(folder / "image");
}

const std::string& application_image(const std::string& numbers) {
  static std::map<std::string, std::string> images;
  std::string& image = images[numbers];
  if (image.empty()) {
    std::map<std::string, std::string> modules;
    for (const auto& entry : std::filesystem::directory_iterator(APPLICATION)) {
      if (entry.path().extension() == ".lua") {
        modules[entry.path().stem()] = read_text(entry.path());
      }
    }
    image = make_image(modules, numbers);
  }
  return image;
}

}  // namespace flashstore::test
