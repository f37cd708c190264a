#include "provision/esp32_files.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/nor_flash.h"
#include "host/quantities.h"
#include "provision/layout.h"

namespace flashstore::provision {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr uint32_t kSectorBytes = core::NorFlash::kSectorBytes;

// What Espressif's tools append for secure boot: version 1 so many bytes, of which the first word
// is 0; version 2 a sector.
constexpr size_t kSignatureBytes = 68;
constexpr uint8_t kSignatureSectorMagic = 0xE7;

// Whether `file`, an image of so many bytes and what follows it, has a signature behind the image.
bool is_signed(Bytes file, uint32_t image_bytes) {
  const size_t sector = (image_bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
  if (sector < file.size() && file[sector] == kSignatureSectorMagic) {
    return true;
  }
  const Bytes rest = without_blank_end(file.subspan(image_bytes));
  return rest.size() > 4 && rest.size() <= kSignatureBytes && core::load_word(rest, 0) == 0 &&
         std::any_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte != 0; });
}

Problem with_secure_boot(const std::string& what, const std::string& file) {
  return refused("secure-boot", what + " is signed for secure boot",
                 "Espressif's own tools are for chips that boot securely", file);
}

class Reader {
 public:
  Reader(const Manifest& manifest, const Inputs& inputs) : manifest_(manifest), inputs_(inputs) {}

  std::optional<Problem> read() {
    const std::string& firmware = manifest_.firmware;
    const auto at = firmware.empty() ? std::nullopt : find_merged(bytes_of(firmware));
    if (at) {
      if (!manifest_.bootloader.empty() || !manifest_.partition_table.empty()) {
        return refused("two-of-one", "the firmware has a boot loader and a partition table itself",
                       "leave \"bootloader\" and \"partition_table\" out, or give the app alone",
                       firmware);
      }
      return read_merged(*at);
    }
    if (!manifest_.bootloader.empty()) {
      if (auto problem = read_bootloader(manifest_.bootloader, bytes_of(manifest_.bootloader))) {
        return problem;
      }
    }
    if (!manifest_.partition_table.empty()) {
      const std::string& file = manifest_.partition_table;
      if (auto problem = read_table(file, bytes_of(file))) {
        return problem;
      }
    }
    return firmware.empty() ? std::nullopt : read_app(firmware, bytes_of(firmware));
  }

  Esp32Files take() { return std::move(files_); }

 private:
  Bytes bytes_of(const std::string& file) const { return as_span(inputs_.files.at(file)); }

  // Where a file that has everything begins in flash; nullopt: it is an app.
  static std::optional<uint32_t> find_merged(Bytes file) {
    for (const uint32_t begin : {0u, kEsp32BootAddress}) {
      const uint32_t boot = kEsp32BootAddress - begin;
      const uint32_t table = partition::kIdfAddress - begin;
      if (file.size() > table && file[boot] == partition::kImageMagic) {
        const auto read = read_own_table(file.subspan(table));
        if (read.ok() && !read.value().partitions.empty()) {
          return begin;
        }
      }
    }
    return std::nullopt;
  }

  std::optional<Problem> read_merged(uint32_t begin) {
    const std::string& file = manifest_.firmware;
    // As it is in flash.
    files_.merged.assign(begin, 0xFF);
    const Bytes bytes = bytes_of(file);
    files_.merged.insert(files_.merged.end(), bytes.begin(), bytes.end());
    const Bytes flash = files_.merged;
    if (!is_blank(flash.first(kEsp32BootAddress))) {
      return with_secure_boot("the boot loader", file);
    }
    if (auto problem = read_bootloader(file, flash.subspan(kEsp32BootAddress, kEsp32BootBytes))) {
      return problem;
    }
    const size_t table_bytes = std::min<size_t>(kTableBytes, flash.size() - partition::kIdfAddress);
    return read_table(file, flash.subspan(partition::kIdfAddress, table_bytes));
  }

  std::optional<Problem> read_bootloader(const std::string& file, Bytes bytes) {
    auto read = read_esp32_image(manifest_, file, bytes, "the boot loader");
    if (!read) {
      return read.error();
    }
    files_.boot = std::move(read).value();
    files_.boot->bytes = without_blank_end(bytes);
    if (files_.boot->bytes.size() > kEsp32BootBytes) {
      return refused("bootloader-too-large",
                     "the boot loader has " + host::bytes(files_.boot->bytes.size()) +
                         ", in front of the partition table there is room for " +
                         host::bytes(kEsp32BootBytes),
                     "", file);
    }
    return std::nullopt;
  }

  std::optional<Problem> read_table(const std::string& file, Bytes bytes) {
    auto read = read_own_table(bytes);
    if (!read || read.value().partitions.empty()) {
      const std::string flaw = read ? "" : std::string(": ") + name(read.error().flaw);
      return refused("no-table", "no partition table of an ESP32" + flaw,
                     "the build's partition-table.bin is one, 'nodeflash table create --from' "
                     "makes one",
                     file);
    }
    if (bytes.size() > partition::kIdfMaxBytes &&
        !is_blank(bytes.subspan(partition::kIdfMaxBytes))) {
      return with_secure_boot("the partition table", file);
    }
    files_.table = std::move(read).value();
    files_.table_file = file;
    return std::nullopt;
  }

  std::optional<Problem> read_app(const std::string& file, Bytes bytes) {
    auto read = read_esp32_image(manifest_, file, bytes, "the app");
    if (!read) {
      return read.error();
    }
    files_.app = std::move(read).value();
    return std::nullopt;
  }

  const Manifest& manifest_;
  const Inputs& inputs_;
  Esp32Files files_;
};

}  // namespace

core::Result<Esp32Files, Problem> read_esp32_files(const Manifest& manifest, const Inputs& inputs) {
  Reader reader(manifest, inputs);
  if (auto problem = reader.read()) {
    return *problem;
  }
  return reader.take();
}

core::Result<Esp32Image, Problem> read_esp32_image(const Manifest& manifest,
                                                   const std::string& file, Bytes bytes,
                                                   const std::string& what) {
  auto header = image::read_firmware_header(bytes);
  if (!header) {
    return bad_firmware(header.error(), file);
  }
  if (auto problem = check_chip(manifest, header.value(), file)) {
    return *problem;
  }
  if (is_signed(bytes, header.value().bytes)) {
    return with_secure_boot(what, file);
  }
  return Esp32Image{file, bytes, std::move(header).value()};
}

Bytes without_blank_end(Bytes bytes) {
  const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](uint8_t b) { return b != 0xFF; });
  return bytes.first(static_cast<size_t>(bytes.rend() - last));
}

}  // namespace flashstore::provision
