// Reading alone: small enough for a boot loader, and it changes nothing.
#include "lilotafs/reader.h"

#include <gmock/gmock.h>

#include "lilotafs/golden.h"
#include "norsim/flash.h"
#include "support/files.h"

namespace flashstore::test {
namespace {

using lilotafs::Error;
using lilotafs::Reader;

class Reading {
 public:
  explicit Reading(const std::vector<uint8_t>& image)
      : flash_(norsim::Contents::over(image)), reader_(flash_, buffer_) {
    const auto report = reader_.mount();
    EXPECT_TRUE(report.ok()) << describe(report.error());
  }

  // nullopt: there is no such file, or directory.
  std::optional<std::string> content(const std::string& path) {
    if (path.ends_with('/')) {
      return reader_.stat(path).ok() ? std::optional<std::string>("") : std::nullopt;
    }
    const auto descriptor = reader_.open(path);
    if (!descriptor.ok()) {
      EXPECT_EQ(descriptor.error(), Error::kNotFound) << path;
      return {};
    }
    std::vector<uint8_t> bytes(reader_.stat(path).value().length + 1);
    const auto length = reader_.read(descriptor.value(), bytes);
    EXPECT_TRUE(length.ok()) << path;
    EXPECT_EQ(reader_.close(descriptor.value()), Error::kOk);
    return as_text({bytes.data(), length.ok() ? length.value() : 0});
  }

  norsim::Flash& flash() { return flash_; }
  Reader& reader() { return reader_; }

 private:
  norsim::Flash flash_;
  std::array<uint8_t, Reader::kMinBuffer> buffer_;
  Reader reader_;
};

TEST(LilotafsReader, ReadsTheOriginalsImages) {
  for (const GoldenImage& image : golden_images()) {
    SCOPED_TRACE(image.file);
    Reading reading(image.bytes);
    for (const GoldenRecord& record : image.records) {
      if (!record.name.empty()) {
        const auto content = reading.content(record.name);
        ASSERT_TRUE(content.has_value()) << record.name;
        EXPECT_EQ(sha256(*content), record.sha256) << record.name;
        const auto info = reading.reader().stat(record.name);
        EXPECT_EQ(info.value().record, record.offset);
        EXPECT_EQ(info.value().data, record.data_offset);
        EXPECT_EQ(info.value().directory, record.name.ends_with('/'));
      }
    }
    EXPECT_EQ(reading.flash().contents().bytes(), image.bytes);
  }
}

TEST(LilotafsReader, ShowsWhatAMountWouldMakeOfACrash) {
  for (const CrashImage& image : crash_images()) {
    SCOPED_TRACE(image.file + ", " + image.kind + ", " + image.cut);
    if (image.acceptable.empty()) {
      continue;  // nothing but a torn format
    }
    Reading reading(image.bytes);
    for (const auto& [path, states] : image.acceptable) {
      const auto content = reading.content(path);
      bool right = false;
      for (const GoldenState& state : states) {
        right =
            right || (content ? !state.absent && sha256(*content) == state.sha256 : state.absent);
      }
      EXPECT_TRUE(right) << path << (content ? " is neither old nor new" : " is lost");
    }
    EXPECT_EQ(reading.flash().contents().bytes(), image.bytes);
  }
}

}  // namespace
}  // namespace flashstore::test
