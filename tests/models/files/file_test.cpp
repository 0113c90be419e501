// File: what can be opened, and that reads stay inside.
#include "models/files/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>

#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const File& file, std::uint64_t offset,
                     std::size_t count) {
  std::string text(count, '\0');
  file.ReadAt(offset, std::as_writable_bytes(std::span(text)));
  return text;
}

TEST(FileTest, ReadsAnyPart) {
  const TestFolder folder;
  const File file = File::Open(folder.Write("a", "0123456789"));
  EXPECT_EQ(file.name(), "a");
  EXPECT_EQ(file.size_bytes(), 10u);
  EXPECT_EQ(ReadText(file, 0, 10), "0123456789");
  EXPECT_EQ(ReadText(file, 7, 3), "789");
  EXPECT_EQ(ReadText(file, 10, 0), "");
}

TEST(FileTest, RefusesToReadPastTheEnd) {
  const TestFolder folder;
  const File file = File::Open(folder.Write("a", "0123456789"));
  ExpectError([&] { ReadText(file, 8, 3); }, {"a: want 3 bytes at byte 8"});
  ExpectError([&] { ReadText(file, 11, 0); }, {"a: want 0 bytes at byte 11"});
  ExpectError([&] { ReadText(file, UINT64_MAX, 2); }, {"found the end"});
}

TEST(FileTest, NoticesThatTheFileShrankAfterOpening) {
  const TestFolder folder;
  const auto path = folder.Write("a", "0123456789");
  const File file = File::Open(path);
  fs::resize_file(path, 4);
  ExpectError([&] { ReadText(file, 2, 6); }, {"a: want 10 bytes", "only 4"});
}

TEST(FileTest, KeepsWorkingAfterAMove) {
  const TestFolder folder;
  File first = File::Open(folder.Write("a", "abc"));
  File second = File::Open(folder.Write("b", "xyz"));
  File moved = std::move(first);
  EXPECT_EQ(ReadText(moved, 0, 3), "abc");
  moved = std::move(second);
  EXPECT_EQ(moved.name(), "b");
  EXPECT_EQ(ReadText(moved, 0, 3), "xyz");
}

TEST(FileTest, RefusesWhatIsNotARegularFile) {
  const TestFolder folder;
  const auto pipe = folder.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  ExpectError([&] { File::Open(pipe); }, {"pipe", "regular file", "a pipe"});
  ExpectError([&] { File::Open(folder.path()); }, {"found a directory"});
  ExpectError([&] { File::Open("/dev/zero"); }, {"/dev/zero", "a device"});
  ExpectError([&] { File::Open(folder.path() / "absent"); },
              {"absent", "No such file"});
}

TEST(FileTest, FollowsSymbolicLinksButNotInCircles) {
  const TestFolder folder;
  folder.Write("blob", "abc");
  fs::create_symlink("blob", folder.path() / "link");
  fs::create_symlink("loop", folder.path() / "loop");
  fs::create_symlink("nothing", folder.path() / "broken");
  EXPECT_EQ(ReadText(File::Open(folder.path() / "link"), 0, 3), "abc");
  ExpectError([&] { File::Open(folder.path() / "loop"); },
              {"loop", "symbolic"});
  ExpectError([&] { File::Open(folder.path() / "broken"); },
              {"broken", "No such file"});
}

TEST(FileTest, RefusesAnUnreadableFile) {
  if (geteuid() == 0) GTEST_SKIP() << "root reads every file";
  const TestFolder folder;
  const auto path = folder.Write("secret", "abc");
  fs::permissions(path, fs::perms::none);
  ExpectError([&] { File::Open(path); }, {"secret", "Permission denied"});
}

TEST(FileTest, RefusesAFileAboveTheLimit) {
  const TestFolder folder;
  const auto path = folder.Write("a", "0123456789");
  EXPECT_EQ(ReadWholeFile(path, 10), "0123456789");
  ExpectError([&] { ReadWholeFile(path, 9); },
              {"a: want at most 9 bytes, found 10"});
}

}  // namespace
}  // namespace tessera::models
