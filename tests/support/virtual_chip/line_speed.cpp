// Apart from all else, for the kernel's header and <termios.h> do not go together.
#include "support/virtual_chip/line_speed.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>

namespace flashstore::virtual_chip {

uint32_t line_speed(int terminal) {
  termios2 settings{};
  return ioctl(terminal, TCGETS2, &settings) == 0 ? settings.c_ospeed : 0;
}

}  // namespace flashstore::virtual_chip
