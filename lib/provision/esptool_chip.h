// A real chip behind a serial port, by way of esptool: a process for each call, through esptool's
// stub if it may. An ESP8266 cannot do without (no_stub.h). esptool programs a sector from its
// first byte on; where it can, it leaves alone what is there already.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "provision/chip.h"
#include "provision/esptool.h"
#include "provision/esptool_failure.h"

namespace flashstore::provision {

struct EsptoolLine {
  std::string port;
  std::string chip = "esp8266";  // as esptool calls it
  std::vector<uint32_t> bauds;   // tried in this order, one less after each failure; not empty
  uint32_t tries = 1;            // of each call that did not get anywhere
  std::optional<uint32_t> seconds = {};  // a call may take; empty: as its bytes and the line need
  std::string mac = {};                  // the only device wanted; empty: any
  bool stub = true;                      // false: an ESP32's ROM does it all, slowly
};

// What is told of while it happens; each may be empty.
struct EsptoolHost {
  std::function<void(const Diagnostic& why, uint32_t baud)> retry = {};
  std::function<void(uint32_t address, uint32_t percent)> progress = {};
};

struct DeviceIdentity {
  std::string chip;          // "ESP8266EX"
  std::string mac;           // "5c:cf:7f:00:00:01"
  uint32_t flash_bytes = 0;  // 0: esptool does not know this flash
};

class EsptoolChip final : public Chip {
 public:
  EsptoolChip(Esptool esptool, EsptoolLine line, EsptoolHost host);
  EsptoolChip(const EsptoolChip&) = delete;
  EsptoolChip& operator=(const EsptoolChip&) = delete;
  ~EsptoolChip();

  // Asks the device who it is, once. Reasons: other-device, and those of esptool_failure.cpp.
  std::optional<Problem> identify();
  const DeviceIdentity& identity() const { return identity_; }
  // From now on, unless there are none.
  void use_bauds(const std::vector<uint32_t>& bauds);
  uint32_t baud() const { return line_.bauds[rung_]; }

  std::optional<Problem> open(uint32_t flash_bytes) override;
  core::Result<std::vector<uint8_t>, Problem> read(uint32_t address, uint32_t bytes) override;
  std::optional<Problem> erase(uint32_t address, uint32_t bytes) override;
  // Tries again with the first piece that is not there: what is complete stays so.
  std::optional<Problem> write(std::span<const Piece> pieces,
                               const std::function<void(size_t)>& verified) override;
  core::Result<bool, Problem> holds(const Piece& piece) override;
  core::Result<bool, Problem> holds_all(std::span<const Piece> pieces) override;
  std::optional<Problem> start() override;

 private:
  using Words = std::vector<std::string>;

  // One process. The chip stays in its loader, unless it is to start: what half a plan has left
  // must not run.
  host::ChildResult run(const std::string& verb, const Words& words, uint64_t bytes, bool start);
  // The same until it is done, or another try is of no use.
  core::Result<std::string, EsptoolFailure> call(const std::string& verb, const Words& words,
                                                 uint64_t bytes = 0, bool start = false);
  std::optional<Problem> write_all(std::span<const Piece> pieces,
                                   const std::function<void(size_t)>& verified);
  // What to do about a failure for the `tries`th time: whether to try again.
  bool tries_again(const EsptoolFailure& failure, uint32_t tries);
  // Addresses and files of the pieces.
  core::Result<Words, Problem> files_of(std::span<const Piece> pieces);
  std::optional<Problem> make_folder();

  Esptool esptool_;
  EsptoolLine line_;
  EsptoolHost host_;
  size_t rung_ = 0;                                   // in line_.bauds
  std::function<void(uint32_t address)> writing_at_;  // while it writes
  std::string folder_;
  bool is_identified_ = false;
  DeviceIdentity identity_;
};

}  // namespace flashstore::provision
