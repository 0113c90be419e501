// Runs the tests of one program, or says that this CPU lacks the level asked.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "kernels/isa.h"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;  // SKIP_RETURN_CODE in tests/CMakeLists.txt
  const char* request = std::getenv("TESSERA_ISA");
  const auto isa = tessera::kernels::ParseIsa(request ? request : "");
  if (isa && *isa > tessera::kernels::DetectedIsa()) {
    std::printf("skipped: this CPU has no %s\n", request);
    return kSkipped;
  }
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
