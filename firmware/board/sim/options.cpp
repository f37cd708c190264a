#include "options.h"

#include <optional>

#include "board/failure.h"

namespace flashstore::sim {

const char kHelp[] =
    R"(Usage: flashstore-sim --flash FILE [options] [SCRIPT]
       flashstore-sim --image FILE [options] MODULE [ARGUMENT...]
       flashstore-sim [--image FILE] [options] --script FILE [ARGUMENT...]

A simulated ESP8266. With --flash it boots from the flash chip whose content is in FILE, and is used
over its console: stdin and stdout, or SCRIPT, whose lines are typed in; "#wait 1500" waits so many
milliseconds. It runs until there is no more input, or until it is reset; what it knows then is in FILE,
and one word in FILE.retained.

With --image or --script it runs one program on a device of its own. The image is an absolute one, made
by luac.cross -a. Either way mapped flash is read-only: any store to it ends the process.

  --flash FILE     content of the flash chip; made if it does not exist
  --size BYTES     of a chip that is made (default 4M); K and M may follow
  --pty            the console is a terminal of its own, whose name is printed; the device starts again
                   after each reset
  --net[=OFFSET]   sockets are the host's, on 127.0.0.1; otherwise the device's programs reach one another
                   alone. OFFSET is added to ports below 1024; without it, all ports are chosen by the
                   host. Which are whose stands on stderr. Time passes as it does, also in a script
  --cut-after N    the power goes instead of program or erase number N (from 0)
  --stale-cache    mapped flash shows what was programmed only after its cache was invalidated
  --image FILE     the image
  --base ADDRESS   where it is mapped: a 4 KiB sector in 0x40200000-0x402fffff (default 0x40210000)
  --script FILE    run this Lua source, compiled into RAM, instead of a module of the image
  --heap BYTES     memory Lua can have (default 44K; for one program 4M)
  --report FILE    write counts of the run there, a line each
  --help

Exit status: 0 no more input, or the program ran to its end; 1 it failed (error and traceback on stderr);
2 usage; 3 a file, or an image the device refuses; 16 power cut; 18 reset after a fault; 20 restart;
87 a rule of flash was broken; 88 something stored into flash (address and pc on stderr).
)";

using board::Failure;

namespace {

constexpr uint32_t kSectorBytes = 4096;

uint32_t parse_base(const char* text) {
  const std::optional<uint32_t> base = board::parse_number(text);
  if (!base || *base - luaflash::kFlashWindow >= luaflash::kFlashWindowBytes ||
      *base % kSectorBytes != 0) {
    throw Failure(board::kUsage,
                  std::string("--base ") + text + ": not a sector in the flash window",
                  "a multiple of 0x1000 from 0x40200000 to 0x402ff000");
  }
  return *base;
}

uint16_t parse_port_offset(const board::OptionReader& reader, const char* text) {
  constexpr uint32_t kMost = 65535 - 1023;
  const uint32_t offset = reader.count("--net", text);
  if (offset > kMost) {
    throw Failure(board::kUsage, std::string("--net=") + text + ": at most 64512");
  }
  return static_cast<uint16_t>(offset);
}

// What may follow the options.
void take_words(const board::OptionReader& reader, Options& options, int argc, char** argv) {
  const int words = argc - optind;
  if (options.boots()) {
    if (!options.image.empty() || !options.script.empty()) {
      reader.refuse("--flash boots a device, --image and --script run one program");
    }
    if (words > 1 || (words == 1 && options.terminal)) {
      reader.refuse("there is one console, and one script for it");
    }
    options.typed = words == 1 ? argv[optind] : "";
    return;
  }
  if (options.script.empty()) {
    if (options.image.empty()) {
      reader.refuse("no flash and no image given");
    }
    if (words == 0) {
      reader.refuse("no module given");
    }
    options.module = argv[optind++];
  }
  options.arguments.assign(argv + optind, argv + argc);
}

}  // namespace

Options parse_options(int argc, char** argv) {
  const board::OptionReader reader("flashstore-sim", {{"pty", no_argument, nullptr, 't'},
                                                      {"net", optional_argument, nullptr, 'n'},
                                                      {"image", required_argument, nullptr, 'i'},
                                                      {"base", required_argument, nullptr, 'b'},
                                                      {"script", required_argument, nullptr, 's'}});
  Options options;
  reader.read(argc, argv, options.device, [&](int what, const char* value) {
    switch (what) {
      case 't':
        options.terminal = true;
        break;
      case 'n':
        options.network = true;
        if (value != nullptr) {
          options.port_offset = parse_port_offset(reader, value);
        }
        break;
      case 'i':
        options.image = value;
        break;
      case 'b':
        options.base = parse_base(value);
        break;
      case 's':
        options.script = value;
        break;
    }
  });
  if (!options.device.help) {
    take_words(reader, options, argc, argv);
  }
  return options;
}

}  // namespace flashstore::sim
