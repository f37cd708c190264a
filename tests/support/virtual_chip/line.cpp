#include "support/virtual_chip/line.h"

#include <zlib.h>

#include <stdexcept>

namespace flashstore::virtual_chip {

Bytes words_to_bytes(const std::vector<uint32_t>& words) {
  Bytes bytes(words.size() * 4);
  for (size_t i = 0; i < words.size(); ++i) {
    core::store_word(bytes, i * 4, words[i]);
  }
  return bytes;
}

Bytes deflated(const Bytes& bytes) {
  uLongf size = compressBound(bytes.size());
  Bytes out(size);
  if (compress(out.data(), &size, bytes.data(), bytes.size()) != Z_OK) {
    throw std::runtime_error("compress");
  }
  out.resize(size);
  return out;
}

std::vector<Bytes> Line::exchange(const Bytes& frame) {
  Bytes line;
  append_frame(line, frame);
  chip_.receive(line, baud_);
  SlipDecoder decoder;
  std::vector<Bytes> frames;
  for (const uint8_t byte : chip_.take_output()) {
    if (auto got = decoder.push(byte)) {
      frames.push_back(std::move(*got));
    }
  }
  return frames;
}

std::vector<Bytes> Line::request(Op op, const Bytes& data, uint32_t check) {
  Bytes frame = {0, static_cast<uint8_t>(op), static_cast<uint8_t>(data.size()),
                 static_cast<uint8_t>(data.size() >> 8)};
  frame.resize(8);
  core::store_word(frame, 4, check);
  frame.insert(frame.end(), data.begin(), data.end());
  return exchange(frame);
}

std::optional<Answer> Line::answer(Op op, const std::vector<Bytes>& frames) const {
  if (frames.empty()) {
    return std::nullopt;
  }
  const Bytes& frame = frames.front();
  const size_t status = kind_ == Kind::kEsp32 && chip_.mode() == Mode::kRom ? 4 : 2;
  if (frame.size() < 8 + status || frame[0] != 1 ||
      frame[2] + size_t{frame[3]} * 256 != frame.size() - 8 ||
      (frame[1] != static_cast<uint8_t>(op) && frame[1] != 0)) {
    throw std::logic_error("not an answer");
  }
  const auto end = frame.end() - static_cast<ptrdiff_t>(status);
  return Answer{core::load_word(frame, 4), Bytes(frame.begin() + 8, end), end[1]};
}

std::optional<Answer> Line::ask(Op op, const std::vector<uint32_t>& words) {
  return answer(op, request(op, words_to_bytes(words)));
}

std::optional<Answer> Line::send_block(Op op, uint32_t sequence, const Bytes& block) {
  Bytes data = words_to_bytes({static_cast<uint32_t>(block.size()), sequence, 0, 0});
  data.insert(data.end(), block.begin(), block.end());
  return answer(op, request(op, data, checksum(block)));
}

std::vector<Bytes> Line::sync() {
  Bytes data = {0x07, 0x07, 0x12, 0x20};
  data.resize(36, 0x55);
  return request(Op::kSync, data);
}

void Line::start_stub() {
  sync();
  ask(Op::kMemBegin, {4, 1, 4, 0x4010E000});
  send_block(Op::kMemData, 0, {1, 2, 3, 4});
  request(Op::kMemEnd, words_to_bytes({0, 0x4010E000}));
}

}  // namespace flashstore::virtual_chip
