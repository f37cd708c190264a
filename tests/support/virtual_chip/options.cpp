#include "support/virtual_chip/options.h"

#include <getopt.h>

#include <bit>
#include <stdexcept>

#include "host/numbers.h"

namespace flashstore::virtual_chip {

const char kHelp[] =
    R"(Usage: virtual-chip [options]
       virtual-chip [options] -- COMMAND [ARGUMENT...]

A chip on a pseudo-terminal, for clients of Espressif's loader protocol. Prints the terminal's name and
serves until it is killed; or runs COMMAND, which finds the name in $PORT, and ends with its exit status.
Closing the terminal takes the power off the chip.

  --chip NAME          esp8266 (default) or esp32
  --mac ADDRESS        default 5c:cf:7f:00:00:01
  --flash FILE         content of the flash chip, kept up to date; made if it does not exist
  --flash-size BYTES   of a chip that is made (default 4M), a power of two; K and M may follow
  --log FILE           what happens, one JSON object a line; appended
  --link PATH          a symbolic link to the terminal, removed at the end
  --app COMMAND        of the shell: what runs when the loader does not. It starts when a client opens the
                       terminal, and ends when one sends SYNC, as if that had pulled the boot pin low;
                       after that it starts when another client sends something else.
  --fault FAULT        may be repeated. Commands and bytes are counted over all power cycles.
                         nak=FLASH_DATA:2     the second FLASH_DATA is refused; 2x3: and two more
                         lose-reply=FLASH_DATA:2, silence=SYNC:1   (silence: until the next power cycle)
                         cut=70000            the power goes before programmed byte 70000 (from 0)
                         cut-erase=3          the power goes in erase 3 (from 0)
                         weak=0x1000          bit 0 of this byte reads wrong
                         max-baud=460800      the line is noise above
  --help

Exit status: that of COMMAND; 2 usage; 3 a file; 87 a rule of flash was broken.
)";

namespace {

constexpr uint32_t kSmallestFlash = 64 << 10;

Mac parse_mac(const std::string& text) {
  Mac mac{};
  if (text.size() != 17) {
    throw std::invalid_argument("--mac " + text + ": not as 5c:cf:7f:00:00:01");
  }
  for (size_t i = 0; i < mac.size(); ++i) {
    const auto byte = host::parse_number("0x" + text.substr(i * 3, 2), false);
    if (!byte || (i > 0 && text[i * 3 - 1] != ':')) {
      throw std::invalid_argument("--mac " + text + ": not as 5c:cf:7f:00:00:01");
    }
    mac[i] = static_cast<uint8_t>(*byte);
  }
  return mac;
}

Kind parse_kind(const std::string& text) {
  if (text == "esp8266") {
    return Kind::kEsp8266;
  }
  if (text == "esp32") {
    return Kind::kEsp32;
  }
  throw std::invalid_argument("--chip " + text + ": esp8266 or esp32");
}

uint32_t parse_size(const std::string& text) {
  const auto size = host::parse_number(text, true);
  if (!size || !std::has_single_bit(*size) || *size < kSmallestFlash) {
    throw std::invalid_argument("--flash-size " + text + ": a power of two from 64K on");
  }
  return *size;
}

}  // namespace

Options parse_options(int argc, char** argv) {
  static const option kLong[] = {
      {"chip", required_argument, nullptr, 'c'},  {"mac", required_argument, nullptr, 'm'},
      {"flash", required_argument, nullptr, 'f'}, {"flash-size", required_argument, nullptr, 's'},
      {"log", required_argument, nullptr, 'l'},   {"link", required_argument, nullptr, 'k'},
      {"app", required_argument, nullptr, 'a'},   {"fault", required_argument, nullptr, 'x'},
      {"help", no_argument, nullptr, 'h'},        {nullptr, 0, nullptr, 0},
  };
  Options options;
  opterr = 0;
  int what = 0;
  while ((what = getopt_long(argc, argv, "+:", kLong, nullptr)) != -1) {
    switch (what) {
      case 'c':
        options.chip.kind = parse_kind(optarg);
        break;
      case 'm':
        options.chip.mac = parse_mac(optarg);
        break;
      case 'f':
        options.flash = optarg;
        break;
      case 's':
        options.flash_bytes = parse_size(optarg);
        break;
      case 'l':
        options.log = optarg;
        break;
      case 'k':
        options.link = optarg;
        break;
      case 'a':
        options.app = optarg;
        options.chip.has_app = !options.app.empty();
        break;
      case 'x':
        add_fault(options.chip.faults, optarg);
        break;
      case 'h':
        options.help = true;
        return options;
      default:
        throw std::invalid_argument(std::string(argv[optind - 1]) +
                                    (what == ':' ? ": needs a value" : ": unknown option"));
    }
  }
  options.command.assign(argv + optind, argv + argc);
  return options;
}

}  // namespace flashstore::virtual_chip
