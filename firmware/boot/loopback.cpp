#include "boot/loopback.h"

#include <algorithm>

namespace flashstore::firmware {

using board::Endpoint;
using board::kLocalHost;
using board::NetError;
using board::NetEvent;
using Kind = NetEvent::Kind;

namespace {

// Of those that nobody chose.
constexpr uint16_t kFirstPort = 49152;
constexpr uint16_t kPorts = 16384;

}  // namespace

int Loopback::find_free() const {
  const auto* const found =
      std::ranges::find(ends_, End::State::kFree, [](const End& end) { return end.state; });
  return found == ends_.end() ? kNone : static_cast<int>(found - ends_.begin());
}

int Loopback::find_listener(uint16_t port) const {
  const auto* const found = std::ranges::find_if(ends_, [port](const End& end) {
    return end.state == End::State::kListening && end.port == port;
  });
  return found == ends_.end() ? kNone : static_cast<int>(found - ends_.begin());
}

uint16_t Loopback::any_port() {
  do {
    next_port_ = (next_port_ + 1) % kPorts;
  } while (find_listener(kFirstPort + next_port_) != kNone);
  return kFirstPort + next_port_;
}

core::Result<int, NetError> Loopback::listen(Endpoint at) {
  const int socket = find_free();
  if (socket == kNone) {
    return NetError::kMemory;
  }
  if (at.port != 0 && find_listener(at.port) != kNone) {
    return NetError::kInUse;
  }
  End& end = ends_[socket];
  end.port = at.port != 0 ? at.port : any_port();
  end.state = End::State::kListening;
  return socket;
}

core::Result<int, NetError> Loopback::connect(Endpoint to) {
  const int socket = find_free();
  if (socket == kNone) {
    return NetError::kMemory;
  }
  End& end = ends_[socket];
  end.port = any_port();
  end.other_port = to.port;
  end.error = to.address == kLocalHost ? NetError::kOk : NetError::kRouting;
  end.state = End::State::kConnecting;
  return socket;
}

bool Loopback::resize(End& end, uint32_t bytes) {
  void* block = Heap::allocate(&heap_, end.bytes, end.waiting, bytes);
  if (block == nullptr && bytes > 0) {
    return false;
  }
  end.bytes = static_cast<uint8_t*>(block);
  end.waiting = static_cast<uint16_t>(bytes);
  return true;
}

NetError Loopback::send(int socket, std::span<const uint8_t> bytes) {
  End& end = ends_[socket];
  if (end.state != End::State::kOpen && end.state != End::State::kConnected) {
    return NetError::kNotConnected;
  }
  if (end.other == kNone) {
    return NetError::kOk;  // that it is over is still to be told
  }
  End& other = ends_[end.other];
  const uint32_t before = other.waiting;
  if (bytes.size() > board::kSendBuffer - before ||
      !resize(other, before + static_cast<uint32_t>(bytes.size()))) {
    return NetError::kMemory;
  }
  std::ranges::copy(bytes, other.bytes + before);
  end.owes_sent = true;
  return NetError::kOk;
}

std::span<const uint8_t> Loopback::received(int socket) {
  const End& end = ends_[socket];
  return {end.bytes, std::min<uint32_t>(end.waiting, board::kSegment)};
}

void Loopback::take(int socket, uint32_t bytes) {
  End& end = ends_[socket];
  std::copy(end.bytes + bytes, end.bytes + end.waiting, end.bytes);
  resize(end, end.waiting - bytes);
}

void Loopback::hold(int socket, bool held) {
  ends_[socket].held = held;
}

void Loopback::leave(int socket, NetError error) {
  End& end = ends_[socket];
  if (end.other != kNone) {
    ends_[end.other].other = kNone;
    ends_[end.other].error = error;
  }
  resize(end, 0);
  end = {};
}

void Loopback::close(int socket) {
  leave(socket, NetError::kOk);
}

void Loopback::abort(int socket) {
  leave(socket, NetError::kReset);
}

Endpoint Loopback::local(int socket) {
  return {kLocalHost, ends_[socket].port};
}

Endpoint Loopback::peer(int socket) {
  return {kLocalHost, ends_[socket].other_port};
}

// To somebody who wants to connect.
NetEvent Loopback::answer(int socket) {
  End& end = ends_[socket];
  const int listener = find_listener(end.other_port);
  const int accepted = find_free();
  if (end.error != NetError::kOk || listener == kNone || accepted == kNone) {
    const NetError error = end.error != NetError::kOk ? end.error : NetError::kReset;
    end.state = End::State::kOver;
    return {Kind::kClosed, socket, 0, error};
  }
  End& other = ends_[accepted];
  other.state = End::State::kOpen;
  other.other = static_cast<int8_t>(socket);
  other.port = end.other_port;
  other.other_port = end.port;
  end.other = static_cast<int8_t>(accepted);
  end.state = End::State::kConnected;
  return {Kind::kAccepted, listener, accepted, NetError::kOk};
}

NetEvent Loopback::event_of(int socket) {
  End& end = ends_[socket];
  if (end.state == End::State::kConnecting) {
    return answer(socket);
  }
  if (end.state == End::State::kConnected) {
    end.state = End::State::kOpen;
    return {Kind::kConnected, socket, 0, NetError::kOk};
  }
  if (end.state != End::State::kOpen) {
    return {};
  }
  const bool is_left = end.other == kNone;
  if (is_left && (end.error != NetError::kOk || end.waiting == 0)) {
    end.state = End::State::kOver;
    return {Kind::kClosed, socket, 0, end.error};
  }
  if (end.owes_sent && !is_left && ends_[end.other].waiting == 0) {
    end.owes_sent = false;
    return {Kind::kSent, socket, 0, NetError::kOk};
  }
  if (end.waiting > 0 && !end.held) {
    return {Kind::kReceived, socket, 0, NetError::kOk};
  }
  return {};
}

}  // namespace flashstore::firmware
