#include "support/virtual_chip/chip.h"

#include <utility>

namespace flashstore::virtual_chip {

Chip::Chip(const ChipOptions& options, SpiFlash& flash, Log& log)
    : options_(options),
      flash_(flash),
      log_(log),
      registers_(options.kind, options.mac, flash),
      loader_(options.kind, registers_, flash),
      faults_(options.faults.commands) {
  power_cycle();
}

void Chip::power_cycle() {
  flash_.power_cycle();
  loader_.boot(options_.has_app ? Mode::kApp : Mode::kRom);
  decoder_.reset();
  output_.clear();
  app_input_.clear();
  held_.clear();
  synced_ = false;
  silent_ = false;
  log_.write("power", {{"state", "on"}, {"mode", name(mode())}});
}

Bytes Chip::take_output() {
  return std::exchange(output_, {});
}

Bytes Chip::take_app_input() {
  return std::exchange(app_input_, {});
}

bool Chip::hears(uint32_t baud) {
  if (baud > options_.faults.max_baud) {
    return false;
  }
  if (mode() == Mode::kApp || (mode() == Mode::kRom && !synced_)) {
    return true;
  }
  constexpr uint32_t kTolerance = 50;  // a fiftieth: so far apart may two ends of a line be
  const uint32_t own = loader_.baud();
  return (baud > own ? baud - own : own - baud) <= own / kTolerance;
}

void Chip::receive(std::span<const uint8_t> bytes, uint32_t baud) {
  if (!flash_.has_power() || silent_) {
    return;
  }
  if (!hears(baud)) {
    log_.write("noise", {{"bytes", bytes.size()}, {"line", baud}, {"chip", loader_.baud()}});
    decoder_.reset();
    return;
  }
  line_baud_ = baud;
  for (const uint8_t byte : bytes) {
    if (mode() == Mode::kApp) {
      receive_for_app(byte);
    } else if (const auto frame = decoder_.push(byte)) {
      receive_frame(*frame);
    }
    if (!flash_.has_power() || silent_) {
      return;
    }
  }
}

void Chip::receive_for_app(uint8_t byte) {
  held_.push_back(byte);
  const auto frame = decoder_.push(byte);
  if (frame && is_sync(*frame)) {
    held_.clear();
    app_input_.clear();
    flash_.reload();
    loader_.boot(Mode::kRom);
    note_mode(Mode::kApp);
    receive_frame(*frame);
    return;
  }
  constexpr size_t kLongestSync = 2 * (8 + 36) + 2;
  if (!decoder_.in_frame() || held_.size() > kLongestSync) {
    app_input_.insert(app_input_.end(), held_.begin(), held_.end());
    held_.clear();
    decoder_.reset();
  }
}

void Chip::receive_frame(std::span<const uint8_t> frame) {
  if (mode() == Mode::kRom && !synced_ && is_sync(frame)) {
    synced_ = true;
    loader_.set_baud(line_baud_);
  }
  if (loader_.reader().is_active() && !is_sync(frame)) {
    loader_.reader().confirm(frame);
    loader_.reader().send(output_);
    return;
  }
  loader_.reader().stop();
  if (const auto request = parse_request(frame)) {
    carry_out(*request);
  }
}

void Chip::carry_out(const Request& request) {
  log_.write("command", {{"mode", name(mode())},
                         {"op", name(request.op)},
                         {"code", uint64_t{static_cast<uint8_t>(request.op)}},
                         {"bytes", request.data.size()}});
  const auto fault = faults_.next(request.op);
  if (fault) {
    log_.write("fault", {{"fault", name(*fault)}, {"op", name(request.op)}});
  }
  if (fault == FaultKind::kSilence) {
    silent_ = true;
    return;
  }
  if (fault == FaultKind::kNak) {
    loader_.refuse(request.op, Refusal::kInjected, output_);
    return;
  }
  const Mode before = mode();
  const uint32_t baud = loader_.baud();
  Bytes replies;
  loader_.handle(request, replies);
  if (fault != FaultKind::kLoseReply) {
    output_.insert(output_.end(), replies.begin(), replies.end());
  }
  note_mode(before);
  if (loader_.baud() != baud && mode() == before) {
    log_.write("baud", {{"rate", loader_.baud()}});
  }
}

void Chip::note_mode(Mode before) {
  if (mode() == before) {
    return;
  }
  if (mode() == Mode::kApp && !options_.has_app) {
    loader_.boot(Mode::kRom);
    synced_ = false;
  }
  synced_ = synced_ && mode() != Mode::kApp;
  log_.write("mode", {{"mode", name(mode())}});
}

}  // namespace flashstore::virtual_chip
