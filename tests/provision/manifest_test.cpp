// Manifests and plans as JSON: what is read, and how what is wrong is told.
#include <gmock/gmock.h>

#include "board.h"
#include "host/json.h"
#include "provision/plan_file.h"

namespace flashstore::test {
namespace {

using ::testing::HasSubstr;

struct Wrong {
  const char* text;
  uint32_t line;
  const char* reason;
  const char* message;
};

TEST(Manifest, TellsLinePointerAndReasonOfWhatIsWrong) {
  const std::vector<Wrong> all = {
      {"{\n\"chip\": \"esp8266\",\n\"firmwear\": \"x\"\n}", 3, "unknown-key", "/firmwear: "},
      {"{\n\"chip\": \"esp8266\",\n\"lfs\": {\n\"sources\": [\"a\",\n7\n]}}", 5, "wrong-type",
       "/lfs/sources/1: "},
      {"{\"chip\": \"esp8266\",\n\"flash\": {\"size\": \"4X\"}}", 2, "wrong-value",
       "/flash/size: '4X'"},
      {"{\"chip\": \"esp8266\",\n\"flash\": 4}", 2, "wrong-type", "/flash: an object"},
      {"{\"firmware\": \"x\"}", 1, "missing-key", "'chip'"},
      {"{\n\"chip\": \"esp8266\",\n\"chip\": \"esp8266\"}", 3, "repeated-key", "/chip: "},
      {"{\n\"chip\": \"esp8266\",\n}", 3, "not-json", ""},
      {"", 1, "not-json", ""},
      {"[]", 1, "wrong-type", "an object"},
      {"{\"chip\": \"esp8266\", \"schema\": \"nodeflash.manifest/2\"}", 1, "unknown-schema", ""},
      {"{\"chip\": \"esp8266\", \"lfs\": {\"strip\": 1}}", 1, "missing-key", "/lfs: "},
      {"{\"chip\": \"esp8266\", \"raw\": [{\"file\": \"x\"}]}", 1, "missing-key",
       "/raw/0: 'address'"},
      {"{\"chip\": \"esp8266\", \"partitions\": {\"policy\": \"mine\"}}", 1, "wrong-value",
       "/partitions/policy: 'mine'"},
      {"{\"chip\": \"esp8266\", \"bauds\": [0]}", 1, "wrong-value", "/bauds/0: "},
      {"{\"chip\": \"esp8266\", \"ports\": [\"\"]}", 1, "wrong-value", "/ports/0: "},
      {"{\"chip\": \"esp8266\", \"ports\": [7]}", 1, "wrong-type", "/ports/0: "},
      {"{\"chip\": \"esp8266\", \"ports\": [{\"mac\": \"5c:cf:7f:00:00:01\"}]}", 1, "missing-key",
       "/ports/0: 'port'"},
      {"{\"chip\": \"esp8266\", \"ports\": [{\"port\": \"x\", \"mac\": \"5c:cf:7f:00:00:1\"}]}", 1,
       "wrong-value", "'5c:cf:7f:00:00:1'"},
      {"{\"chip\": \"esp8266\", \"a/b~\": 1}", 1, "unknown-key", "/a~1b~0: "},
      {"{\n\"chip\": \"esp9000\", \"firmware\": \"x\"}", 2, "unknown-chip", "/chip: "},
      {"{\"chip\": \"esp8266\", \"firmware\": \"x\",\n\"flash\": {\n\"mode\": \"x\"}}", 3,
       "flash-mode", "/flash/mode: "},
      {"[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]", 1, "too-deep", ""},
  };
  for (const Wrong& wrong : all) {
    const auto parsed = provision::parse_manifest("board.json", wrong.text);
    ASSERT_FALSE(parsed.ok()) << wrong.text;
    const auto& diagnostic = parsed.error().diagnostic;
    EXPECT_EQ(diagnostic.id, wrong.reason) << wrong.text;
    EXPECT_EQ(diagnostic.line, wrong.line) << wrong.text;
    EXPECT_EQ(diagnostic.file, "board.json");
    EXPECT_THAT(diagnostic.message, HasSubstr(wrong.message)) << wrong.text;
  }
}

constexpr const char* kWhole = R"({
  "schema": "nodeflash.manifest/1",
  "chip": "esp8266",
  "flash": {"size": "4M", "mode": "dio", "frequency": "40m"},
  "firmware": "fw.bin",
  "numbers": "int",
  "lfs": {"sources": ["app/*.lua"], "resources": [{"module": "page", "file": "p.html"}], "strip": 1},
  "lilotafs": {"directory": "fs"},
  "partitions": {"policy": "firmware", "lfs": {"address": "0xA0000", "size": "256K"},
                 "lilotafs": {"size": 1048576}},
  "raw": [{"file": "phy.bin", "address": 61440}],
  "ports": ["/dev/ttyUSB0", {"port": "10c4:ea60:0001", "mac": "5c:cf:7f:00:00:01"}],
  "bauds": [921600, 115200],
  "smoke": {"modules": ["main"], "seconds": 5}
})";

TEST(Manifest, IsReadWhole) {
  const auto parsed = provision::parse_manifest("board.json", kWhole);
  ASSERT_TRUE(parsed.ok()) << parsed.error().diagnostic.message;
  const provision::Manifest& manifest = parsed.value();
  EXPECT_EQ(manifest.flash.bytes, 4u << 20);
  EXPECT_EQ(manifest.flash.mode, "dio");
  EXPECT_EQ(manifest.numbers, luac::Flavour::kInt);
  EXPECT_EQ(manifest.lfs.strip, 1u);
  EXPECT_EQ(manifest.lfs.resources[0].file, "p.html");
  EXPECT_EQ(manifest.partitions.lfs, (provision::Place{0xA0000, 0x40000}));
  EXPECT_EQ(manifest.partitions.lilotafs, (provision::Place{std::nullopt, 0x100000}));
  EXPECT_EQ(manifest.raw[0].address, 0xF000u);
  EXPECT_EQ(manifest.ports[0].name, "/dev/ttyUSB0");
  EXPECT_EQ(manifest.ports[1].name, "10c4:ea60:0001");
  EXPECT_EQ(manifest.ports[1].mac, "5c:cf:7f:00:00:01");
  EXPECT_EQ(manifest.bauds, (std::vector<uint32_t>{921600, 115200}));
  EXPECT_EQ(manifest.smoke->seconds, 5u);
}

constexpr const char* kWholeEsp32 = R"({
  "chip": "esp32",
  "firmware": "app.bin", "bootloader": "boot.bin", "partition_table": "table.bin",
  "otadata": "erase",
  "lfs": {"image": "lfs.img"},
  "partitions": {"app": "ota_1", "lfs": {"label": "code", "mapped": "0x3F430000"},
                 "lilotafs": {"label": "data"}}
})";

TEST(Manifest, OfAnEsp32IsReadWhole) {
  const auto parsed = provision::parse_manifest("board.json", kWholeEsp32);
  ASSERT_TRUE(parsed.ok()) << parsed.error().diagnostic.message;
  const provision::Manifest& manifest = parsed.value();
  EXPECT_EQ(manifest.bootloader, "boot.bin");
  EXPECT_EQ(manifest.partition_table, "table.bin");
  EXPECT_TRUE(manifest.erases_otadata);
  EXPECT_EQ(manifest.partitions.app, "ota_1");
  EXPECT_EQ(manifest.partitions.lfs.label, "code");
  EXPECT_EQ(manifest.partitions.lfs.mapped, 0x3F430000u);
  EXPECT_EQ(manifest.partitions.lilotafs.label, "data");
}

TEST(Manifest, IsTheSameWrittenAndReadAgain) {
  for (const char* whole : {kWhole, kWholeEsp32}) {
    const auto first = provision::parse_manifest("", whole);
    ASSERT_TRUE(first.ok());
    const std::string text = host::to_text(to_json(first.value()));
    const auto second = provision::parse_manifest("", text);
    ASSERT_TRUE(second.ok()) << second.error().diagnostic.message;
    EXPECT_EQ(host::to_text(to_json(second.value())), text);
    EXPECT_EQ(second.value().partitions.lfs, first.value().partitions.lfs);
    EXPECT_EQ(second.value().bootloader, first.value().bootloader);
    EXPECT_EQ(second.value().erases_otadata, first.value().erases_otadata);
  }
}

class PlanFiles : public ::testing::Test {
 protected:
  std::string file() const { return host::to_text(to_json(board_.plan().value(), ".")); }

  // The reason for which the plan in `text` cannot be made again.
  std::string reason(const std::string& text) {
    const auto parsed = provision::parse_plan("plan.json", text);
    if (!parsed) {
      return parsed.error().diagnostic.id;
    }
    const auto plan = provision::make_again(parsed.value(), board_.path("."));
    message_ = plan ? "" : plan.error().diagnostic.message;
    return plan ? "" : plan.error().diagnostic.id;
  }

  Board board_;
  std::string message_;
};

TEST_F(PlanFiles, LeadToTheSamePlan) {
  const std::string text = file();
  EXPECT_TRUE(provision::is_plan_file(text));
  EXPECT_FALSE(provision::is_plan_file(kWhole));
  EXPECT_EQ(reason(text), "");
  const auto again =
      provision::make_again(provision::parse_plan("", text).value(), board_.path("."));
  EXPECT_EQ(host::to_text(to_json(again.value(), ".")), text);
}

TEST_F(PlanFiles, KeepThePageOfTheDevice) {
  board_.device.page.assign(0x1000, 0xFF);
  board_.device.page[1] = 0x2A;
  EXPECT_EQ(reason(file()), "");
  EXPECT_EQ(provision::parse_plan("", file()).value().device.page, board_.device.page);
}

TEST_F(PlanFiles, KnowABlankPageFromNone) {
  board_.device.page.assign(0x1000, 0xFF);
  EXPECT_EQ(reason(file()), "");
  EXPECT_EQ(provision::parse_plan("", file()).value().device.page, board_.device.page);
}

TEST_F(PlanFiles, AreRefusedIfAnInputChangedSince) {
  const std::string text = file();
  board_.write("app/main.lua", "return 'other'");
  EXPECT_EQ(reason(text), "input-changed");
  EXPECT_EQ(message_, "app/main.lua: it changed since the plan was made");
}

TEST_F(PlanFiles, AreRefusedIfAnInputCame) {
  const std::string text = file();
  board_.write("fs/new.lua", "");
  EXPECT_EQ(reason(text), "input-changed");
  EXPECT_EQ(message_, "fs/new.lua: it was added since the plan was made");
}

TEST_F(PlanFiles, AreRefusedIfAnInputIsGone) {
  const std::string text = file();
  std::filesystem::remove(board_.path("app/more.lua"));
  EXPECT_EQ(reason(text), "input-changed");
  EXPECT_EQ(message_, "app/more.lua: it is gone since the plan was made");
}

TEST_F(PlanFiles, AreRefusedIfSomebodyAlteredSteps) {
  std::string text = file();
  const std::string address = "\"address\": 69632";
  const size_t at = text.find(address);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(reason(text.replace(at, address.size(), "\"address\": 73728")), "plan-altered");
}

TEST_F(PlanFiles, AreReadAsStrictlyAsManifests) {
  std::string text = file();
  EXPECT_EQ(reason(text.insert(1, "\"more\": 1,")), "unknown-key");
  EXPECT_EQ(reason("{}"), "unknown-schema");
  EXPECT_EQ(reason("{\"schema\": \"nodeflash.plan-file/1\"}"), "missing-key");
}

}  // namespace
}  // namespace flashstore::test
