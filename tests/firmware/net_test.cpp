// net between the programs of one device; network.py tests it between a device and the host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device.h"

namespace flashstore::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Net : public ::testing::TestWithParam<Board> {
 protected:
  // What is printed while these lines are typed, each with some time to take effect.
  std::string typed(const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) {
      all += line + "\n#wait 2000\n";
    }
    const ProcessResult run = device_.boot(all);
    EXPECT_EQ(run.exit_status, kEnded) << run.out << run.err;
    return run.out;
  }

  Device device_{GetParam()};
};

const char* const kEcho =
    "s = net.createServer(net.TCP, 30) s:listen(7, function(c) "
    "c:on('receive', function(c, d) c:send(d) end) "
    "c:on('disconnection', function(c, e) print('server lost', e) end) end)";
const char* const kClient =
    "c = net.createConnection(net.TCP, 0) c:on('receive', function(c, d) print('got', d) end) "
    "c:on('disconnection', function(c, e) print('client lost', e) end)";

TEST_P(Net, EventsComeInTheirOrder) {
  const std::string out =
      typed({kEcho, kClient,
             "c:connect(7, '127.0.0.1', function(c) print('connected', c:getpeer()) "
             "c:send('hello', function() print 'sent' end) end)",
             "=s:getaddr()", "c:close()", "=c:getaddr()"});
  EXPECT_THAT(out, HasSubstr("connected\t7\t127.0.0.1\nsent\ngot\thello\n"));
  EXPECT_THAT(out, HasSubstr("\n7\t127.0.0.1\n"));
  EXPECT_THAT(out, HasSubstr("server lost\t0\n"));
  EXPECT_THAT(out, HasSubstr("\nnil\tnil\n"));
  EXPECT_THAT(out, Not(HasSubstr("client lost\t")));  // who closes knows
}

TEST_P(Net, LargeTransfersArriveWholeAndInOrderHoweverTheyAreCut) {
  const std::string out = typed(
      {"s = net.createServer() s:listen(7, function(c) local n = 0 c:on('sent', function(c) "
       "n = n + 1 if n <= 60 then c:send((('%03d '):format(n)):rep(n * 11)) else c:close() end "
       "end) c:send '000 ' end)",
       "got = 0 bad = 0 last = 0 rest = '' function take(c, d) got = got + #d d = rest .. d "
       "for w in d:gmatch '(%d+) ' do w = tonumber(w) if w < last or w > last + 1 then bad = 1 "
       "end last = w end rest = d:sub(#d - #d % 4 + 1) end",
       "c = net.createConnection() c:on('receive', take) c:on('disconnection', function(c, e) "
       "print('over', e, got, bad, last) end) c:connect(7)",
       "", ""});
  EXPECT_THAT(out, HasSubstr("over\t0\t80524\t0\t60\n"));
}

TEST_P(Net, WhoHoldsGetsItLaterAndTheSenderWaits) {
  const std::string out =
      typed({"s = net.createServer() s:listen(7, function(c) held = c c:hold() "
             "c:on('receive', function(c, d) print('took', #d) end) end)",
             "c = net.createConnection() c:connect(7)",
             "c:send(('x'):rep(2920), function() print 'delivered' end)", "=pcall(c.send, c, 'y')",
             "print 'now' held:unhold()", "=pcall(c.send, c, 'y')"});
  EXPECT_THAT(out, HasSubstr("false\tout of memory\n"));
  EXPECT_THAT(out, HasSubstr("now\n> took\t1460\ntook\t1460\ndelivered\n"));
  EXPECT_THAT(out, HasSubstr("=pcall(c.send, c, 'y')\ntrue\n> took\t1\ndelivered\n"));
}

TEST_P(Net, ErrorsAreThoseOfNodeMcu) {
  const std::string out = typed({kEcho,
                                 "c = net.createConnection()",
                                 "=pcall(c.send, c, 'x')",
                                 "=pcall(c.send, c, '')",
                                 "=pcall(c.close, c)",
                                 "=pcall(c.on, c, 'nothing', print)",
                                 "=pcall(c.on, c, 'sent', 1)",
                                 "=pcall(c.listen, c, 1, print)",
                                 "=pcall(c.connect, c, 0)",
                                 "=pcall(c.connect, s, 1)",
                                 "=pcall(s.listen, s, 8, print)",
                                 "t = net.createServer()",
                                 "=pcall(t.listen, t, 7, print)",
                                 "=pcall(t.listen, t, 9)",
                                 "=pcall(t.listen, t, 9, '1.2.3.400', print)",
                                 "=pcall(net.createServer, net.TCP, 28801)",
                                 "=pcall(c.connect, c, 65536)",
                                 "c:connect(7)",
                                 "=pcall(c.connect, c, 7)",
                                 "=pcall(c.connect, c, 7)"});
  for (const char* message :
       {"false\tnot connected\n", "false\tno data to send\n", "false\tinvalid callback name\n",
        "false\tinvalid callback function\n", "false\tinvalid user data\n", "false\tspecify port\n",
        "false\talready listening\n", "false\taddress in use\n", "false\tneed callback\n",
        "false\tinvalid IP address\n", "invalid timeout", "port out of range",
        "false\talready connected\n"}) {
    EXPECT_THAT(out, HasSubstr(message));
  }
}

TEST_P(Net, WhereNobodyListensItIsDisconnectionOrReconnection) {
  const std::string out =
      typed({kClient, "c:connect(8)", "c:connect(8, '10.0.0.1')",
             "c:on('reconnection', function(c, e) print('again', e) end) c:connect(8)"});
  EXPECT_THAT(out, AllOf(HasSubstr("client lost\t-9\n"), HasSubstr("client lost\t-4\n"),
                         HasSubstr("again\t-9\n")));
}

TEST_P(Net, APeerThatClosesEarlyLeavesWhatItSent) {
  const std::string out =
      typed({"s = net.createServer() s:listen(7, function(c) c:send(('x'):rep(2000)) c:close() "
             "print(pcall(c.send, c, 'y')) end)",
             kClient, "c:on('receive', function(c, d) print('got', #d) c:send 'no one' end)",
             "c:connect(7)", "=c:getpeer()"});
  EXPECT_THAT(out, HasSubstr("false\tnot connected\n"));
  EXPECT_THAT(out, HasSubstr("got\t1460\ngot\t540\nclient lost\t0\n"));
  EXPECT_THAT(out, HasSubstr("\nnil\tnil\n"));
}

TEST_P(Net, SocketsAreBoundedAndComeBack) {
  const std::string out =
      typed({kEcho,
             "lost = 0 list = {} for i = 1, 15 do local c = net.createConnection() list[i] = c "
             "c:on('disconnection', function() lost = lost + 1 end) c:connect(7) end",
             "print('refused', lost)", "=pcall(function() net.createConnection():connect(7) end)",
             "=pcall(function() net.createServer():listen(9, print) end)",
             "for _, c in ipairs(list) do pcall(c.close, c) end list = nil", kClient,
             "c:connect(7)", "c:send 'free again'"});
  EXPECT_THAT(out, HasSubstr("refused\t8\n"));  // each takes two, and there are 16
  EXPECT_THAT(out, HasSubstr("got\tfree again\n"));
}

TEST_P(Net, ConnectionsAtTheLimitAllWork) {
  const std::string out =
      typed({kEcho,
             "got = 0 list = {} for i = 1, 7 do local c = net.createConnection() list[i] = c "
             "c:on('receive', function(c, d) got = got + tonumber(d) end) c:connect(7) end",
             "for i, c in ipairs(list) do c:send(tostring(i)) end", "print('sum', got)",
             "list[8] = net.createConnection() list[8]:on('disconnection', function(_, e) "
             "print('eighth', e) end) list[8]:connect(7)",
             "list[9] = net.createConnection() list[10] = net.createConnection() "
             "print(pcall(list[9].connect, list[9], 7), pcall(list[10].connect, list[10], 7))"});
  EXPECT_THAT(out, HasSubstr("sum\t28\n"));
  EXPECT_THAT(out, HasSubstr("eighth\t-9\n"));
  EXPECT_THAT(out, HasSubstr("true\tfalse\tcannot allocate PCB\n"));
}

TEST_P(Net, SilentClientsAreDisconnected) {
  const ProcessResult run = device_.boot(
      "s = net.createServer(net.TCP, 5) s:listen(7, function(c) c:on('receive', function() end) "
      "c:on('disconnection', function(c, e) print('server lost', e) end) end)\n" +
      std::string(kClient) +
      " c:connect(7)\n#wait 3000\nc:send 'x'\n#wait 3000\nprint 'there'\n"
      "#wait 3000\n=c:getpeer()\n");
  EXPECT_THAT(run.out, AllOf(HasSubstr("there\n"), HasSubstr("server lost\t-8\n"),
                             HasSubstr("client lost\t-9\n")));
  EXPECT_LT(run.out.find("there\n"), run.out.find("server lost\t"));
}

TEST_P(Net, OpenSocketsAreKeptAndClosedOnesCollectedWithTheirFunctions) {
  const std::string out =
      typed({"weak = setmetatable({}, {__mode = 'k'})",
             "do local s = net.createServer() s:listen(7, function(c) weak[c] = true "
             "c:on('receive', function(_, d) print('kept', d) c:close() end) end) end",
             "do local c = net.createConnection() weak[c] = true "
             "c:on('disconnection', function() return c end) c:connect(7, nil, function() end) end",
             "do local c = net.createConnection() weak[c] = true c:on('connection', function(x) "
             "collectgarbage() c:send 'me' end) c:connect(7) end",
             "collectgarbage() collectgarbage() local n = 0 for _ in pairs(weak) do n = n + 1 end "
             "print('left', n)"});
  EXPECT_THAT(out, HasSubstr("kept\tme\n"));
  EXPECT_THAT(out, HasSubstr("left\t2\n"));  // the first and its peer
}

TEST_P(Net, ErrorsInCallbacksAreShownAndTheDeviceGoesOn) {
  const std::string out = typed(
      {"s = net.createServer() s:listen(7, function(c) c:on('receive', function() error 'oops' "
       "end) error 'at once' end)",
       kClient, "c:connect(7)", "c:send 'x'", "='alive', c:getpeer()"});
  EXPECT_THAT(out, AllOf(HasSubstr("stdin:1: at once\nstack traceback:\n"),
                         HasSubstr("stdin:1: oops\nstack traceback:\n"),
                         HasSubstr("alive\t7\t127.0.0.1\n")));
}

// Where there is no memory for what came, the connection is over; with some, it comes in small
// pieces.
TEST_P(Net, WantOfMemoryLosesNoBytes) {
  const std::string out = typed(
      {"s = net.createServer() s:listen(7, function(c) c:on('sent', function() print 'done' end) "
       "c:send(('0123456789'):rep(140)) end)",
       "got = {} c = net.createConnection() c:on('receive', function(c, d) got[#got + 1] = #d "
       "sum = (sum or 0) + #d end) c:hold() c:connect(7)",
       "c:hold()",
       "fill = {} while pcall(function() fill = {fill, ('x'):rep(64) .. node.heap()} "
       "end) do end",
       "c:unhold()", "fill = nil collectgarbage()", "print('sum', sum)"});
  EXPECT_THAT(out, HasSubstr("sum\t1400\n"));
}

TEST_P(Net, TimersAndSocketsOutliveAFullHeap) {
  const std::string out =
      typed({"n = 0 tmr.create():alarm(20, tmr.ALARM_SINGLE, function() n = n + 1 end) "
             "fill = {} pcall(function() while true do fill = {fill} end end) "
             "local t = tmr.now() while tmr.now() - t < 40000 do end",
             "fill = nil collectgarbage()", "print('fired', n)"});
  EXPECT_THAT(out, HasSubstr("fired\t1\n"));
}

INSTANTIATE_TEST_SUITE_P(Boards, Net, ::testing::ValuesIn(boards()), board_name);

// Under stress there is a collection before every allocation, and blocks move.
class StressedNet : public Net {};

TEST_P(StressedNet, ConnectsSendsAndCloses) {
  const std::string out =
      typed({kEcho, kClient, "c:connect(7)", "c:send(('ab'):rep(20))", "c:close()", "s:close()"});
  EXPECT_THAT(out, HasSubstr("got\t" + std::string("abababababababababababababababababababab")));
  EXPECT_THAT(out, HasSubstr("server lost\t0\n"));
}

INSTANTIATE_TEST_SUITE_P(Stress, StressedNet, ::testing::ValuesIn(stress_boards()), board_name);

}  // namespace
}  // namespace flashstore::test
