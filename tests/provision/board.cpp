#include "board.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

#include "luac/image_writer.h"
#include "luac/master.h"
#include "luac/module_file.h"
#include "norsim/flash.h"
#include "provision/apply.h"
#include "provision/image_chip.h"
#include "support/firmware_maker.h"

namespace flashstore::test {
namespace {

constexpr uint8_t kOneMiB = 0x20;
constexpr size_t kMark = 0x12000;
constexpr size_t kVersion = 0x13000;

}  // namespace

std::string firmware(const std::string& mark, const std::string& version, uint32_t end) {
  std::string file =
      as_text(nodemcu_firmware(factory_words(kLfsBytes, 0xFFFFFFFF, end), end, kOneMiB));
  file.replace(0x11000, 0x1000, std::string(0x1000, '\xFF'));  // of ours, the page's backup
  file.replace(kMark, 32, mark + std::string(32 - mark.size(), '\0'));
  file.replace(kVersion, version.size(), version);
  return file;
}

std::string relocatable_image(luac::Flavour flavour, const std::string& source) {
  std::vector<luac::Module> modules;
  modules.push_back(luac::read_module(source, "main.lua", "@main.lua", flavour).value().module);
  return as_text(luac::write_image(luac::make_master(std::move(modules), kTime), flavour).payload);
}

Board::Board() {
  write("fw.bin", firmware());
  write("app/main.lua", "return 'main'");
  write("app/more.lua", "local text = ...\nreturn text, 'more'");
  write("fs/init.lua", "print 'init'");
  write("fs/www/index.html", std::string(9000, 'x'));
  manifest.firmware = "fw.bin";
  manifest.lfs.sources = {"app/*.lua"};
  manifest.lilotafs.directory = "fs";
}

void Board::write(const std::string& path, std::string_view content) {
  const std::filesystem::path file = folder_ / path;
  std::filesystem::create_directories(file.parent_path());
  write_text(file, content);
}

core::Result<provision::Plan, provision::Problem> Board::plan() const {
  if (const auto problem = provision::check_manifest(manifest)) {
    return *problem;
  }
  const auto inputs = provision::read_inputs(manifest, folder_.path());
  if (!inputs) {
    return inputs.error();
  }
  return provision::make_plan(manifest, inputs.value(), kTime, device);
}

std::string Board::reason() const {
  const auto made = plan();
  return made ? "" : made.error().diagnostic.id;
}

std::string Board::message() const {
  const auto made = plan();
  return made ? "" : made.error().diagnostic.message;
}

provision::Plan plan_of(const Board& board) {
  auto plan = board.plan();
  EXPECT_TRUE(plan.ok()) << board.message();
  return std::move(plan).value();
}

int last(const provision::Plan& plan, provision::StepKind kind, uint32_t address) {
  int found = -1;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const provision::Step& step = plan.steps[i];
    if (step.kind == kind && step.address <= address && address - step.address < step.bytes) {
      found = static_cast<int>(i);
    }
  }
  return found;
}

std::vector<uint8_t> applied(const provision::Plan& plan, std::vector<uint8_t> before) {
  norsim::Contents contents(plan.flash_bytes);
  if (!before.empty()) {
    contents.program(0, before);
  }
  norsim::Flash flash(std::move(contents));
  provision::ImageChip chip(flash);
  const auto done = provision::apply(plan, chip, {});
  if (!done) {
    throw std::runtime_error(done.error().diagnostic.message);
  }
  return flash.contents().bytes();
}

}  // namespace flashstore::test
