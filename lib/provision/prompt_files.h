// The files of a device, through its Lua prompt: with nothing but NodeMCU's module file, of any
// age, and a few functions of our own that are typed in first. A block is written once, however
// often it has to be sent, and only with the sum that it was sent with; what is on the device in
// the end is summed up there. The sums are Adler-32, in words of 16 bits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "provision/prompt.h"

namespace flashstore::provision {

class PromptFiles {
 public:
  // What a file is written as, before it takes the place of another.
  static constexpr const char* kNewFile = "nodeflash.new";

  // Of a file that is written: so many bytes are there.
  using Progress = std::function<void(uint32_t bytes)>;

  // The prompt has been found; it is the caller's.
  explicit PromptFiles(Prompt& prompt) : prompt_(prompt) {}

  // Before anything else, and again after each reset. Reasons: no-file-module, and the prompt's.
  std::optional<Problem> open();

  // Runs a chunk that does no harm if it is run again, only as it was sent.
  core::Result<PromptAnswer, Problem> ask(const std::string& chunk);

  // Sizes by name.
  core::Result<std::map<std::string, uint32_t>, Problem> list();
  // Bytes that are free.
  core::Result<uint32_t, Problem> room();

  // Whether the file is there with these bytes.
  core::Result<bool, Problem> holds(const std::string& name, std::span<const uint8_t> bytes);

  // Writes a file under a name of its own, verifies it, and has it take the place of what is there
  // by that name: until then the old one stays. Reasons: file-refused, file-differs, device-reset,
  // and the prompt's.
  std::optional<Problem> put(const std::string& name, std::span<const uint8_t> bytes,
                             const Progress& progress);
  // The same in its place: a power cut leaves half of it.
  std::optional<Problem> put_in_place(const std::string& name, std::span<const uint8_t> bytes,
                                      const Progress& progress);

 private:
  core::Result<PromptAnswer, Problem> ask_once(const std::string& chunk);
  // Has the device know `ask`, then all else.
  core::Result<bool, Problem> define_ask();
  std::optional<Problem> define();
  std::optional<Problem> set_name(const std::string& name);
  std::optional<Problem> write(std::span<const uint8_t> bytes, const Progress& progress);
  // Sends a block until the device has taken it.
  std::optional<Problem> send(uint32_t number, std::span<const uint8_t> block,
                              const std::string& text);
  core::Result<bool, Problem> has_sums(uint32_t from, std::span<const uint8_t> bytes);
  core::Result<bool, Problem> is_there(std::span<const uint8_t> bytes);
  Problem failed(const std::string& name, const std::string& what,
                 const PromptAnswer& answer) const;
  // Why a line has failed that cannot: the functions are gone.
  bool has_functions();
  Problem gone() const;
  Problem noise() const;

  Prompt& prompt_;
  bool has_base64_ = false;
};

}  // namespace flashstore::provision
