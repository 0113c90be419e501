// What every error of use of the program has.
#ifndef TESSERA_TESTS_TOOLS_REFUSAL_H_
#define TESSERA_TESTS_TOOLS_REFUSAL_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/tools/process.h"

namespace tessera {

// Code 2, one line on standard error, no output.
inline void ExpectRefusal(const Outcome& outcome, const std::string& message) {
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(std::ranges::count(outcome.err, '\n'), 1);
  EXPECT_TRUE(outcome.err.starts_with("tessera: ")) << outcome.err;
  EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
}

}  // namespace tessera

#endif  // TESSERA_TESTS_TOOLS_REFUSAL_H_
