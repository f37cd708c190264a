// A network as the firmware needs it: TCP over IPv4. A board that has one gives it; on all others
// the programs of the device reach one another (boot/loopback.h).
#pragma once

#include <cstdint>
#include <span>

#include "core/result.h"

namespace flashstore::board {

struct Endpoint {
  uint32_t address = 0;  // 0x7F000001 is 127.0.0.1
  uint16_t port = 0;
};

inline constexpr uint32_t kLocalHost = 0x7F000001;

// Programs see the numbers, which are lwIP's.
enum class NetError : int8_t {
  kOk = 0,
  kMemory = -1,
  kRouting = -4,
  kAborted = -8,
  kReset = -9,
  kNotConnected = -11,
  kArgument = -12,
  kInUse = -13,
};

// A socket is a number from 0 to kSockets - 1. It is in use until close() or abort().
inline constexpr int kSockets = 16;
inline constexpr uint32_t kSegment = 1460;             // bytes received in one piece, at most
inline constexpr uint32_t kSendBuffer = 2 * kSegment;  // bytes sent and not yet delivered, at most

struct NetEvent {
  enum class Kind : uint8_t {
    kNone,
    kAccepted,   // `accepted` is the socket of a new connection
    kConnected,  // what connect() began
    kReceived,   // received() has something
    kSent,       // all that was sent has been delivered
    kClosed,     // the connection is over; still to be closed
  };

  Kind kind = Kind::kNone;
  int socket = 0;
  int accepted = 0;
  NetError error = NetError::kOk;  // of kClosed; kOk: the peer closed it
};

class Network {
 public:
  // kMemory: all sockets are in use. Port 0: any that is free.
  virtual core::Result<int, NetError> listen(Endpoint at) = 0;
  // An event tells what became of it.
  virtual core::Result<int, NetError> connect(Endpoint to) = 0;

  // All of it, or nothing if there is no room.
  virtual NetError send(int socket, std::span<const uint8_t> bytes) = 0;
  // Until the next call of anything.
  virtual std::span<const uint8_t> received(int socket) = 0;
  // The first `bytes` of received() are not wanted any more.
  virtual void take(int socket, uint32_t bytes) = 0;
  // Until it is lifted, nothing more is received, and the peer can send no more than is buffered.
  virtual void hold(int socket, bool held) = 0;

  // What was sent is still delivered.
  virtual void close(int socket) = 0;
  // Nothing more is delivered, and the peer is told.
  virtual void abort(int socket) = 0;

  virtual Endpoint local(int socket) = 0;
  virtual Endpoint peer(int socket) = 0;

  // What happened next; sockets take turns. kReceived is told again until all is taken.
  NetEvent next_event() {
    look();
    for (int i = 0; i < kSockets; i++) {
      turn_ = (turn_ + 1) % kSockets;
      const NetEvent event = event_of(turn_);
      if (event.kind != NetEvent::Kind::kNone) {
        return event;
      }
    }
    return {};
  }

 protected:
  ~Network() = default;

 private:
  // Before event_of() is asked for all sockets.
  virtual void look() {}
  virtual NetEvent event_of(int socket) = 0;

  int turn_ = 0;
};

// nullptr: the board has none.
Network* network();

}  // namespace flashstore::board
