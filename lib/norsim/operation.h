// What changes the bytes of a chip.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "norsim/contents.h"

namespace flashstore::norsim {

struct Operation {
  enum class Kind : uint8_t { kProgram, kErase };

  Kind kind = Kind::kProgram;
  uint32_t address = 0;            // of an erase: where the sector begins
  std::span<const uint8_t> bytes;  // of a program; memory of the one who programs
};

void perform(Contents& contents, const Operation& operation);

// Is told of every operation of a chip.
class Watcher {
 public:
  // The operation comes next; `number` counts those since power came, from 0. Both references are
  // good only during the call.
  virtual void before(uint32_t number, const Operation& operation, const Contents& contents) = 0;

 protected:
  ~Watcher() = default;
};

// Keeps all operations.
class OperationLog final : public Watcher {
 public:
  struct Entry {
    Operation::Kind kind;
    uint32_t address;
    std::vector<uint8_t> bytes;
    bool operator==(const Entry&) const = default;
  };

  void before(uint32_t number, const Operation& operation, const Contents& contents) override;

  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

// One line: "program 0x1000: a5 5a fe", "erase 0x2000". Of a long program the first 16 bytes.
std::string to_string(const OperationLog::Entry& entry);

}  // namespace flashstore::norsim
