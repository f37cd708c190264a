// net: TCP servers and connections.
//
// A socket that is in use cannot be collected, whoever forgets it. Its functions lie in a table of
// its own, so that those that refer to it do not keep it once it is over.
#include <algorithm>
#include <array>
#include <string_view>

#include "board/network.h"
#include "boot/device.h"
#include "boot/events.h"
#include "modules/modules.h"

namespace flashstore::firmware {
namespace {

using board::Endpoint;
using board::kSockets;
using board::NetError;
using board::NetEvent;
using board::Network;
using Kind = NetEvent::Kind;

constexpr const char* kClass = "net.socket";
constexpr int kTcp = 1;
constexpr int kNone = -1;
constexpr lua_Integer kLongestSilence = 28800;  // seconds
constexpr uint32_t kAnyAddress = 0;

// Keys of a socket's functions; a server has kConnection alone.
enum Callback : int { kConnection = 1, kReconnection, kDisconnection, kReceive, kSent };
const char* const kCallbacks[] = {"connection", "reconnection", "disconnection",
                                  "receive",    "sent",         nullptr};

// The alarm ends a connection that is silent for too long.
struct Socket : Alarm {
  int number = kNone;     // of the board's socket
  int self = LUA_NOREF;   // to this object, while it has one
  uint32_t patience = 0;  // seconds; 0: for ever. A server's is that of its connections.
  bool is_server = false;
};

static_assert(alignof(Socket) <= 4, "lies in a userdata");

Socket* owners[kSockets];

Network& network() {
  return device().network();
}

// --- objects ---

// Pushes a new object.
Socket& push_socket(lua_State* L, bool is_server) {
  auto* socket = new (lua_newuserdata(L, sizeof(Socket))) Socket{};
  socket->is_server = is_server;
  lua_createtable(L, is_server ? kConnection : kSent, 0);
  lua_setfenv(L, -2);
  luaL_getmetatable(L, kClass);
  lua_setmetatable(L, -2);
  return *socket;
}

Socket& check_socket(lua_State* L) {
  return *static_cast<Socket*>(luaL_checkudata(L, 1, kClass));
}

Socket& check_kind(lua_State* L, bool is_server) {
  Socket& socket = check_socket(L);
  if (socket.is_server != is_server) {
    luaL_error(L, "invalid user data");
  }
  return socket;
}

void set_callback(lua_State* L, Callback callback, int function) {
  lua_getfenv(L, 1);
  lua_pushvalue(L, function);
  lua_rawseti(L, -2, callback);
  lua_pop(L, 1);
}

// The board has made socket `number` for the object on top, or is about to: it is not collected.
void keep(lua_State* L, Socket& socket) {
  if (socket.self == LUA_NOREF) {
    lua_pushvalue(L, -1);
    socket.self = luaL_ref(L, LUA_REGISTRYINDEX);
  }
}

void attach(Socket& socket, int number) {
  socket.number = number;
  owners[number] = &socket;
}

// From here on it has no socket of the board any more.
void detach(lua_State* L, Socket& socket) {
  stop_alarm(socket);
  owners[socket.number] = nullptr;
  socket.number = kNone;
  luaL_unref(L, LUA_REGISTRYINDEX, socket.self);
  socket.self = LUA_NOREF;
}

int raise(lua_State* L, NetError error) {
  switch (error) {
    case NetError::kMemory:
      return luaL_error(L, "out of memory");
    case NetError::kRouting:
      return luaL_error(L, "routing problem");
    case NetError::kAborted:
      return luaL_error(L, "connection aborted");
    case NetError::kReset:
      return luaL_error(L, "connection reset");
    case NetError::kNotConnected:
      return luaL_error(L, "not connected");
    case NetError::kInUse:
      return luaL_error(L, "address in use");
    default:
      return luaL_error(L, "illegal argument");
  }
}

// The object on top gets the socket that was made, if one was.
int adopt(lua_State* L, Socket& socket, const core::Result<int, NetError>& made) {
  if (made) {
    attach(socket, made.value());
    return 0;
  }
  luaL_unref(L, LUA_REGISTRYINDEX, socket.self);
  socket.self = LUA_NOREF;
  if (made.error() == NetError::kMemory) {
    return luaL_error(L, "cannot allocate PCB");
  }
  return raise(L, made.error());
}

// --- addresses ---

constexpr int kOctets = 4;

// Four numbers up to 255, with dots between.
bool parse_address(std::string_view text, uint32_t& address) {
  address = 0;
  for (int i = 0; i < kOctets; i++) {
    uint32_t number = 0;
    size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && number <= 255) {
      number = number * 10 + static_cast<uint32_t>(text[digits++] - '0');
    }
    const bool is_last = i == kOctets - 1;
    if (digits == 0 || number > 255 || is_last != (digits == text.size()) ||
        (!is_last && text[digits] != '.')) {
      return false;
    }
    text.remove_prefix(is_last ? digits : digits + 1);
    address = address << 8 | number;
  }
  return true;
}

uint32_t check_address(lua_State* L, int argument) {
  uint32_t address = 0;
  if (!parse_address(luaL_checkstring(L, argument), address)) {
    luaL_error(L, "invalid IP address");
  }
  return address;
}

uint16_t check_port(lua_State* L, int argument) {
  const lua_Integer port = luaL_checkinteger(L, argument);
  luaL_argcheck(L, port >= 0 && port <= UINT16_MAX, argument, "port out of range");
  return static_cast<uint16_t>(port);
}

// port, address; nil, nil without one
int push_endpoint(lua_State* L, Endpoint endpoint) {
  if (endpoint.port == 0) {
    lua_pushnil(L);
    lua_pushnil(L);
    return 2;
  }
  lua_pushinteger(L, endpoint.port);
  lua_pushfstring(L, "%d.%d.%d.%d", endpoint.address >> 24, endpoint.address >> 16 & 255,
                  endpoint.address >> 8 & 255, endpoint.address & 255);
  return 2;
}

// --- events, in protected code ---

// Calls a function of `socket` with it and the `count` values on top, which are taken off the
// stack.
void call_back(lua_State* L, int socket, Callback callback, int count) {
  lua_getfenv(L, socket);
  lua_rawgeti(L, -1, callback);
  lua_replace(L, -2);
  lua_insert(L, -count - 1);
  if (lua_isnil(L, -count - 1)) {
    lua_pop(L, count + 1);
    return;
  }
  lua_pushvalue(L, socket);
  lua_insert(L, -count - 1);
  call_shown(L, count + 1);
}

int push_owner(lua_State* L, const Socket& socket) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, socket.self);
  return lua_gettop(L);
}

void be_patient(Socket& socket) {
  if (socket.patience != 0) {
    stop_alarm(socket);
    socket.due = uptime() + uint64_t{socket.patience} * 1000000;
    start_alarm(socket);
  }
}

// The connection is over, and the program is told.
void end(lua_State* L, Socket& socket, NetError error) {
  const int object = push_owner(L, socket);
  detach(L, socket);
  lua_getfenv(L, object);
  lua_rawgeti(L, -1, kReconnection);
  const bool is_told_apart = error != NetError::kOk && !lua_isnil(L, -1);
  lua_settop(L, object);
  lua_pushinteger(L, static_cast<lua_Integer>(error));
  call_back(L, object, is_told_apart ? kReconnection : kDisconnection, 1);
}

void be_silent_no_more(lua_State* L, Alarm& alarm) {
  auto& socket = static_cast<Socket&>(alarm);
  network().abort(socket.number);
  end(L, socket, NetError::kAborted);
}

struct Delivery {
  NetEvent event;
  bool is_accepted = false;  // what kAccepted tells of has an owner
};

void accept(lua_State* L, Socket& server, Delivery& delivery) {
  const int listener = push_owner(L, server);
  Socket& socket = push_socket(L, false);
  const int object = lua_gettop(L);
  keep(L, socket);
  attach(socket, delivery.event.accepted);
  delivery.is_accepted = true;
  socket.expire = be_silent_no_more;
  socket.patience = server.patience;
  be_patient(socket);
  lua_getfenv(L, listener);
  lua_rawgeti(L, -1, kConnection);
  lua_pushvalue(L, object);
  call_shown(L, 1);
  // Which may have given it a function for this.
  lua_settop(L, object);
  if (socket.number != kNone) {
    call_back(L, object, kConnection, 0);
  }
}

// Some of the next bytes of a socket, as many as there is memory for.
struct Piece {
  int number;
  size_t most;
};

// Making the string may run finalizers, which may send and close: what the network shows does not
// stay until then.
int push_piece(lua_State* L) {
  const auto& piece = *static_cast<const Piece*>(lua_touserdata(L, 1));
  std::array<uint8_t, board::kSegment> copy;
  const std::span<const uint8_t> all = network().received(piece.number);
  const std::span<const uint8_t> bytes = all.first(std::min(all.size(), piece.most));
  std::ranges::copy(bytes, copy.begin());
  lua_pushlstring(L, reinterpret_cast<const char*>(copy.data()), bytes.size());
  return 1;
}

bool push_received(lua_State* L, int number) {
  constexpr size_t kLeast = 16;
  for (Piece piece{number, board::kSegment}; piece.most >= kLeast; piece.most /= 2) {
    if (attempt(L, push_piece, &piece)) {
      return true;
    }
  }
  return false;
}

void receive(lua_State* L, Socket& socket) {
  const int object = push_owner(L, socket);
  if (!push_received(L, socket.number)) {
    // No byte of a connection is ever left out.
    network().abort(socket.number);
    end(L, socket, NetError::kMemory);
  } else if (socket.number != kNone) {
    network().take(socket.number, static_cast<uint32_t>(lua_objlen(L, -1)));
    be_patient(socket);
    call_back(L, object, kReceive, 1);
  }
}

int deliver(lua_State* L) {
  auto& delivery = *static_cast<Delivery*>(lua_touserdata(L, 1));
  Socket& socket = *owners[delivery.event.socket];
  switch (delivery.event.kind) {
    case Kind::kAccepted:
      accept(L, socket, delivery);
      break;
    case Kind::kConnected:
      call_back(L, push_owner(L, socket), kConnection, 0);
      break;
    case Kind::kReceived:
      receive(L, socket);
      break;
    case Kind::kSent:
      be_patient(socket);
      call_back(L, push_owner(L, socket), kSent, 0);
      break;
    default:
      network().close(socket.number);
      end(L, socket, delivery.event.error);
      break;
  }
  return 0;
}

bool serve_network(lua_State* L) {
  Delivery delivery{network().next_event()};
  if (delivery.event.kind == Kind::kNone) {
    return false;
  }
  protect(L, deliver, &delivery);
  const NetEvent& event = delivery.event;
  if (event.kind == Kind::kAccepted && !delivery.is_accepted) {
    network().abort(event.accepted);
  }
  return true;
}

// --- functions ---

void check_type(lua_State* L) {
  luaL_argcheck(L, luaL_optinteger(L, 1, kTcp) == kTcp, 1, "invalid type");
}

// net.createServer([net.TCP,] [seconds])
int net_create_server(lua_State* L) {
  const bool has_type = lua_gettop(L) > 1 || lua_tointeger(L, 1) == kTcp;
  if (has_type) {
    check_type(L);
  }
  const int argument = has_type ? 2 : 1;
  const lua_Integer patience = luaL_optinteger(L, argument, 30);
  luaL_argcheck(L, patience >= 1 && patience <= kLongestSilence, argument, "invalid timeout");
  push_socket(L, true).patience = static_cast<uint32_t>(patience);
  return 1;
}

// net.createConnection([net.TCP])
int net_create_connection(lua_State* L) {
  check_type(L);
  push_socket(L, false);
  return 1;
}

// server:listen([port,] [address,] function(socket))
int socket_listen(lua_State* L) {
  Socket& server = check_kind(L, true);
  if (server.number != kNone) {
    return luaL_error(L, "already listening");
  }
  int argument = 2;
  Endpoint at{kAnyAddress, 0};
  if (lua_isnumber(L, argument) != 0 || lua_isnil(L, argument)) {
    at.port = lua_isnil(L, argument) ? 0 : check_port(L, argument);
    argument++;
  }
  if (lua_isstring(L, argument) != 0 || lua_isnil(L, argument)) {
    at.address = lua_isnil(L, argument) ? kAnyAddress : check_address(L, argument);
    argument++;
  }
  if (!lua_isfunction(L, argument)) {
    return luaL_error(L, "need callback");
  }
  set_callback(L, kConnection, argument);
  lua_settop(L, 1);
  keep(L, server);
  return adopt(L, server, network().listen(at));
}

// socket:connect(port [, address [, function(socket)]])
int socket_connect(lua_State* L) {
  Socket& socket = check_kind(L, false);
  if (socket.number != kNone) {
    return luaL_error(L, "already connected");
  }
  Endpoint to{board::kLocalHost, check_port(L, 2)};
  if (to.port == 0) {
    return luaL_error(L, "specify port");
  }
  if (!lua_isnoneornil(L, 3)) {
    to.address = check_address(L, 3);
  }
  if (!lua_isnone(L, 4)) {
    luaL_checktype(L, 4, LUA_TFUNCTION);
    set_callback(L, kConnection, 4);
  }
  lua_settop(L, 1);
  socket.patience = 0;
  keep(L, socket);
  return adopt(L, socket, network().connect(to));
}

// socket:on(event, function or nil)
int socket_on(lua_State* L) {
  check_kind(L, false);
  luaL_checkstring(L, 2);
  const char* const* name =
      std::find(kCallbacks, std::end(kCallbacks) - 1, std::string_view(lua_tostring(L, 2)));
  if (*name == nullptr) {
    return luaL_error(L, "invalid callback name");
  }
  if (!lua_isfunction(L, 3) && (lua_isnone(L, 3) || !lua_isnil(L, 3))) {
    return luaL_error(L, "invalid callback function");
  }
  set_callback(L, static_cast<Callback>(kConnection + (name - kCallbacks)), 3);
  return 0;
}

Socket& check_open(lua_State* L, Socket& socket) {
  if (socket.number == kNone) {
    luaL_error(L, "not connected");
  }
  return socket;
}

// socket:send(text [, function(socket)])
int socket_send(lua_State* L) {
  Socket& socket = check_kind(L, false);
  size_t bytes = 0;
  const char* text = luaL_checklstring(L, 2, &bytes);
  if (bytes == 0) {
    return luaL_error(L, "no data to send");
  }
  check_open(L, socket);
  const std::span<const uint8_t> data(reinterpret_cast<const uint8_t*>(text), bytes);
  NetError error = network().send(socket.number, data);
  if (error == NetError::kMemory && bytes <= board::kSendBuffer) {
    lua_gc(L, LUA_GCCOLLECT, 0);  // which may run finalizers
    error = network().send(check_open(L, socket).number, data);
  }
  if (error != NetError::kOk) {
    return raise(L, error);
  }
  if (lua_isfunction(L, 3)) {
    set_callback(L, kSent, 3);
  }
  return 0;
}

int set_hold(lua_State* L, bool held) {
  const Socket& socket = check_kind(L, false);
  if (socket.number != kNone) {
    network().hold(socket.number, held);
  }
  return 0;
}

int socket_hold(lua_State* L) {
  return set_hold(L, true);
}

int socket_unhold(lua_State* L) {
  return set_hold(L, false);
}

// socket:getpeer(): port, address
int socket_getpeer(lua_State* L) {
  const Socket& socket = check_kind(L, false);
  return push_endpoint(L, socket.number == kNone ? Endpoint{} : network().peer(socket.number));
}

// socket:getaddr(), server:getaddr(): port, address
int socket_getaddr(lua_State* L) {
  const Socket& socket = check_socket(L);
  return push_endpoint(L, socket.number == kNone ? Endpoint{} : network().local(socket.number));
}

// socket:close(), server:close()
int socket_close(lua_State* L) {
  Socket& socket = check_open(L, check_socket(L));
  network().close(socket.number);
  detach(L, socket);
  return 0;
}

// Only when the state is closed does one still have a socket of the board.
int socket_collect(lua_State* L) {
  Socket& socket = check_socket(L);
  if (socket.number != kNone) {
    network().abort(socket.number);
    detach(L, socket);
  }
  return 0;
}

int socket_text(lua_State* L) {
  lua_pushfstring(L, "%s: %p", kClass, static_cast<void*>(&check_socket(L)));
  return 1;
}

const luaL_Reg kMethods[] = {
    {"close", socket_close},     {"connect", socket_connect}, {"getaddr", socket_getaddr},
    {"getpeer", socket_getpeer}, {"hold", socket_hold},       {"listen", socket_listen},
    {"on", socket_on},           {"send", socket_send},       {"unhold", socket_unhold},
    {nullptr, nullptr},
};

const luaL_Reg kNet[] = {
    {"createConnection", net_create_connection},
    {"createServer", net_create_server},
    {nullptr, nullptr},
};

}  // namespace

void open_net(lua_State* L) {
  std::ranges::fill(owners, nullptr);
  set_source(serve_network);
  push_class(L, kClass, kMethods);
  set_function(L, "__gc", socket_collect);
  set_function(L, "__tostring", socket_text);
  provide_library(L, "net", kNet);
  set_number(L, "TCP", kTcp);
  lua_pop(L, 2);
}

}  // namespace flashstore::firmware
