#include "host/lock.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>

#include "support/files.h"
#include "support/process.h"

namespace flashstore::host {
namespace {

class Locks : public testing::Test {
 protected:
  core::Result<Lock, LockError> take(const std::string& name = "name") const {
    return Lock::take(name, folder_.path());
  }

  test::TemporaryFolder folder_;
};

TEST_F(Locks, AreHeldByOneAndLeaveNothing) {
  {
    const auto first = take();
    ASSERT_TRUE(first.ok());
    const auto second = take();
    ASSERT_FALSE(second.ok());
    EXPECT_TRUE(second.error().is_held);
    EXPECT_TRUE(take("other").ok());
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  EXPECT_TRUE(take().ok());
}

TEST_F(Locks, AreHeldAgainstOtherProcesses) {
  const std::vector<std::string> words = {"flock", "--nonblock", folder_ / "name", "true"};
  {
    const auto held = take();
    ASSERT_TRUE(held.ok());
    EXPECT_EQ(test::run_process(words).exit_status, 1);
  }
  EXPECT_EQ(test::run_process(words).exit_status, 0);
}

// Whoever has been killed leaves the file, and nobody holds it.
TEST_F(Locks, AreTakenOverFromTheDead) {
  test::write_text(folder_ / "name", "");
  const auto lock = take();
  EXPECT_TRUE(lock.ok());
}

TEST_F(Locks, CanBeAskedForByAnybody) {
  const mode_t mask = umask(077);
  const auto lock = take();
  umask(mask);
  struct stat status {};
  ASSERT_EQ(stat((folder_ / "name").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0444u);
}

TEST_F(Locks, FollowNoLinkAndTellOfAFolderThatIsNotThere) {
  std::filesystem::create_symlink(folder_ / "elsewhere", folder_ / "name");
  EXPECT_FALSE(take().ok());
  EXPECT_FALSE(std::filesystem::exists(folder_ / "elsewhere"));
  const auto none = Lock::take("name", folder_ / "none");
  ASSERT_FALSE(none.ok());
  EXPECT_FALSE(none.error().is_held);
}

}  // namespace
}  // namespace flashstore::host
