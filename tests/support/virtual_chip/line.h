// A client's end of a chip's line, frame by frame, for tests.
#pragma once

#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "support/virtual_chip/chip.h"

namespace flashstore::virtual_chip {

struct Answer {
  uint32_t value = 0;
  Bytes data;         // without the status
  uint8_t error = 0;  // 0: none
};

class Line {
 public:
  static constexpr uint32_t kFlashBytes = 1 << 20;

  explicit Line(const ChipOptions& options, const std::string& file = "")
      : log_(&events_),
        kind_(options.kind),
        flash_(file, kFlashBytes, options.faults, log_),
        chip_(options, flash_, log_) {}

  // The frames that come back, without their ends.
  std::vector<Bytes> exchange(const Bytes& frame);
  std::vector<Bytes> request(Op op, const Bytes& data, uint32_t check = 0);
  // The one answer to a request; nullopt: there was none. Throws std::logic_error if it is
  // another's.
  std::optional<Answer> ask(Op op, const std::vector<uint32_t>& words);
  std::optional<Answer> send_block(Op op, uint32_t sequence, const Bytes& block);
  std::vector<Bytes> sync();
  void start_stub();

  Chip& chip() { return chip_; }
  SpiFlash& flash() { return flash_; }
  std::string events() const { return events_.str(); }
  void set_baud(uint32_t baud) { baud_ = baud; }

 private:
  std::optional<Answer> answer(Op op, const std::vector<Bytes>& frames) const;

  std::ostringstream events_;
  Log log_;
  Kind kind_;
  SpiFlash flash_;
  Chip chip_;
  uint32_t baud_ = 115'200;
};

Bytes words_to_bytes(const std::vector<uint32_t>& words);
Bytes deflated(const Bytes& bytes);

}  // namespace flashstore::virtual_chip
