#include "network.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

namespace flashstore::sim {

using board::Endpoint;
using board::NetError;
using board::NetEvent;
using Kind = NetEvent::Kind;

namespace {

constexpr uint16_t kPrivilegedPorts = 1024;
constexpr uint32_t kLocalNet = 127;  // 127.0.0.0/8
constexpr int kBacklog = board::kSockets;

sockaddr_in address_of(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

using Name = int (*)(int, sockaddr*, socklen_t*);

// getsockname or getpeername
Endpoint endpoint_of(int file, Name name) {
  sockaddr_in address{};
  socklen_t bytes = sizeof address;
  if (name(file, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) {
    return {};
  }
  return {ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
}

int open_socket() {
  return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

void set_option(int file, int level, int option) {
  const int on = 1;
  setsockopt(file, level, option, &on, sizeof on);
}

NetError error_of(int number) {
  switch (number) {
    case ECONNREFUSED:
    case ECONNRESET:
    case EPIPE:
      return NetError::kReset;
    case EADDRINUSE:
    case EACCES:
      return NetError::kInUse;
    case ENETUNREACH:
    case EHOSTUNREACH:
      return NetError::kRouting;
    default:
      return NetError::kAborted;
  }
}

bool is_patience_asked() {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

HostNetwork::~HostNetwork() {
  std::ranges::for_each(sockets_, release);
}

void HostNetwork::release(Socket& socket) {
  if (socket.file >= 0) {
    ::close(socket.file);
  }
  socket = {};
}

int HostNetwork::find_free() const {
  const auto* const found =
      std::ranges::find(sockets_, State::kFree, [](const Socket& socket) { return socket.state; });
  return found == sockets_.end() ? -1 : static_cast<int>(found - sockets_.begin());
}

core::Result<int, NetError> HostNetwork::refuse(int file) const {
  const NetError error = error_of(errno);
  if (file >= 0) {
    ::close(file);
  }
  return error;
}

core::Result<int, NetError> HostNetwork::listen(Endpoint at) {
  const int number = find_free();
  if (number < 0) {
    return NetError::kMemory;
  }
  const bool is_taken = std::ranges::any_of(sockets_, [&](const Socket& socket) {
    return socket.state == State::kListening && socket.port == at.port;
  });
  if (is_taken) {
    return NetError::kInUse;
  }
  uint16_t port = 0;
  if (offset_ && at.port != 0) {
    port = at.port < kPrivilegedPorts ? static_cast<uint16_t>(at.port + *offset_) : at.port;
  }
  const int file = open_socket();
  set_option(file, SOL_SOCKET, SO_REUSEADDR);
  const sockaddr_in address = address_of(port);
  if (file < 0 || bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(file, kBacklog) != 0) {
    return refuse(file);
  }
  Socket& socket = sockets_[number];
  socket.state = State::kListening;
  socket.file = file;
  const uint16_t host_port = endpoint_of(file, getsockname).port;
  socket.port = at.port != 0 ? at.port : host_port;
  std::fprintf(stderr, "flashstore-sim: port %u is 127.0.0.1:%u\n", socket.port, host_port);
  return number;
}

// Where those reach a port who are on the device.
uint16_t HostNetwork::host_port(uint16_t port) const {
  for (const Socket& socket : sockets_) {
    if (socket.state == State::kListening && socket.port == port) {
      return endpoint_of(socket.file, getsockname).port;
    }
  }
  return port;
}

core::Result<int, NetError> HostNetwork::connect(Endpoint to) {
  const int number = find_free();
  if (number < 0) {
    return NetError::kMemory;
  }
  Socket& socket = sockets_[number];
  socket.peer = to;
  if (to.address >> 24 != kLocalNet) {
    socket.state = State::kOpen;
    socket.ended = true;
    socket.error = NetError::kRouting;
    return number;
  }
  const int file = open_socket();
  set_option(file, IPPROTO_TCP, TCP_NODELAY);
  const sockaddr_in address = address_of(host_port(to.port));
  if (file < 0 ||
      (::connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
       errno != EINPROGRESS)) {
    release(socket);
    return refuse(file);
  }
  socket.state = State::kConnecting;
  socket.file = file;
  socket.port = endpoint_of(file, getsockname).port;
  return number;
}

NetError HostNetwork::send(int number, std::span<const uint8_t> bytes) {
  Socket& socket = sockets_[number];
  if (socket.state != State::kOpen) {
    return NetError::kNotConnected;
  }
  if (socket.ended) {
    return NetError::kOk;  // that it is over is still to be told
  }
  if (socket.to_be_sent.size() + bytes.size() > board::kSendBuffer) {
    return NetError::kMemory;
  }
  socket.to_be_sent.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  socket.owes_sent = true;
  flush(socket);
  return NetError::kOk;
}

void HostNetwork::flush(Socket& socket) {
  const ssize_t sent =
      ::send(socket.file, socket.to_be_sent.data(), socket.to_be_sent.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    socket.to_be_sent.erase(0, static_cast<size_t>(sent));
  } else if (!is_patience_asked()) {
    socket.error = error_of(errno);
    socket.ended = true;
    socket.to_be_sent.clear();
  }
}

std::span<const uint8_t> HostNetwork::received(int number) {
  const std::string& bytes = sockets_[number].received;
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

void HostNetwork::take(int number, uint32_t bytes) {
  sockets_[number].received.erase(0, bytes);
}

void HostNetwork::hold(int number, bool held) {
  sockets_[number].held = held;
}

void HostNetwork::close(int number) {
  Socket& socket = sockets_[number];
  if (socket.to_be_sent.empty()) {
    release(socket);
  } else {
    socket.state = State::kClosing;
  }
}

void HostNetwork::abort(int number) {
  Socket& socket = sockets_[number];
  const linger reset{1, 0};
  setsockopt(socket.file, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  release(socket);
}

Endpoint HostNetwork::local(int number) {
  return {board::kLocalHost, sockets_[number].port};
}

Endpoint HostNetwork::peer(int number) {
  return sockets_[number].peer;
}

// --- events ---

short HostNetwork::interest(const Socket& socket) const {
  switch (socket.state) {
    case State::kListening:
      return find_free() < 0 ? 0 : POLLIN;
    case State::kConnecting:
    case State::kClosing:
      return POLLOUT;
    case State::kOpen: {
      const bool has_room = socket.received.empty() && !socket.held && !socket.ended;
      return static_cast<short>((has_room ? POLLIN : 0) |
                                (socket.to_be_sent.empty() ? 0 : POLLOUT));
    }
    default:
      return 0;
  }
}

void HostNetwork::add_to(std::vector<pollfd>& waiting) const {
  for (const Socket& socket : sockets_) {
    // poll() tells about hang-ups unasked: who asks for nothing is left out.
    if (const short wanted = interest(socket); wanted != 0) {
      waiting.push_back({socket.file, wanted, 0});
    }
  }
}

void HostNetwork::receive(Socket& socket) {
  socket.received.resize(board::kSegment);
  const ssize_t got = recv(socket.file, socket.received.data(), socket.received.size(), 0);
  socket.received.resize(got > 0 ? static_cast<size_t>(got) : 0);
  if (got == 0 || (got < 0 && !is_patience_asked())) {
    socket.ended = true;
    socket.error = got == 0 ? NetError::kOk : error_of(errno);
  }
}

void HostNetwork::look() {
  std::vector<pollfd> waiting;
  add_to(waiting);
  if (waiting.empty()) {
    return;
  }
  poll(waiting.data(), waiting.size(), 0);
  for (Socket& socket : sockets_) {
    const auto found = std::ranges::find(waiting, socket.file, &pollfd::fd);
    socket.ready = found == waiting.end() ? short{0} : found->revents;
    const bool can_read = (socket.ready & (POLLIN | POLLHUP | POLLERR)) != 0;
    const bool can_write = (socket.ready & (POLLOUT | POLLHUP | POLLERR)) != 0;
    if (can_write && !socket.to_be_sent.empty()) {
      flush(socket);
    }
    if (socket.state == State::kClosing && socket.to_be_sent.empty()) {
      release(socket);
    } else if (socket.state == State::kOpen && can_read && (interest(socket) & POLLIN) != 0) {
      receive(socket);
    }
  }
}

NetEvent HostNetwork::accept(int listener) {
  const int number = find_free();
  const int file =
      number < 0 ? -1
                 : accept4(sockets_[listener].file, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  sockets_[listener].ready = 0;
  if (file < 0) {
    return {};
  }
  set_option(file, IPPROTO_TCP, TCP_NODELAY);
  Socket& socket = sockets_[number];
  socket.state = State::kOpen;
  socket.file = file;
  socket.port = sockets_[listener].port;
  socket.peer = endpoint_of(file, getpeername);
  return {Kind::kAccepted, listener, number, NetError::kOk};
}

NetEvent HostNetwork::event_of(int number) {
  Socket& socket = sockets_[number];
  if (socket.state == State::kListening && socket.ready != 0) {
    return accept(number);
  }
  if (socket.state == State::kConnecting && socket.ready != 0) {
    int failure = 0;
    socklen_t bytes = sizeof failure;
    getsockopt(socket.file, SOL_SOCKET, SO_ERROR, &failure, &bytes);
    if (failure == 0) {
      socket.state = State::kOpen;
      return {Kind::kConnected, number, 0, NetError::kOk};
    }
    socket.state = State::kOver;
    return {Kind::kClosed, number, 0, error_of(failure)};
  }
  if (socket.state != State::kOpen) {
    return {};
  }
  if (socket.owes_sent && socket.to_be_sent.empty() && !socket.ended) {
    socket.owes_sent = false;
    return {Kind::kSent, number, 0, NetError::kOk};
  }
  if (!socket.received.empty() && !socket.held) {
    return {Kind::kReceived, number, 0, NetError::kOk};
  }
  if (socket.ended && socket.received.empty()) {
    socket.state = State::kOver;
    return {Kind::kClosed, number, 0, socket.error};
  }
  return {};
}

}  // namespace flashstore::sim
