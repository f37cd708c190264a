// Payloads that lead compressors into temptation.
#pragma once

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace flashstore::test {

inline std::string random_text(size_t size, unsigned seed = 7) {
  std::mt19937 random(seed);
  std::string text;
  for (size_t i = 0; i < size; ++i) {
    text += static_cast<char>(random());
  }
  return text;
}

// Text that repeats itself from `distance` bytes before, unlike anything between.
inline std::string repeating_at(size_t distance) {
  const std::string text = random_text(distance);
  return text + text;
}

inline std::vector<std::pair<std::string, std::string>> nasty_payloads() {
  std::vector<std::pair<std::string, std::string>> payloads{
      {"zeros", std::string(40000, '\0')},    {"zeros, few", std::string(178, '\0')},
      {"ones", std::string(70000, '\xff')},   {"random", random_text(70000)},
      {"two letters in turn", std::string()},
  };
  for (int i = 0; i < 20000; ++i) {
    payloads.back().second += i % 2 == 0 ? 'a' : 'b';
  }
  for (const size_t distance : {16382u, 16383u, 16384u, 16385u}) {
    payloads.emplace_back("repeated at " + std::to_string(distance), repeating_at(distance));
  }
  // The beginning comes again: at once, within the window, over and over.
  const std::string start = random_text(200, 8);
  payloads.emplace_back("start twice", start + start);
  payloads.emplace_back("start once more", start + random_text(3000) + start + random_text(100));
  std::string often = start;
  for (unsigned i = 0; i < 20; ++i) {
    often += random_text(300, 100 + i) + start;
  }
  payloads.emplace_back("start again and again", often);
  return payloads;
}

}  // namespace flashstore::test
