// The n-th allocation, thread, read, write or mapping fails, over a whole run
// of the program with a tiny model and one line: an output as usual or an
// error, nothing else, and no memory that nobody holds.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/tiny_folder.h"
#include "tests/tools/process.h"

namespace tessera {
namespace {

class FaultsTest : public testing::Test {
 protected:
  FaultsTest() {
    fuzz::WriteTinyFolder(
        fuzz::ReadBytes(TESSERA_SOURCE_DIR "/tests/fuzz/corpus/folder/good"),
        folder_);
    // Packed, so that there is a file to map.
    EXPECT_EQ(RunTessera({"pack", folder_.path().string(), Packed()}).code, 0);
    SeeWhetherLeaksAreFound();
    wanted_ = Run("", 0).out;
    EXPECT_EQ(Lines(wanted_).size(), 1u);
  }

  std::string Packed() const { return (folder_.path() / "packed").string(); }

  Outcome Run(const std::string& call, long at) const {
    return RunTessera(
        {"translate", "--model", model_, "--threads", "2", "--max-length", "8"},
        "a b c\n",
        {"LD_PRELOAD=" + preloaded_, "FAIL_CALL=" + call,
         "FAIL_AT=" + std::to_string(at),
         "FAIL_COUNT=" + counts_.Path("count")});
  }

  // LeakSanitizer looks at the end of a run, where it may trace the process,
  // and gives an exit code and lines of its own if it finds any.
  void SeeWhetherLeaksAreFound() {
    preloaded_ = TESSERA_FAIL_CALLS " " TESSERA_LEAK_SANITIZER;
    const std::string err = Run("", 0).err;
    if (std::string_view(TESSERA_LEAK_SANITIZER).empty() || !err.empty()) {
      std::printf("without LeakSanitizer %s\n", err.c_str());
      preloaded_ = TESSERA_FAIL_CALLS;
    }
  }

  // How many calls of a kind a run without faults makes.
  long Count(const std::string& call) const {
    EXPECT_EQ(Run(call, 0).out, wanted_);
    return std::stol(ReadFile(counts_.Path("count")));
  }

  // Whether the fault made no difference.
  bool Check(const std::string& call, long at) const {
    SCOPED_TRACE(call + " " + std::to_string(at) + " of " + model_);
    const Outcome outcome = Run(call, at);
    if (outcome.code == 0) {
      EXPECT_EQ(outcome.out, wanted_);
      return true;
    }
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with("tessera: ")) << outcome.err;
    EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1) << outcome.err;
    return false;
  }

  // Each fault, or `most` of them, spread evenly, unless TESSERA_ALL_FAULTS is
  // set. Returns how many made no difference.
  long CheckAll(const std::string& call, long most = 1000) const {
    const long count = Count(call);
    EXPECT_GT(count, 0) << call;
    const bool all = std::getenv("TESSERA_ALL_FAULTS") != nullptr;
    const long tried = all ? count : std::min(count, most);
    long same = 0;
    for (long i = 0; i < tried; ++i) same += Check(call, 1 + i * count / tried);
    std::printf("%s: %ld of %ld tried, %ld made no difference\n", call.c_str(),
                tried, count, same);
    return same;
  }

  fuzz::MemoryFolder folder_;
  TestFolder counts_;
  std::string model_ = folder_.path().string();
  std::string wanted_;
  std::string preloaded_;
};

// Every 72nd: CLI11 makes 77 in a row where it must not throw.
TEST_F(FaultsTest, AnAllocation) { CheckAll("allocation", 300); }
TEST_F(FaultsTest, AThread) { CheckAll("thread"); }
TEST_F(FaultsTest, ARead) { CheckAll("read"); }
TEST_F(FaultsTest, AWrite) { CheckAll("write"); }

TEST_F(FaultsTest, AReadOfAByteMakesNoDifference) {
  EXPECT_EQ(CheckAll("short"), Count("short"));
}

TEST_F(FaultsTest, AReadThatIsInterruptedMakesNoDifference) {
  EXPECT_EQ(CheckAll("interrupt"), Count("interrupt"));
}

TEST_F(FaultsTest, AMapping) {
  model_ = Packed();
  wanted_ = Run("", 0).out;
  CheckAll("mmap");
  CheckAll("read");
}

}  // namespace
}  // namespace tessera
