#include "host/files.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "support/files.h"

namespace flashstore::host {
namespace {

std::optional<FileError> write_file(const std::string& path, std::span<const uint8_t> bytes) {
  auto file = PendingFile::prepare(path, {bytes.begin(), bytes.end()});
  return file ? file.value().commit() : std::optional(file.error());
}

namespace fs = std::filesystem;
using test::as_bytes;
using test::read_text;

class Files : public testing::Test {
 protected:
  size_t entries() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_.path()), fs::directory_iterator()));
  }

  test::TemporaryFolder folder_;
};

TEST_F(Files, WrittenContentIsReadBack) {
  const std::string path = folder_ / "f";
  EXPECT_EQ(write_file(path, as_bytes("content")), std::nullopt);
  EXPECT_EQ(read_file(path, 100).value(), "content");
  EXPECT_EQ(entries(), 1u) << "no temporary file is left";
}

TEST_F(Files, ANewFileHasTheUsualPermissions) {
  const std::string path = folder_ / "f";
  const mode_t mask = umask(027);
  EXPECT_EQ(write_file(path, as_bytes("x")), std::nullopt);
  umask(mask);
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
}

TEST_F(Files, AReplacedFileKeepsItsPermissions) {
  const std::string path = folder_ / "f";
  test::write_text(path, "old");
  fs::permissions(path, fs::perms(0604));
  EXPECT_EQ(write_file(path, as_bytes("new")), std::nullopt);
  EXPECT_EQ(read_text(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0604));
}

TEST_F(Files, ASymbolicLinkStaysOneAndItsTargetIsReplaced) {
  const std::string path = folder_ / "target";
  const std::string link = folder_ / "link";
  test::write_text(path, "old");
  fs::create_symlink("target", link);
  EXPECT_EQ(write_file(link, as_bytes("new")), std::nullopt);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_text(path), "new");
}

TEST_F(Files, ADanglingSymbolicLinkIsFollowed) {
  const std::string link = folder_ / "link";
  fs::create_symlink("target", link);
  EXPECT_EQ(write_file(link, as_bytes("new")), std::nullopt);
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(read_text(folder_ / "target"), "new");
}

TEST_F(Files, WithoutCommitTheOldContentStays) {
  const std::string path = folder_ / "f";
  test::write_text(path, "old");
  {
    const auto pending = PendingFile::prepare(path, {1, 2, 3});
    EXPECT_TRUE(pending.ok());
    EXPECT_EQ(entries(), 2u);
  }
  EXPECT_EQ(read_text(path), "old");
  EXPECT_EQ(entries(), 1u) << "no temporary file is left";
}

TEST_F(Files, AsLongANameAsThereCanBeIsWritten) {
  EXPECT_EQ(write_file(folder_ / std::string(255, 'n'), as_bytes("x")), std::nullopt);
}

TEST_F(Files, ALargerFileThanWantedIsRefused) {
  const std::string path = folder_ / "f";
  test::write_text(path, std::string(101, 'x'));
  EXPECT_EQ(read_file(path, 100).error().message,
            "cannot read " + path + ": it has more than 100 B");
}

TEST_F(Files, AnInputIsRecognisedUnderAnyName) {
  test::write_text(folder_ / "f", "x");
  fs::create_hard_link(folder_ / "f", folder_ / "g");
  EXPECT_TRUE(is_overwritten(folder_ / "f", folder_ / "g"));
  EXPECT_FALSE(is_overwritten(folder_ / "f", folder_ / "h"));
  EXPECT_FALSE(is_overwritten(folder_ / "f", "-"));
  EXPECT_FALSE(is_overwritten("/dev/null", "/dev/null"));
}

TEST_F(Files, ADeviceIsWrittenNotReplaced) {
  EXPECT_EQ(write_file("/dev/null", as_bytes("x")), std::nullopt);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const auto error = write_file("/dev/full", as_bytes("x"));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "cannot write /dev/full: No space left on device");
}

TEST_F(Files, SaysWhatCouldNotBeOpened) {
  EXPECT_EQ(read_file(folder_ / "no", 100).error().message,
            "cannot open " + (folder_ / "no") + ": No such file or directory");
  EXPECT_EQ(read_file(folder_.path(), 100).error().message,
            "cannot read " + folder_.path().string() + ": Is a directory");
  EXPECT_EQ(write_file(folder_ / "no/f", as_bytes("x"))->message,
            "cannot open " + (folder_ / "no/f") + ": No such file or directory");
  EXPECT_EQ(write_file(folder_.path(), as_bytes("x"))->message,
            "cannot open " + folder_.path().string() + ": Is a directory");
}

TEST_F(Files, AFullDiskLeavesTheOldContent) {
  const std::string path = folder_ / "f";
  test::write_text(path, "old");
  rlimit unlimited{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
  rlimit small = unlimited;
  small.rlim_cur = 1000;  // stands in for the full disk: writing more fails
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto error = write_file(path, as_bytes(std::string(5000, 'x')));
  const auto new_error = write_new_file(folder_ / "new", as_bytes(std::string(5000, 'x')));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
  std::signal(SIGXFSZ, handler);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message, "cannot write " + path + ": File too large");
  EXPECT_NE(new_error, std::nullopt);
  EXPECT_EQ(read_text(path), "old");
  EXPECT_EQ(entries(), 1u) << "no temporary file is left";
}

TEST_F(Files, ANewFileIsWrittenWhole) {
  const std::string path = folder_ / "f";
  const mode_t mask = umask(027);
  EXPECT_EQ(write_new_file(path, as_bytes("content")), std::nullopt);
  umask(mask);
  EXPECT_EQ(read_text(path), "content");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0640));
  EXPECT_EQ(entries(), 1u) << "no temporary file is left";
}

TEST_F(Files, ANewFileTakesNoOnesPlace) {
  const std::string path = folder_ / "f";
  test::write_text(path, "old");
  EXPECT_NE(write_new_file(path, as_bytes("new")), std::nullopt);
  EXPECT_EQ(read_text(path), "old");
  fs::create_symlink("nowhere", folder_ / "link");
  EXPECT_NE(write_new_file(folder_ / "link", as_bytes("new")), std::nullopt);
  EXPECT_EQ(entries(), 2u) << "no temporary file is left, and nothing where the link leads";
}

}  // namespace
}  // namespace flashstore::host
