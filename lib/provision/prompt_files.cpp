#include "provision/prompt_files.h"

#include <algorithm>
#include <cstdlib>

namespace flashstore::provision {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint32_t kModulus = 65521;  // the largest prime below 65536
constexpr int kTries = 5;
constexpr int kTriesUnchecked = 10;   // of a few lines together
constexpr uint32_t kSummed = 1024;    // bytes of a sum that is compared
constexpr uint32_t kSumsOfALine = 8;  // no device works on it for a second

// Numbers of Lua may be integers of 32 bits: pieces are short enough that none goes round.
constexpr std::string_view kAskFunctions[] = {
    "_nf={n=0}",
    "function _nf.sum(s,a,b)for i=1,#s do a=a+s:byte(i)b=b+a end return a%65521,b%65521 end",
    "function _nf.ask(o,x,y,s)print(o)local a,b=_nf.sum(s,1,0)if a==x and b==y then "
    "print(pcall((loadstring or load)(s)))else print'sum'end print'\\003'end",
};
constexpr std::string_view kFunctions[] = {
    "function _nf.hex(s)return(s:gsub('..',function(h)return string.char(tonumber(h,16))end))end",
    // A file is an object, or, in old firmware, the one that is open.
    "function _nf.call(m,...)local f=_nf.f if type(f)=='userdata'then return f[m](f,...)end return "
    "file[m](...)end",
    "function _nf.close()if _nf.f then local _,e=_nf.call('close')_nf.f=nil return e end end",
    "function _nf.open(m)_nf.close()local f,e=file.open(_nf.name,m)_nf.f=f _nf.n=0 return not not "
    "f,e end",
    "function _nf.put(o,n,x,y,s)print(o)local a,b=_nf.sum(s,n,0)local r='sum'if a==x and b==y then "
    "r='no'if n==_nf.n or _nf.call('write',s)then r='ok'_nf.n=n end end print(r)print'\\003'end",
    "function _nf.sums(o,n)_nf.call('seek','set',o)for _=1,n do local a,b=1,0 for _=1,4 do "
    "a,b=_nf.sum(_nf.call('read',256)or'',a,b)end print(a,b)end end",
    // Once more, after the answer was lost, does no harm.
    "function _nf.take(t)local f=file.open(t,'r')if f then _nf.f=f _nf.close()file.remove(_nf.name)"
    "_nf.taken=file.rename(t,_nf.name)end return _nf.taken end",
};
constexpr const char* kProbe = "return _nf.sum('nodeflash',1,0)";

// Of a line of _nf.put(), besides the block: its own name, and four numbers.
constexpr size_t kPutBytes = 48;
constexpr size_t kMostName = 100;  // as a literal

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

uint32_t number_of(const std::string& text) {
  return static_cast<uint32_t>(std::strtod(text.c_str(), nullptr));
}

struct Sum {
  uint32_t a = 1;
  uint32_t b = 0;

  bool operator==(const Sum&) const = default;
};

// The number of a block is a part of its sum.
Sum sum_of(Bytes bytes, uint32_t number = 1) {
  Sum sum{number, 0};
  for (const uint8_t byte : bytes) {
    sum.a = (sum.a + byte) % kModulus;
    sum.b = (sum.b + sum.a) % kModulus;
  }
  return sum;
}

std::string words_of(const Sum& sum, char between = '\t') {
  return std::to_string(sum.a) + between + std::to_string(sum.b);
}

std::string hex_text(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text += {kDigits[byte >> 4], kDigits[byte & 0xF]};
  }
  return text;
}

std::string base64_text(Bytes bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t count = std::min<size_t>(bytes.size() - i, 3);
    uint32_t bits = 0;
    for (size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (j < count ? bytes[i + j] : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      text += j <= count ? kDigits[bits >> (18 - 6 * j) & 0x3F] : '=';
    }
  }
  return text;
}

std::string literal(Bytes bytes) {
  return lua_literal({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// As many of the first of `bytes` as an expression of at most `room` characters has, and that
// expression.
std::pair<Bytes, std::string> next_block(Bytes bytes, size_t room, bool has_base64) {
  const auto most = [&](const auto& encode) {
    size_t low = 0;
    size_t high = std::min(bytes.size(), room);
    while (low < high) {
      const size_t middle = (low + high + 1) / 2;
      const bool fits = encode(bytes.first(middle)).size() <= room;
      (fits ? low : high) = fits ? middle : middle - 1;
    }
    return bytes.first(low);
  };
  const auto coded = [&](Bytes block) {
    return has_base64 ? "encoder.fromBase64'" + base64_text(block) + "'"
                      : "_nf.hex'" + hex_text(block) + "'";
  };
  const Bytes as_text = most(literal);
  const Bytes as_code = most(coded);
  return as_text.size() >= as_code.size() ? std::pair(as_text, literal(as_text))
                                          : std::pair(as_code, coded(as_code));
}

}  // namespace

Problem PromptFiles::gone() const {
  return refused("device-reset", "the device has started anew while it was written to",
                 "what does its application do? The same again finishes it", prompt_.port().path());
}

Problem PromptFiles::noise() const {
  return refused("noise", "the device does not get what is typed", "look at cable and baud rate",
                 prompt_.port().path());
}

core::Result<PromptAnswer, Problem> PromptFiles::ask_once(const std::string& chunk) {
  const std::string words = words_of(sum_of(bytes_of(chunk)), ',') + "," + lua_literal(chunk) + ")";
  for (int i = 0; i < kTries; ++i) {
    auto lines = prompt_.run(
        [&](const std::string& opening) { return "_nf.ask('" + opening + "'," + words; });
    if (!lines) {
      return has_functions() ? lines.error() : gone();
    }
    if (lines.value() != std::vector<std::string>{"sum"}) {
      return answer_of(std::move(lines).value());
    }
  }
  return noise();
}

core::Result<PromptAnswer, Problem> PromptFiles::ask(const std::string& chunk) {
  return agreed([&] { return ask_once(chunk); }, prompt_.port().path());
}

// Not, if the device has started anew. A line that nothing answers does not tell.
bool PromptFiles::has_functions() {
  const auto answer = prompt_.ask("return type(_nf)");
  return !answer || answer.value().values != std::vector<std::string>{"nil"};
}

Problem PromptFiles::failed(const std::string& name, const std::string& what,
                            const PromptAnswer& answer) const {
  std::string why;
  for (const std::string& value : answer.values) {
    why += value == "nil" || value == "false" || value == "true" ? "" : ": " + value;
  }
  return refused("file-refused", "the device does not " + what + " '" + name + "'" + why,
                 "is there room, and is the name one that its file system takes?",
                 prompt_.port().path());
}

// The first functions arrive unchecked: whether they are what was sent shows when they are used.
core::Result<bool, Problem> PromptFiles::define_ask() {
  for (const std::string_view function : kAskFunctions) {
    const auto done = prompt_.run([&](const std::string& opening) {
      return std::string(function) + " print'" + opening + "'print'\\003'";
    });
    if (!done) {
      return done.error();
    }
  }
  const auto wrong = prompt_.run(
      [](const std::string& opening) { return "_nf.ask('" + opening + "',1,1,'return 1')"; });
  if (!wrong) {
    return wrong.error();
  }
  if (wrong.value() != std::vector<std::string>{"sum"}) {
    return false;
  }
  const Sum sum = sum_of(bytes_of("nodeflash"));
  const auto right = ask(kProbe);
  if (!right && right.error().diagnostic.id != "noise") {
    return right.error();
  }
  return right && right.value().values ==
                      std::vector<std::string>{std::to_string(sum.a), std::to_string(sum.b)};
}

std::optional<Problem> PromptFiles::define() {
  bool can_ask = false;
  for (int i = 0; i < kTriesUnchecked && !can_ask; ++i) {
    const auto defined = define_ask();
    if (!defined) {
      return defined.error();
    }
    can_ask = defined.value();
  }
  if (!can_ask) {
    return noise();
  }
  for (const std::string_view function : kFunctions) {
    const auto defined = ask(std::string(function));
    if (!defined) {
      return defined.error();
    }
    if (!defined.value().ok) {
      return failed("nodeflash", "take the functions of", defined.value());
    }
  }
  return std::nullopt;
}

std::optional<Problem> PromptFiles::open() {
  const auto has = prompt_.ask_surely("return type(file)");
  if (!has) {
    return has.error();
  }
  if (has.value().values != std::vector<std::string>{"table"} &&
      has.value().values != std::vector<std::string>{"romtable"}) {
    return refused("no-file-module", "the firmware has no module 'file'", "",
                   prompt_.port().path());
  }
  if (auto problem = define()) {
    return problem;
  }
  const auto base64 = ask("return encoder and encoder.fromBase64 and 1");
  if (!base64) {
    return base64.error();
  }
  has_base64_ = base64.value().values == std::vector<std::string>{"1"};
  return std::nullopt;
}

core::Result<std::map<std::string, uint32_t>, Problem> PromptFiles::list() {
  const auto answer = ask("for k,v in pairs(file.list())do print(v,k)end");
  if (!answer) {
    return answer.error();
  }
  std::map<std::string, uint32_t> files;
  for (const std::string& line : answer.value().lines) {
    const size_t tab = std::min(line.find('\t'), line.size() - 1);
    files[line.substr(tab + 1)] = number_of(line);
  }
  return files;
}

core::Result<uint32_t, Problem> PromptFiles::room() {
  const auto answer = ask("return(file.fsinfo())");
  if (!answer) {
    return answer.error();
  }
  const auto& [ok, lines, values] = answer.value();
  if (!ok || values.empty()) {
    return refused("no-file-system", "the device has no file system that works",
                   "file.format() on the device makes a new one", prompt_.port().path());
  }
  return number_of(values.front());
}

// Which file the functions are about.
std::optional<Problem> PromptFiles::set_name(const std::string& name) {
  const std::string text = literal(bytes_of(name));
  if (text.size() > kMostName) {
    return refused("file-refused", "the name '" + name + "' is too long for a prompt");
  }
  const auto answer = ask("_nf.taken=nil _nf.name=" + text);
  return answer ? std::nullopt : std::optional(answer.error());
}

core::Result<bool, Problem> PromptFiles::has_sums(uint32_t from, Bytes bytes) {
  const uint32_t count = (static_cast<uint32_t>(bytes.size()) + kSummed - 1) / kSummed;
  std::vector<std::string> wanted;
  for (uint32_t i = 0; i < count; ++i) {
    const size_t at = size_t{i} * kSummed;
    wanted.push_back(
        words_of(sum_of(bytes.subspan(at, std::min<size_t>(bytes.size() - at, kSummed)))));
  }
  // An answer may have changed on its way.
  std::vector<std::string> last;
  for (int i = 0; i < kTries; ++i) {
    const auto answer =
        ask_once("_nf.sums(" + std::to_string(from) + "," + std::to_string(count) + ")");
    if (!answer) {
      return answer.error();
    }
    if (answer.value().ok && answer.value().lines == wanted) {
      return true;
    }
    if (i > 0 && answer.value().lines == last) {
      return false;
    }
    last = answer.value().lines;
  }
  return false;
}

// Of the file that set_name() named.
core::Result<bool, Problem> PromptFiles::is_there(Bytes bytes) {
  const auto size = ask("return _nf.open'r'and _nf.call('seek','end',0)");
  if (!size) {
    return size.error();
  }
  bool is_same = size.value().values == std::vector<std::string>{std::to_string(bytes.size())};
  constexpr size_t kPiece = size_t{kSummed} * kSumsOfALine;
  for (size_t at = 0; is_same && at < bytes.size(); at += kPiece) {
    const auto same =
        has_sums(static_cast<uint32_t>(at), bytes.subspan(at, std::min(bytes.size() - at, kPiece)));
    if (!same) {
      return same.error();
    }
    is_same = same.value();
  }
  const auto closed = ask_once("_nf.close()");
  return closed ? core::Result<bool, Problem>(is_same) : closed.error();
}

core::Result<bool, Problem> PromptFiles::holds(const std::string& name, Bytes bytes) {
  if (auto problem = set_name(name)) {
    return *problem;
  }
  return is_there(bytes);
}

std::optional<Problem> PromptFiles::send(uint32_t number, Bytes block, const std::string& text) {
  const std::string words =
      std::to_string(number) + "," + words_of(sum_of(block, number), ',') + "," + text + ")";
  for (int i = 0; i < kTries; ++i) {
    const auto answer = prompt_.run(
        [&](const std::string& opening) { return "_nf.put('" + opening + "'," + words; });
    if (!answer) {
      return has_functions() ? answer.error() : gone();
    }
    const std::string said = answer.value().empty() ? "" : answer.value().front();
    if (said == "ok") {
      return std::nullopt;
    }
    if (said == "no") {
      return refused("file-refused", "the device takes no more of the file", "is there room on it?",
                     prompt_.port().path());
    }
  }
  return noise();
}

std::optional<Problem> PromptFiles::write(Bytes bytes, const Progress& progress) {
  const Bytes all = bytes;
  for (uint32_t number = 1; !bytes.empty(); ++number) {
    const auto [block, text] = next_block(bytes, kPromptLineBytes - kPutBytes, has_base64_);
    if (auto problem = send(number, block, text)) {
      return problem;
    }
    bytes = bytes.subspan(block.size());
    if (progress) {
      progress(static_cast<uint32_t>(all.size() - bytes.size()));
    }
  }
  return std::nullopt;
}

std::optional<Problem> PromptFiles::put_in_place(const std::string& name, Bytes bytes,
                                                 const Progress& progress) {
  if (auto problem = set_name(name)) {
    return problem;
  }
  const auto opened = ask("return _nf.open'w'");
  if (!opened) {
    return opened.error();
  }
  if (opened.value().values.empty() || opened.value().values.front() != "true") {
    return failed(name, "open", opened.value());
  }
  if (auto problem = write(bytes, progress)) {
    return problem;
  }
  const auto closed = ask_once("return _nf.close()");
  if (!closed) {
    return closed.error();
  }
  const auto same = is_there(bytes);
  if (!same) {
    return same.error();
  }
  if (!same.value()) {
    return failed(name, "hold what was written to", closed.value());
  }
  return std::nullopt;
}

std::optional<Problem> PromptFiles::put(const std::string& name, Bytes bytes,
                                        const Progress& progress) {
  if (auto problem = put_in_place(kNewFile, bytes, progress)) {
    return problem;
  }
  if (auto problem = set_name(name)) {
    return problem;
  }
  const auto taken = ask(std::string("return _nf.take'") + kNewFile + "'");
  if (!taken) {
    return taken.error();
  }
  if (taken.value().values.empty() || taken.value().values.front() != "true") {
    return failed(name, "rename a file to", taken.value());
  }
  return std::nullopt;
}

}  // namespace flashstore::provision
