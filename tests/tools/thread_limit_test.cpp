// At a limit of threads: an error or a translation, never libgomp's exit(1).
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/text.h"

namespace tessera {
namespace {

TEST(ThreadLimitTest, AThreadThatCannotBeMadeIsAnErrorOrMakesNoDifference) {
  const std::string text = "I have no idea what you mean by that.\n";
  const std::vector<std::string> ask = {"translate", "--threads", "4",
                                        "--beam-size", "64"};
  const std::string wanted = RunTessera(ask, text).out;
  for (int from = 1; from <= 12; ++from) {
    const Outcome outcome = RunTessera(ask, text,
                                       {"LD_PRELOAD=" TESSERA_FAIL_THREADS,
                                        "FAIL_FROM=" + std::to_string(from)});
    if (outcome.code == 0) {
      EXPECT_EQ(outcome.out, wanted) << from;
      continue;
    }
    EXPECT_EQ(outcome.code, 2) << from;
    ExpectContains(outcome.err, "tessera: threads: want 4, found ");
    EXPECT_LE(from, 4);
  }
}

}  // namespace
}  // namespace tessera
