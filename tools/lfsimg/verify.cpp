// lfsimg verify: what a device makes of an image, before it gets near one.
#include <memory>

#include "arguments.h"
#include "core/inflate.h"
#include "findings.h"
#include "host/json.h"
#include "host/numbers.h"
#include "host/quantities.h"
#include "image/gunzip.h"
#include "luac/target.h"
#include "luaflash/boot_check.h"
#include "luaflash/relocate.h"
#include "luaflash/verify_stream.h"
#include "relocatable.h"
#include "verbs.h"

namespace flashstore::lfsimg {
namespace {

using host::Diagnostic;
using host::Json;
using luaflash::kWordBytes;

constexpr uint32_t kWindowEnd = luaflash::kFlashWindow + luaflash::kFlashWindowBytes;
constexpr std::string_view kFlashedEffect = "a device boots without it, or faults";

struct VerifyOptions {
  std::string image;
  std::optional<uint32_t> partition;
  std::optional<uint32_t> base;  // it is to be flashed there; else it is for node.flashreload
  std::optional<luac::Flavour> firmware;

  uint32_t partition_bytes() const {
    return partition.value_or(luaflash::kMaxImageWords * kWordBytes);
  }
};

// What is wrong with a file, as diagnostic `found` has it, and what that leads to.
Diagnostic with_effect(Diagnostic found, std::string_view effect) {
  if (!effect.empty()) {
    found.message += "; " + std::string(effect);
  }
  return found;
}

// The finding with this id; `detail` goes behind what it is, `hint` replaces its way out.
Diagnostic describe(const std::string& id, const std::string& detail = "", std::string hint = "") {
  const Finding& known = finding(id);
  const std::string what(known.what);
  Diagnostic found{.id = id,
                   .message = detail.empty() ? what : what + ": " + detail,
                   .hint = hint.empty() ? std::string(known.way_out) : std::move(hint)};
  return found;
}

std::string relocate_hint(const std::string& options) {
  return "'lfsimg relocate " + options + " -o OUT IMG' makes one";
}

// Whether today's firmware has other types.
bool is_old(const ImageFile& image) {
  return image.view().generation() != luaflash::Generation::kApril2020;
}

class Verification {
 public:
  Verification(const VerifyOptions& options, std::string file)
      : options_(options), file_(std::move(file)), opened_(open_image(options.image, file_)) {
    flavour_ =
        options_.firmware.value_or(opened_ ? opened_.value().flavour() : luac::Flavour::kFloat);
  }

  // What is wrong, if anything is.
  std::optional<Diagnostic> judge() { return options_.base ? judge_flashed() : judge_reloaded(); }

  luac::Flavour flavour() const { return flavour_; }

  // Of a file that was accepted.
  uint32_t image_bytes() const { return opened_.value().view().words() * kWordBytes; }

 private:
  std::optional<Diagnostic> judge_reloaded();
  std::optional<Diagnostic> judge_flashed();
  std::optional<Diagnostic> judge_stream();
  std::optional<Diagnostic> judge_structure();
  std::optional<Diagnostic> stranger() const;
  Diagnostic uncompressed() const;
  Diagnostic flavour_finding() const;
  Diagnostic too_large(uint32_t bytes) const;

  std::span<const uint8_t> bytes() const {
    return {reinterpret_cast<const uint8_t*>(file_.data()), file_.size()};
  }

  const VerifyOptions& options_;
  std::string file_;
  core::Result<ImageFile, Problem> opened_;  // as far as it can be read
  luac::Flavour flavour_;
};

// What a file that is no image is instead, if that is known.
std::optional<Diagnostic> Verification::stranger() const {
  const bool known = !opened_ && opened_.error().diagnostic.id != "unknown";
  return known ? std::optional(opened_.error().diagnostic) : std::nullopt;
}

// Of an image that node.flashreload cannot inflate.
Diagnostic Verification::uncompressed() const {
  const ImageFile& image = opened_.value();
  switch (image.form()) {
    case Form::kAbsolute: {
      if (is_old(image)) {
        return describe("absolute-image", "", std::string(finding("old-tags").way_out));
      }
      const std::string base = host::hex(image.view().base());
      return describe("absolute-image", "",
                      "it is to be flashed at " + base + " ('lfsimg verify --base " + base +
                          "' judges that); " + relocate_hint("--relocatable") + " for reloading");
    }
    case Form::kChained:
      return describe("chained-image");
    default:
      return describe("payload-image");
  }
}

Diagnostic Verification::flavour_finding() const {
  const std::string wanted(name(flavour_));
  const std::string found =
      opened_ ? std::string(name(opened_.value().flavour())) + " numbers, the firmware has " : "";
  return describe("flavour", found + wanted, "build it anew with luac.cross -f --target " + wanted);
}

Diagnostic Verification::too_large(uint32_t bytes) const {
  return describe("too-large",
                  host::bytes(bytes) + " for " + host::bytes(options_.partition_bytes()));
}

std::optional<Diagnostic> Verification::judge_stream() {
  using luaflash::StreamFinding;
  std::vector<uint8_t> window(luaflash::kMaxBackReference);
  core::Inflater inflater(window);
  core::SpanSource source(bytes());
  std::vector<uint8_t> bitmap(luaflash::bitmap_words(luaflash::kMaxImageWords * kWordBytes) *
                              kWordBytes);
  const luaflash::Target target{luac::signature(flavour_), options_.partition_bytes()};
  const auto verdict = luaflash::verify_stream(source, inflater, bitmap, target);
  if (verdict.ok()) {
    return std::nullopt;
  }
  const std::string id = luaflash::name(verdict);
  Diagnostic found = describe(id);
  switch (verdict.finding) {
    case StreamFinding::kFlavour:
      found = flavour_finding();
      break;
    case StreamFinding::kTooLarge:
      if (opened_) {
        found = too_large(image_bytes());
      }
      break;
    case StreamFinding::kSignature:
      found = stranger().value_or(found);
      break;
    case StreamFinding::kAbsolute:
      if (const auto what = stranger(); what && what->id == "absolute-image") {
        found = *what;
      }
      break;
    default:
      break;
  }
  found = with_effect(found, finding(found.id == "absolute-image" ? found.id : id).effect);
  found.file = options_.image;
  const bool in_file =
      verdict.finding == StreamFinding::kEnvelope || verdict.finding == StreamFinding::kShortFile;
  (in_file ? found.offset : found.payload_offset) = verdict.offset;
  return found;
}

std::optional<Diagnostic> Verification::judge_structure() {
  const auto relocatable = make_relocatable(opened_.value());
  return relocatable ? std::nullopt : std::optional(relocatable.error().diagnostic);
}

std::optional<Diagnostic> Verification::judge_reloaded() {
  const auto in_file = [&](Diagnostic found, std::string_view id) {
    found = with_effect(std::move(found), finding(id).effect);
    found.file = options_.image;
    return found;
  };
  if (options_.partition_bytes() == 0) {
    return in_file(describe("no-partition"), "no-partition");
  }
  if (opened_ && !opened_.value().is_compressed()) {
    return in_file(uncompressed(), "absolute-image");
  }
  if (!opened_ && !image::is_gzip(bytes())) {
    return in_file(stranger().value_or(describe("bad-magic")), "bad-magic");
  }
  if (auto found = judge_stream()) {
    return found;
  }
  if (!opened_) {
    return opened_.error().diagnostic;
  }
  if (is_old(opened_.value())) {
    return in_file(describe("old-tags"), "old-tags");
  }
  return judge_structure();
}

std::optional<Diagnostic> Verification::judge_flashed() {
  const auto in_file = [&](Diagnostic found) {
    found = with_effect(std::move(found), kFlashedEffect);
    found.file = options_.image;
    return found;
  };
  if (!opened_) {
    return in_file(opened_.error().diagnostic);
  }
  const ImageFile& image = opened_.value();
  const std::string base = host::hex(*options_.base);
  if (is_old(image)) {  // then no address helps
    return in_file(describe("old-tags"));
  }
  if (image.form() != Form::kAbsolute) {
    return in_file(describe("relocatable-image", "", relocate_hint("--base " + base)));
  }
  if (image.view().base() != *options_.base) {
    return in_file(describe("other-base", host::hex(image.view().base()) + ", not " + base,
                            relocate_hint("--base " + base)));
  }
  if (image.flavour() != flavour_) {
    return in_file(flavour_finding());
  }
  if (image_bytes() > options_.partition_bytes()) {
    return in_file(too_large(image_bytes()));
  }
  if (uint64_t{*options_.base} + image_bytes() > kWindowEnd) {
    return in_file(describe("behind-window"));
  }
  if (luaflash::boot_check(image.view().bytes(), *options_.base, luac::signature(flavour_)) !=
      luaflash::BootVerdict::kOk) {
    return in_file(describe("main"));
  }
  return judge_structure();
}

int run_verify(const VerifyOptions& options, Job& job) {
  auto file = job.read(options.image);
  if (!file) {
    return job.fail(file.error());
  }
  Verification verification(options, std::move(file).value());
  const auto found = verification.judge();
  const std::string firmware(name(verification.flavour()));
  job.field("accepted") = !found;
  job.field("for") = options.base ? "flashing" : "flashreload";
  job.field("firmware") = firmware;
  job.field("partition") = options.partition_bytes();
  job.field("base") = options.base ? Json(*options.base) : Json(nullptr);
  job.field("image_size") = found ? Json(nullptr) : Json(verification.image_bytes());
  if (found) {
    return job.fail({host::kNo, *found});
  }
  const uint32_t bytes = verification.image_bytes();
  const std::string where =
      options.base ? "for flashing at " + host::hex(*options.base) : "for node.flashreload";
  job.result("accepted " + where + ", " + firmware + " firmware: " + host::bytes(bytes) + ", " +
             host::percent(bytes, options.partition_bytes()) + " of " +
             host::bytes(options.partition_bytes()) + "\n");
  return host::kOk;
}

}  // namespace

void add_verify(Verbs& verbs) {
  auto options = std::make_shared<VerifyOptions>();
  tools::CommandLine line = verbs.add("verify", "whether a device takes an image, and why not",
                                      "  lfsimg verify --partition 128K luac.out\n"
                                      "  lfsimg verify --base 0x40280000 --firmware int lfs.img",
                                      [options](Job& job) { return run_verify(*options, job); });
  add_size(line, "--partition", options->partition, "of the device's LFS partition; default: 256K");
  add_address(line, "--base", options->base,
              "judge it for flashing at this address, not for node.flashreload");
  add_choice(line, "--firmware", "KIND", luac::kFlavourNames, options->firmware,
             "numbers of the firmware; default: those of the image");
  add_image(line, options->image);
}

}  // namespace flashstore::lfsimg
