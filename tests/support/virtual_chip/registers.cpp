#include "support/virtual_chip/registers.h"

namespace flashstore::virtual_chip {
namespace {

constexpr uint32_t kChipMagic = 0x40001000;
constexpr uint32_t kUartDate = 0x60000078;  // tells chips apart, for older clients

// Of the SPI controller, relative to its base; the data words stand where each chip has them.
constexpr uint32_t kSpiAddress = 0x04;
constexpr uint32_t kSpiCommandWord = 0x24;
constexpr uint32_t kSpiRunUser = uint32_t{1} << 18;

struct Layout {
  uint32_t chip_magic;
  uint32_t uart_date;
  uint32_t uart_divider;
  uint32_t divider_clock;  // Hz, of which the divider makes the rate of the line
  uint32_t spi;
  uint32_t spi_data;
};

constexpr Layout kEsp8266Layout = {0xFFF0C101, 0x00062000, 0x60000014,
                                   52'000'000, 0x60000200, 0x40};
constexpr Layout kEsp32Layout = {0x00F01D83, 0x15122500, 0x3FF40014, 40'000'000, 0x3FF42000, 0x80};

constexpr const Layout& layout(Kind kind) {
  return kind == Kind::kEsp8266 ? kEsp8266Layout : kEsp32Layout;
}

}  // namespace

Registers::Registers(Kind kind, const Mac& mac, SpiFlash& flash)
    : kind_(kind), mac_(mac), flash_(flash) {
  reset();
}

void Registers::reset() {
  const Layout& chip = layout(kind_);
  values_ = {{kChipMagic, chip.chip_magic}, {kUartDate, chip.uart_date}};
  const uint32_t oui = uint32_t{mac_[0]} << 16 | uint32_t{mac_[1]} << 8 | mac_[2];
  if (kind_ == Kind::kEsp8266) {
    values_[0x3FF00050] = uint32_t{mac_[5]} << 24;
    values_[0x3FF00054] = uint32_t{mac_[3]} << 8 | mac_[4];
    values_[0x3FF00058] = 0x00009000;
    values_[0x3FF0005C] = oui;
  } else {
    constexpr uint32_t kEfuses = 0x3FF5A000;
    values_[kEfuses + 4] =
        uint32_t{mac_[2]} << 24 | uint32_t{mac_[3]} << 16 | uint32_t{mac_[4]} << 8 | mac_[5];
    values_[kEfuses + 8] = uint32_t{mac_[0]} << 8 | mac_[1];
    // Revision 3 has a bit in each of three registers.
    values_[kEfuses + 12] = uint32_t{1} << 15;
    values_[kEfuses + 20] = uint32_t{1} << 20;
    values_[0x3FF6607C] = uint32_t{1} << 31;
    // From both the ROM gets the rate of the crystal: 40 MHz.
    values_[kEfuses + 16] = 128;
    values_[0x3FF5F06C] = 800 << 7;
  }
}

uint32_t Registers::canonical(uint32_t address) const {
  if (kind_ == Kind::kEsp32) {
    if (address >= 0x60002000 && address < 0x60002100) {
      return address - 0x60002000 + kEsp32Layout.spi;
    }
    if (address >= 0x6001A000 && address < 0x6001A100) {
      return address - 0x6001A000 + 0x3FF5A000;
    }
  }
  return address;
}

uint32_t Registers::read(uint32_t address) const {
  const auto found = values_.find(canonical(address));
  return found == values_.end() ? 0 : found->second;
}

void Registers::write(uint32_t address, uint32_t value, uint32_t mask) {
  const uint32_t at = canonical(address);
  uint32_t& old = values_[at];
  old = (old & ~mask) | (value & mask);
  if (at == layout(kind_).spi && (old & kSpiRunUser) != 0) {
    run_spi_command();
    old &= ~kSpiRunUser;
  }
}

void Registers::set_baud(uint32_t baud) {
  values_[layout(kind_).uart_divider] = layout(kind_).divider_clock / baud;
}

void Registers::run_spi_command() {
  const Layout& chip = layout(kind_);
  uint32_t& data = values_[chip.spi + chip.spi_data];
  switch (values_[chip.spi + kSpiCommandWord] & 0xFF) {
    case 0x9F:
      data = flash_.jedec_id();
      break;
    case 0x5A:
      data = SpiFlash::sfdp(values_[chip.spi + kSpiAddress] >> 8);
      break;
    case 0x05:  // the three bytes of status: idle, nothing protected
    case 0x15:
    case 0x35:
      data = 0;
      break;
    default:  // reset, sleep, write enable: nothing to see
      break;
  }
}

}  // namespace flashstore::virtual_chip
