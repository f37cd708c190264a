// Every kind of plan, for either chip, comes through Espressif's own esptool-js onto a virtual chip
// as it comes into an image, and after a cut in any step a second run comes to the same end.
#include <gmock/gmock.h>

#include <cstdlib>

#include "flashing.h"

namespace flashstore::test {
namespace {

constexpr size_t kEsp32Boot = 0x1000;
constexpr size_t kEsp32App = 0x10000;
constexpr size_t kEsp32AppBytes = 0x14000;
constexpr size_t kEsp32Lfs = 0x90000;

// The manifest of a plan; "before" has one whose plan a device has got already.
struct Case {
  const char* name;
  const char* chip;
  const char* manifest;
  const char* before;  // empty: a blank device
  bool is_quick;       // and representative: the others are tried in a deep run only
};

void PrintTo(const Case& plan, std::ostream* stream) {
  *stream << plan.name;
}

constexpr const char* kEsp8266 = R"("chip": "esp8266", "firmware": "fw.bin",
  "lfs": {"sources": ["main.lua"]}, "lilotafs": {"directory": "files"})";
constexpr const char* kEsp32 = R"("chip": "esp32", "bootloader": "boot.bin",
  "partition_table": "table.bin", "firmware": "app.bin", "lfs": {"sources": ["main.lua"]},
  "lilotafs": {"directory": "files"}, "partitions": {"lfs": {"mapped": "0x3f430000"}})";

constexpr Case kCases[] = {
    {"Esp8266All", "esp8266", kEsp8266, "", false},
    {"Esp8266Firmware", "esp8266", R"("chip": "esp8266", "firmware": "fw.bin")", kEsp8266, false},
    {"Esp8266Lfs", "esp8266",
     R"("chip": "esp8266", "lfs": {"sources": ["more.lua"]}, "partitions": {"policy": "device"})",
     kEsp8266, false},
    {"Esp8266Moved", "esp8266",
     R"("chip": "esp8266", "lfs": {"sources": ["more.lua"]}, "lilotafs": {"directory": "files"},
        "partitions": {"policy": "device", "lfs": {"address": "0xa0000", "size": "128K"},
                       "lilotafs": {"address": "1M", "size": "512K"}})",
     kEsp8266, false},
    {"Esp8266DefaultTable", "esp8266",
     R"("chip": "esp8266", "flash": {"size": "4M"}, "lfs": {"sources": ["main.lua"]},
        "partitions": {"policy": "default", "lfs": {"address": "0xa0000", "size": "64K"}},
        "raw": [{"file": "raw.bin", "address": "0xd000"}])",
     "", false},
    {"Esp32All", "esp32", kEsp32, "", true},
    {"Esp32Header", "esp32",
     R"("chip": "esp32", "bootloader": "boot.bin", "partition_table": "table.bin",
        "flash": {"size": "4M", "mode": "qio", "frequency": "80m"})",
     kEsp32, false},
    {"Esp32AppAndLfs", "esp32",
     R"("chip": "esp32", "firmware": "app2.bin", "lfs": {"sources": ["more.lua"]},
        "otadata": "erase",
        "partitions": {"policy": "device", "lfs": {"mapped": "0x3f430000"}})",
     kEsp32, true},
    {"Esp32App", "esp32",
     R"("chip": "esp32", "firmware": "app2.bin", "partitions": {"app": "ota_0"})", kEsp32, false},
    {"Esp32Moved", "esp32",
     R"("chip": "esp32", "lfs": {"sources": ["more.lua"]}, "partitions": {"policy": "device",
        "lfs": {"address": "0x100000", "size": "128K", "mapped": "0x3f430000"}})",
     kEsp32, false},
    {"Esp32Files", "esp32",
     R"("chip": "esp32", "lilotafs": {"directory": "files"}, "raw": [
        {"file": "raw.bin", "address": "0x9000"}], "partitions": {"policy": "device"})",
     kEsp32, false},
    {"Esp32Merged", "esp32", R"("chip": "esp32", "firmware": "merged.bin")", kEsp32, false},
};

bool is_deep() {
  return std::getenv("FLASHSTORE_DEEP") != nullptr;
}

class Plans : public FlashingAChip, public testing::WithParamInterface<Case> {
 protected:
  void SetUp() override {
    FlashingAChip::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    chip_ = GetParam().chip;
    write_text(folder_ / "more.lua", "return '" + std::string(9000, 'm') + "'");
    write_text(folder_ / "raw.bin", std::string(5000, 'r'));
    write_text(folder_ / "app2.bin", read_text(folder_ / "boot.bin"));  // another image
    std::string merged(kEsp32App - kEsp32Boot, '\xFF');
    const std::string boot = read_text(folder_ / "boot.bin");
    merged.replace(0, boot.size(), boot);
    const std::string table = read_text(folder_ / "table.bin");
    merged.replace(0x7000, table.size(), table);
    write_text(folder_ / "merged.bin", merged + read_text(folder_ / "app.bin"));

    before_ = GetParam().before[0] == '\0' ? blank() : image(manifest(GetParam().before), blank());
    write_text(folder_ / "flash", before_);
    plan_ = manifest(GetParam().manifest);
    whole_ = image(plan_, before_);
  }

  Words manifest(const std::string& members) const {
    write_text(folder_ / "board.json", "{" + members + "}");
    return {"board.json"};
  }

  std::string before_;
  std::string whole_;
  Words plan_;
};

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return info.param.name;
}

std::vector<Case> quick_cases() {
  std::vector<Case> cases;
  for (const Case& plan : kCases) {
    if (plan.is_quick || is_deep()) {
      cases.push_back(plan);
    }
  }
  return cases;
}

TEST_P(Plans, LeaveWhatTheImageBackendLeaves) {
  const FlashAnswer answer = run(plan_);
  ASSERT_EQ(answer.status, 0) << answer.err;
  EXPECT_TRUE(flash() == whole_);
  EXPECT_EQ(answer.device()["was_there"], false);
}

INSTANTIATE_TEST_SUITE_P(All, Plans, testing::ValuesIn(quick_cases()), name_of);

// A plan, and the steps of it in which the power goes.
class PlansWithACut : public Plans {
 protected:
  // A fault for a cut in each step: erases count in sectors, writes in bytes.
  Words faults() const {
    Words words{NODEFLASH, "plan", "--json"};
    write_text(folder_ / "device", before_);
    if (before_ != blank()) {
      words.insert(words.end(), {"--device", "device"});
    }
    words.insert(words.end(), plan_.begin(), plan_.end());
    const ProcessResult planned = run_process(words, surroundings());
    EXPECT_EQ(planned.exit_status, 0) << planned.err;
    Words faults;
    size_t erased = 0;
    size_t written = 0;
    const Json document = Json::parse(planned.out);
    for (const Json& step : document["steps"]) {
      const size_t bytes = step["length"];
      if (step["op"] == "erase") {
        faults.push_back("cut-erase=" + std::to_string(erased));
        erased += bytes / kSector;
      } else if (step["op"] == "write") {
        faults.push_back("cut=" + std::to_string(written + bytes / 2));
        written += bytes;
      }
    }
    return faults;
  }

  void expect_second_run_converges(const std::string& fault) {
    SCOPED_TRACE(fault);
    write_text(folder_ / "flash", before_);
    const FlashAnswer first = run(plan_, {fault}, {"--tries", "1", "--timeout", "6"});
    EXPECT_NE(first.status, 0);
    if (chip_ == "esp32") {
      expect_no_halves_esp32(flash());
    }
    const FlashAnswer second = run(plan_);
    ASSERT_EQ(second.status, 0) << second.err;
    EXPECT_TRUE(flash() == whole_);
  }

  bool same(const std::string& flash, size_t at, size_t bytes) const {
    return flash.compare(at, bytes, whole_, at, bytes) == 0;
  }
  bool changes(size_t at) const { return whole_.compare(at, kSector, before_, at, kSector) != 0; }

  void expect_no_halves_esp32(const std::string& flash) const {
    if (changes(kEsp32Lfs) && same(flash, kEsp32Lfs, kSector)) {
      EXPECT_TRUE(same(flash, kEsp32Lfs, 0x10000)) << "half an LFS image";
    }
    if (changes(kEsp32App) && same(flash, kEsp32App, kSector) && !changes(kEsp32Boot)) {
      EXPECT_TRUE(same(flash, kEsp32App, kEsp32AppBytes)) << "half an app";
    }
    if (changes(kEsp32Boot) && same(flash, kEsp32Boot, kSector)) {
      EXPECT_TRUE(flash == whole_) << "it boots before all is there";
    }
  }
};

TEST_P(PlansWithACut, ConvergeInASecondRun) {
  const Words all = faults();
  ASSERT_GE(all.size(), 3U);
  if (is_deep()) {
    for (const std::string& fault : all) {
      expect_second_run_converges(fault);
    }
  } else {
    expect_second_run_converges(all[all.size() / 2]);
  }
}

std::vector<Case> cut_cases() {
  return is_deep() ? quick_cases() : std::vector<Case>{kCases[5]};
}

INSTANTIATE_TEST_SUITE_P(Some, PlansWithACut, testing::ValuesIn(cut_cases()), name_of);

}  // namespace
}  // namespace flashstore::test
