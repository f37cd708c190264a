#include "support/virtual_chip/loader.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace flashstore::virtual_chip {
namespace {

// How often a chip says the same where its client may still be finding the rate of the line.
constexpr int kRepeats = 8;
constexpr std::string_view kHello = "OHAI";
constexpr size_t kDataHeader = 16;  // length, number, two unused words

// Of a block of data: its length and checksum are right.
Refusal check_block(const Request& request) {
  if (request.data.size() < kDataHeader || request.word(0) != request.data.size() - kDataHeader) {
    return Refusal::kLength;
  }
  return checksum(request.data.subspan(kDataHeader)) == request.check ? Refusal::kNone
                                                                      : Refusal::kChecksum;
}

// How many sectors the ROM erases where `count` from the sector `first` on are asked for. Up to the
// end of the 64 KiB block it erases two for each: a defect its clients know.
uint32_t esp8266_rom_sectors(uint32_t first, uint32_t count) {
  constexpr uint32_t kSectorsPerBlock = 16;
  const uint32_t to_block_end = kSectorsPerBlock - first % kSectorsPerBlock;
  return count + std::min(count, to_block_end);
}

}  // namespace

void Loader::boot(Mode mode) {
  mode_ = mode;
  reader_.stop();
  writer_.abandon();
  late_ = Refusal::kNone;
  registers_.reset();
  set_baud(kBootBaud);
}

void Loader::set_baud(uint32_t baud) {
  baud_ = baud;
  registers_.set_baud(baud);
}

void Loader::reply(const Request& request, Bytes& line, Refusal refusal,
                   std::span<const uint8_t> data, uint32_t value) {
  if (!flash_.has_power()) {
    return;  // it went while the command was carried out
  }
  const bool long_status = kind_ == Kind::kEsp32 && !is_stub();
  const size_t body = data.size() + (long_status ? 4 : 2);
  Bytes frame = {1, static_cast<uint8_t>(request.op), static_cast<uint8_t>(body),
                 static_cast<uint8_t>(body >> 8)};
  frame.resize(8);
  core::store_word(frame, 4, value);
  frame.insert(frame.end(), data.begin(), data.end());
  const uint8_t error = error_code(refusal, mode_);
  frame.push_back(error == 0 ? 0 : 1);
  frame.push_back(error);
  frame.resize(8 + body);
  append_frame(line, frame);
}

void Loader::refuse(Op op, Refusal refusal, Bytes& line) {
  if (refusal == Refusal::kUnknownCommand && !is_stub()) {
    for (int i = 0; i < kRepeats; ++i) {
      reply({static_cast<Op>(0), 0, {}}, line, refusal);
    }
    return;
  }
  reply({op, 0, {}}, line, refusal);
}

void Loader::handle(const Request& request, Bytes& line) {
  if (!has_command(request.op, kind_, mode_)) {
    refuse(request.op, Refusal::kUnknownCommand, line);
    return;
  }
  switch (request.op) {
    case Op::kSync:
      sync(request, line);
      break;
    case Op::kReadReg:
      if (request.words() == 1) {
        reply(request, line, Refusal::kNone, {}, registers_.read(request.word(0)));
      } else {
        refuse(request.op, Refusal::kLength, line);
      }
      break;
    case Op::kWriteReg:
      reply(request, line, write_registers(request));
      break;
    case Op::kMemBegin:
      reply(request, line, request.words() == 4 ? Refusal::kNone : Refusal::kLength);
      break;
    case Op::kMemData:
      reply(request, line, check_block(request));
      break;
    case Op::kMemEnd:
      start_memory(request, line);
      break;
    case Op::kFlashBegin:
    case Op::kFlashDeflBegin:
      reply(request, line, begin_flash(request, request.op == Op::kFlashDeflBegin));
      break;
    case Op::kFlashData:
    case Op::kFlashDeflData:
      write_flash(request, line);
      break;
    case Op::kFlashEnd:
    case Op::kFlashDeflEnd:
      end_flash(request, line);
      break;
    case Op::kSpiSetParams:
      reply(request, line, request.words() == 6 ? Refusal::kNone : Refusal::kLength);
      break;
    case Op::kSpiAttach:
      reply(request, line,
            request.words() == (is_stub() ? 1 : 2) ? Refusal::kNone : Refusal::kLength);
      break;
    case Op::kReadFlashSlow:
      read_slowly(request, line);
      break;
    case Op::kChangeBaudrate:
      change_baud(request, line);
      break;
    case Op::kSpiFlashMd5:
      digest(request, line);
      break;
    case Op::kEraseFlash:
      flash_.erase_sectors(0, flash_.size() / SpiFlash::kSectorBytes);
      reply(request, line);
      break;
    case Op::kEraseRegion:
      reply(request, line, erase_region(request));
      break;
    case Op::kReadFlash:
      start_reading(request, line);
      break;
    case Op::kRunUserCode:
      boot(Mode::kApp);
      break;
  }
}

void Loader::sync(const Request& request, Bytes& line) {
  constexpr uint32_t kFromRom = 0x20120707;  // the client's own words come back
  for (int i = 0; i < kRepeats; ++i) {
    reply(request, line, Refusal::kNone, {}, is_stub() ? 0 : kFromRom);
  }
}

Refusal Loader::write_registers(const Request& request) {
  constexpr size_t kWords = 4;  // address, value, mask, delay in microseconds
  if (request.data.empty() || request.data.size() % (kWords * 4) != 0) {
    return Refusal::kLength;
  }
  for (size_t i = 0; i < request.words(); i += kWords) {
    registers_.write(request.word(i), request.word(i + 1), request.word(i + 2));
  }
  return Refusal::kNone;
}

void Loader::start_memory(const Request& request, Bytes& line) {
  if (request.words() != 2) {
    refuse(request.op, Refusal::kLength, line);
    return;
  }
  reply(request, line);
  const bool runs = request.word(0) == 0;
  if (runs) {
    // Whatever was loaded, it can only be the stub: the code is not executed.
    mode_ = Mode::kStub;
    append_frame(line, {reinterpret_cast<const uint8_t*>(kHello.data()), kHello.size()});
  }
}

void Loader::erase_by_rom(uint32_t offset, uint32_t bytes) {
  const uint32_t first = offset / SpiFlash::kSectorBytes;
  uint32_t count = (bytes + SpiFlash::kSectorBytes - 1) / SpiFlash::kSectorBytes;
  if (kind_ == Kind::kEsp8266) {
    count = esp8266_rom_sectors(first, count);
  }
  count = std::min(count, flash_.size() / SpiFlash::kSectorBytes - first);
  flash_.erase_sectors(first * SpiFlash::kSectorBytes, count);
}

Refusal Loader::begin_flash(const Request& request, bool deflated) {
  // Clients from 5.0 on tell stubs in a fifth word whether to encrypt.
  if (request.words() != 4 && !(request.words() == 5 && is_stub())) {
    return Refusal::kLength;
  }
  FlashWriter::Plan plan = {.offset = request.word(3),
                            .bytes = request.word(0),
                            .blocks = request.word(1),
                            .block_bytes = request.word(2),
                            .deflated = deflated,
                            .erases = is_stub()};
  late_ = Refusal::kNone;
  if (!flash_.holds(plan.offset, plan.bytes)) {
    return Refusal::kOutOfRange;
  }
  if (!is_stub() && plan.bytes > 0) {
    erase_by_rom(plan.offset, plan.bytes);
  }
  if (!is_stub() && !deflated) {
    // What the ROM erases and what it then writes are two things; the last block is padded.
    const uint64_t blocks = uint64_t{plan.blocks} * plan.block_bytes;
    plan.bytes = static_cast<uint32_t>(std::min<uint64_t>(blocks, flash_.size() - plan.offset));
  }
  writer_.begin(plan);
  return Refusal::kNone;
}

void Loader::write_flash(const Request& request, Bytes& line) {
  Refusal refusal = std::exchange(late_, Refusal::kNone);
  if (refusal == Refusal::kNone) {
    refusal = check_block(request);
  }
  if (refusal != Refusal::kNone) {
    refuse(request.op, refusal, line);
    return;
  }
  const uint32_t sequence = request.word(1);
  const auto block = request.data.subspan(kDataHeader);
  refusal = writer_.check(sequence, block);
  if (is_stub()) {
    reply(request, line, refusal);
    if (refusal == Refusal::kNone) {
      late_ = writer_.write(sequence, block);
    }
  } else {
    reply(request, line, refusal == Refusal::kNone ? writer_.write(sequence, block) : refusal);
  }
}

void Loader::end_flash(const Request& request, Bytes& line) {
  if (request.words() != 1) {
    refuse(request.op, Refusal::kLength, line);
    return;
  }
  const Refusal late = std::exchange(late_, Refusal::kNone);
  const Refusal refusal = late == Refusal::kNone ? writer_.end() : late;
  reply(request, line, refusal);
  const bool reboots = request.word(0) == 0;
  if (refusal != Refusal::kNone) {
    return;
  }
  if (reboots) {
    boot(Mode::kRom);  // such a reset does not look at the boot pin again
  } else if (!is_stub()) {
    boot(Mode::kApp);
  }
}

Refusal Loader::erase_region(const Request& request) {
  if (request.words() != 2) {
    return Refusal::kLength;
  }
  const uint32_t address = request.word(0);
  const uint32_t bytes = request.word(1);
  if ((address | bytes) % SpiFlash::kSectorBytes != 0 || !flash_.holds(address, bytes)) {
    return Refusal::kOutOfRange;
  }
  flash_.erase_sectors(address, bytes / SpiFlash::kSectorBytes);
  return Refusal::kNone;
}

void Loader::read_slowly(const Request& request, Bytes& line) {
  constexpr uint32_t kMost = 64;  // and always as many
  if (request.words() != 2 || request.word(1) > kMost) {
    refuse(request.op, Refusal::kLength, line);
  } else if (!flash_.holds(request.word(0), request.word(1))) {
    refuse(request.op, Refusal::kOutOfRange, line);
  } else {
    Bytes data = flash_.read(request.word(0), request.word(1));
    data.resize(kMost);
    reply(request, line, Refusal::kNone, data);
  }
}

void Loader::digest(const Request& request, Bytes& line) {
  if (request.words() != 4) {
    refuse(request.op, Refusal::kLength, line);
    return;
  }
  if (!flash_.holds(request.word(0), request.word(1))) {
    refuse(request.op, Refusal::kOutOfRange, line);
    return;
  }
  const auto md5 = flash_.md5(request.word(0), request.word(1));
  if (is_stub()) {
    reply(request, line, Refusal::kNone, md5);
    return;
  }
  constexpr char kDigits[] = "0123456789abcdef";
  Bytes text;
  for (const uint8_t byte : md5) {
    text.push_back(static_cast<uint8_t>(kDigits[byte >> 4]));
    text.push_back(static_cast<uint8_t>(kDigits[byte & 15]));
  }
  reply(request, line, Refusal::kNone, text);
}

void Loader::start_reading(const Request& request, Bytes& line) {
  if (request.words() != 4 || request.word(2) == 0 || request.word(3) == 0) {
    refuse(request.op, Refusal::kLength, line);
  } else if (!flash_.holds(request.word(0), request.word(1))) {
    refuse(request.op, Refusal::kOutOfRange, line);
  } else {
    reply(request, line);
    reader_.begin(request.word(0), request.word(1), request.word(2), request.word(3));
    reader_.send(line);
  }
}

void Loader::change_baud(const Request& request, Bytes& line) {
  if (request.words() != 2 || request.word(0) == 0) {
    refuse(request.op, Refusal::kLength, line);
    return;
  }
  reply(request, line);
  set_baud(request.word(0));
}

}  // namespace flashstore::virtual_chip
