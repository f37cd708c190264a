// A region of flash written block by block, plain or deflated.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <span>

#include "support/virtual_chip/protocol.h"
#include "support/virtual_chip/spi_flash.h"

namespace flashstore::virtual_chip {

class FlashWriter {
 public:
  struct Plan {
    uint32_t offset = 0;
    uint32_t bytes =
        0;  // of the region; what comes beyond is dropped if plain, refused if deflated
    uint32_t blocks = 0;  // that will come
    uint32_t block_bytes = 0;
    bool deflated = false;
    bool erases = false;  // sectors just before they are written; else the caller erased them
  };

  // The flash is the caller's.
  explicit FlashWriter(SpiFlash& flash) : flash_(flash) {}

  void begin(const Plan& plan);
  void abandon() { begun_ = false; }
  // Whether a block with this number may come: the next, or the one before over again, for its
  // sender may have missed the reply.
  Refusal check(uint32_t sequence, std::span<const uint8_t> block) const;
  // A block that check() let pass.
  Refusal write(uint32_t sequence, std::span<const uint8_t> block);
  // Whether all that was announced has come.
  Refusal end();

 private:
  struct EndInflate {
    void operator()(z_stream* stream) const {
      inflateEnd(stream);
      delete stream;
    }
  };

  void put(std::span<const uint8_t> bytes);
  Refusal inflate_block(std::span<const uint8_t> block);

  SpiFlash& flash_;
  Plan plan_;
  bool begun_ = false;
  uint32_t next_ = 0;
  uint32_t written_ = 0;
  uint32_t erased_to_ = 0;
  std::unique_ptr<z_stream, EndInflate> stream_;
};

}  // namespace flashstore::virtual_chip
