// The network of the simulated board: TCP of the host, on 127.0.0.1 alone.
#pragma once

#include <poll.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "board/network.h"

namespace flashstore::sim {

class HostNetwork final : public board::Network {
 public:
  // The host's ports for those of the device below 1024 are `offset` higher, all others are the
  // same. Without an offset the host chooses. Which it is stands on stderr.
  explicit HostNetwork(std::optional<uint16_t> offset) : offset_(offset) {}
  ~HostNetwork();
  HostNetwork(const HostNetwork&) = delete;
  HostNetwork& operator=(const HostNetwork&) = delete;

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

  // What there is to wait for.
  void add_to(std::vector<pollfd>& waiting) const;

 private:
  enum class State : uint8_t { kFree, kListening, kConnecting, kOpen, kOver, kClosing };

  struct Socket {
    State state = State::kFree;
    int file = -1;
    short ready = 0;  // what poll() said last
    bool held = false;
    bool owes_sent = false;
    bool ended = false;  // nothing more will come, because of ...
    board::NetError error = board::NetError::kOk;
    uint16_t port = 0;  // the device's
    board::Endpoint peer;
    std::string received;    // at most kSegment
    std::string to_be_sent;  // at most kSendBuffer
  };

  int find_free() const;
  core::Result<int, board::NetError> refuse(int file) const;
  uint16_t host_port(uint16_t port) const;
  short interest(const Socket& socket) const;
  void look() override;
  void receive(Socket& socket);
  void flush(Socket& socket);
  static void release(Socket& socket);
  board::NetEvent accept(int listener);
  board::NetEvent event_of(int number) override;

  std::optional<uint16_t> offset_;
  std::array<Socket, board::kSockets> sockets_;
};

}  // namespace flashstore::sim
