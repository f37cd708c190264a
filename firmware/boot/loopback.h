// A network of one device: its programs reach one another at any port. What is on its way lies in
// the device's heap, as on a chip.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "board/network.h"
#include "boot/heap.h"

namespace flashstore::firmware {

class Loopback final : public board::Network {
 public:
  // The heap outlives it.
  explicit Loopback(Heap& heap) : heap_(heap) {}

  core::Result<int, board::NetError> listen(board::Endpoint at) override;
  core::Result<int, board::NetError> connect(board::Endpoint to) override;
  board::NetError send(int socket, std::span<const uint8_t> bytes) override;
  std::span<const uint8_t> received(int socket) override;
  void take(int socket, uint32_t bytes) override;
  void hold(int socket, bool held) override;
  void close(int socket) override;
  void abort(int socket) override;
  board::Endpoint local(int socket) override;
  board::Endpoint peer(int socket) override;

 private:
  static constexpr int8_t kNone = -1;

  // One side of a connection, or a port somebody listens at.
  struct End {
    enum class State : uint8_t { kFree, kListening, kConnecting, kConnected, kOpen, kOver };

    State state = State::kFree;
    board::NetError error = board::NetError::kOk;  // why there is no other side any more
    int8_t other = kNone;
    bool held = false;
    bool owes_sent = false;  // the other side has not yet taken what was sent
    uint16_t port = 0;
    uint16_t other_port = 0;
    uint16_t waiting = 0;      // bytes received and not yet taken, ...
    uint8_t* bytes = nullptr;  // ... a block of the heap
  };

  int find_free() const;
  int find_listener(uint16_t port) const;
  uint16_t any_port();
  bool resize(End& end, uint32_t bytes);
  void leave(int socket, board::NetError error);
  board::NetEvent answer(int socket);
  board::NetEvent event_of(int socket) override;

  Heap& heap_;
  std::array<End, board::kSockets> ends_{};
  uint16_t next_port_ = 0;
};

}  // namespace flashstore::firmware
