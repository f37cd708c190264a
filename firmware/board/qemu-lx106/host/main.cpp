// flashstore-lx106: an emulated ESP8266 that runs Lua out of its flash. Prepares the files and
// becomes the emulator, whose exit status is the board's.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "board/exit_status.h"
#include "board/failure.h"
#include "board/qemu-lx106/host/options.h"
#include "core/nor_flash.h"
#include "partition/firmware_format.h"
#include "partition/format.h"

namespace flashstore::lx106 {
namespace {

constexpr off_t kMaxChipBytes = off_t{16} << 20;

[[noreturn]] void fail(const std::string& what, int error = errno) {
  throw board::Failure{board::kEnvironment, what + ": " + std::strerror(error)};
}

// The emulator gets descriptors, not names: these stay open when it starts.
int open_for_board(const std::string& path, int flags) {
  const int file = open(path.c_str(), flags, 0666);
  if (file < 0) {
    fail(path);
  }
  return file;
}

off_t size_of(int file) {
  struct stat status {};
  fstat(file, &status);
  return status.st_size;
}

std::vector<uint8_t> read_all(const std::string& path) {
  const int file = open_for_board(path, O_RDONLY | O_CLOEXEC);
  std::vector<uint8_t> bytes(static_cast<size_t>(size_of(file)));
  if (pread(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    fail(path);
  }
  close(file);
  return bytes;
}

// Descriptor of the flash file; one that is not there yet becomes a blank chip.
class FlashFile {
 public:
  FlashFile(const std::string& path, uint32_t bytes)
      : path_(path), file_(open_for_board(path, O_RDWR | O_CREAT)) {
    if (size_of(file_) == 0) {
      put(0, std::vector<uint8_t>(bytes, 0xFF));
    }
    const off_t size = size_of(file_);
    if (size < off_t{partition::kMinFlashBytes} || size > kMaxChipBytes ||
        size % core::NorFlash::kSectorBytes != 0) {
      throw board::Failure{
          board::kEnvironment,
          path + ": " + std::to_string(size) + " bytes are not the content of a flash chip",
          "1 MiB to 16 MiB, whole sectors of 4 KiB"};
    }
  }

  int descriptor() const { return file_; }

  // A chip that nothing boots from gets the firmware. What lies between its two parts, the
  // partition page, stays as it is.
  void provide_firmware(const std::string& firmware_file) {
    const std::vector<uint8_t> firmware = read_all(firmware_file);
    const auto loaded = std::span(firmware).first(partition::kPageAddress);
    const auto text = std::span(firmware).subspan(partition::kMarkOffset);
    if (!is_blank(0, 1)) {
      return;
    }
    if (!is_blank(0, loaded.size()) || !is_blank(partition::kMarkOffset, text.size())) {
      throw board::Failure{board::kEnvironment, path_ + ": no firmware, and no place for one",
                           "a firmware takes 0 to 0xffff and 0x12000 to " +
                               std::to_string(partition::kMarkOffset + text.size())};
    }
    put(0, loaded);
    put(partition::kMarkOffset, text);
  }

 private:
  bool is_blank(uint32_t address, size_t bytes) const {
    std::vector<uint8_t> found(bytes);
    return pread(file_, found.data(), bytes, address) == static_cast<ssize_t>(bytes) &&
           std::ranges::all_of(found, [](uint8_t byte) { return byte == 0xFF; });
  }

  void put(uint32_t address, std::span<const uint8_t> bytes) {
    if (pwrite(file_, bytes.data(), bytes.size(), address) != static_cast<ssize_t>(bytes.size())) {
      fail(path_);
    }
  }

  std::string path_;
  int file_;
};

// Where the build puts what belongs to this program.
std::string part(const std::string& name) {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path() / "firmware" /
         name;
}

std::vector<std::string> emulator_words(const Options& options, bool is_script) {
  FlashFile flash(options.device.flash, options.device.size);
  flash.provide_firmware(part(FIRMWARE));
  const int retained = open_for_board(options.device.flash + ".retained", O_RDWR | O_CREAT);
  const std::string& report_file = options.device.report;
  const int report =
      open_for_board(report_file.empty() ? "/dev/null" : report_file, O_WRONLY | O_CREAT | O_TRUNC);
  std::string board = "enable=on,target=native,arg=" FIRMWARE;
  // As arguments.h takes them apart.
  for (const uint32_t number :
       {static_cast<uint32_t>(flash.descriptor()), uint32_t(retained), uint32_t(report),
        options.device.heap.value_or(board::kDeviceHeap),
        options.device.cut_after.value_or(UINT32_MAX), uint32_t{is_script}}) {
    board += ",arg=" + std::to_string(number);
  }
  return {"qemu-system-xtensa",
          "-M",
          "sim",
          "-cpu",
          "lx106",
          "-nodefaults",
          "-display",
          "none",
          "-monitor",
          "none",
          "-serial",
          "none",
          "-semihosting-config",
          board,
          "-plugin",
          part("watch-flash.so") + ",report=" + std::to_string(report),
          "-kernel",
          part("lx106-rom.elf")};
}

[[noreturn]] void become(const std::vector<std::string>& words) {
  std::vector<char*> arguments;
  for (const std::string& word : words) {
    arguments.push_back(const_cast<char*>(word.c_str()));
  }
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::fprintf(stderr, "flashstore-lx106: error: %s: %s\n", arguments[0], std::strerror(errno));
  std::fprintf(stderr, "flashstore-lx106: note: scripts/setup installs it\n");
  _exit(board::kEnvironment);
}

// The board echoes what is typed; the terminal must not, and must not wait for whole lines.
int run_on_terminal(const std::vector<std::string>& words) {
  termios saved{};
  tcgetattr(STDIN_FILENO, &saved);
  termios settings = saved;
  settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  tcsetattr(STDIN_FILENO, TCSANOW, &settings);
  const pid_t child = fork();
  if (child == 0) {
    become(words);
  }
  std::signal(SIGINT, SIG_IGN);  // meant for the emulator
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) {
    fail("cannot run the emulator");
  }
  tcsetattr(STDIN_FILENO, TCSANOW, &saved);
  return WIFEXITED(status) ? WEXITSTATUS(status) : board::kEnvironment;
}

int run(const Options& options) {
  if (!options.script.empty()) {
    dup2(open_for_board(options.script, O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  }
  struct stat input {};
  const bool is_script = fstat(STDIN_FILENO, &input) == 0 && S_ISREG(input.st_mode);
  const std::vector<std::string> words = emulator_words(options, is_script);
  if (isatty(STDIN_FILENO) == 1) {
    return run_on_terminal(words);
  }
  become(words);
}

}  // namespace
}  // namespace flashstore::lx106

int main(int argc, char** argv) {
  using namespace flashstore::lx106;
  try {
    const Options options = parse_options(argc, argv);
    if (options.device.help) {
      std::fputs(kHelp, stdout);
      return flashstore::board::kOk;
    }
    return run(options);
  } catch (const flashstore::board::Failure& failure) {
    return flashstore::board::report("flashstore-lx106", failure);
  }
}
