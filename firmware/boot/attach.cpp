// Images in files (luaflash/FORMAT.md, "Images to attach").
#include "luaflash/attach.h"

#include "board/board.h"
#include "boot/device.h"
#include "boot/messages.h"
#include "luaflash/relocate.h"
#include "mount_image.h"

namespace flashstore::firmware {

using luaflash::AttachFinding;
using luaflash::AttachVerdict;

namespace {

uint32_t address_of(std::span<const uint8_t> mapped) {
  return luaflash::kFlashWindow + static_cast<uint32_t>(mapped.data() - board::mapped().data());
}

std::string_view reason_of(const AttachVerdict& verdict, uint32_t address) {
  switch (verdict.finding) {
    case AttachFinding::kNone:
      return "";
    case AttachFinding::kNoImage:
      return "not an image that luac.cross --attach-to made";
    case AttachFinding::kFlavour:
      return "the image has another type of numbers";
    case AttachFinding::kAddress:
      return join({"the image is for ", Hexadecimal(verdict.address), ", the file lies at ",
                   Hexadecimal(address), ": compile with -a ", Hexadecimal(address)});
    case AttachFinding::kBase:
      return "the image goes with another one in LFS: compile with --attach-to";
    default:
      return "the image is damaged";
  }
}

}  // namespace

std::span<const uint8_t> Device::mapped_file(int descriptor) {
  const auto extent = files_->map(descriptor);
  if (!extent) {
    return {};
  }
  const uint32_t address = partition(partition::kLilotafs).address + extent.value().offset;
  const uint32_t bytes = extent.value().length;
  const std::span<const uint8_t> window = board::mapped();
  if (bytes == 0 || address > window.size() || bytes > window.size() - address) {
    return {};
  }
  board::invalidate(address, bytes);
  return window.subspan(address, bytes);
}

std::string_view Device::judge_attachment(std::span<const uint8_t> content) {
  if (content.empty()) {
    return "the file does not lie in mapped flash";
  }
  const HeapBlock bitmap(
      heap_, luaflash::bitmap_words(static_cast<uint32_t>(content.size())) * luaflash::kWordBytes);
  if (bitmap.bytes().empty()) {
    return "not enough memory";
  }
  const luaflash::BaseStrings base(board::mapped().subspan(lfs_.flash_base, lfs_.image_bytes),
                                   lfs_.mapped_base);
  const uint32_t address = address_of(content);
  return reason_of(luaflash::attach_check(content, address, kSignature,
                                          lfs_.image_bytes == 0 ? nullptr : &base, bitmap.bytes()),
                   address);
}

Attachment Device::open_attachment(std::string_view file) {
  if (!files_) {
    return {.reason = "there is no file system"};
  }
  const auto opened = files_->Reader::open(file);
  if (!opened) {
    return {.reason = lilotafs::describe(opened.error())};
  }
  const auto content = mapped_file(opened.value());
  Attachment result;
  if (attached_.empty()) {
    result.reason = judge_attachment(content);
  } else if (content.data() != attached_.data()) {
    result.reason = "another image is attached until the next start";
  }
  if (!attached_.empty() || !result.reason.empty()) {
    (void)files_->close(opened.value());
    return result;
  }
  attached_ = content;
  attached_descriptor_ = opened.value();
  attached_rom_ = image_rom(content);
  return {.rom = &attached_rom_};
}

void Device::close_attachment() {
  attached_ = {};
  (void)files_->close(attached_descriptor_);
}

}  // namespace flashstore::firmware
