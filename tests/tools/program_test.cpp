// Help, version, `tessera inspect`, and use that is none.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernels/catalogue.h"
#include "kernels/isa.h"
#include "tests/tools/process.h"
#include "tests/tools/text.h"

namespace tessera {
namespace {

TEST(ProgramTest, TeachesEachSubcommandWithAnExample) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--help"}, "| tessera translate"},
      {{"translate", "--help"}, "| tessera translate"},
      {{"pack", "--help"}, "tessera pack opus-mt-en-de packed"},
      {{"inspect", "--help"}, "tessera inspect --kernels"}};
  for (const auto& [arguments, example] : cases) {
    const Outcome outcome = RunTessera(arguments);
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.err, "");
    ExpectContains(outcome.out, "Examples:\n");
    ExpectContains(outcome.out, example);
  }
}

TEST(ProgramTest, NamesEveryOptionOfTranslate) {
  const std::string help = RunTessera({"translate", "--help"}).out;
  for (const char* option :
       {"--model DIR", "--beam-size N", "--length-penalty X", "--max-length N",
        "--max-new-tokens N", "--threads N", "--precision", "--format",
        "--input FILE", "--output FILE", "--progress"}) {
    ExpectContains(help, option);
  }
}

TEST(ProgramTest, TellsItsVersion) {
  const Outcome outcome = RunTessera({"--version"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.out, "tessera " TESSERA_VERSION "\n");
}

TEST(ProgramTest, RefusesUseThatIsNone) {
  const std::vector<std::string> cases[] = {
      {},
      {"nonsense"},
      {"--nonsense"},
      {"inspect", "--kernels", "--model", "x"},
      {"inspect", "--model", "/nonexistent"}};
  for (const auto& arguments : cases) {
    const Outcome outcome = RunTessera(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1)
        << outcome.err;
  }
}

TEST(ProgramTest, RefusesALevelThatIsNone) {
  const Outcome outcome =
      RunTessera({"inspect", "--kernels"}, "", {"TESSERA_ISA=sse9"});
  EXPECT_EQ(outcome.code, 2);
  ExpectContains(outcome.err, "TESSERA_ISA: want scalar, ");
  ExpectContains(outcome.err, "found \"sse9\"");
}

TEST(ProgramTest, TellsWhatAModelIsMadeOf) {
  const Outcome outcome = RunTessera({"inspect"});
  EXPECT_EQ(outcome.code, 0);
  for (const char* part : {"tatoeba-en-fr", "marian", "9954880", "256", "8000",
                           "int8 (the fastest", "MiB"}) {
    ExpectContains(outcome.out, part);
  }
  ExpectContains(RunTessera({"inspect", "--precision", "f32"}).out,
                 "f32 (asked for)");
}

TEST(ProgramTest, TellsEachKernelsImplementationsAndThoseThatRun) {
  const Outcome outcome = RunTessera({"inspect", "--kernels"});
  EXPECT_EQ(outcome.code, 0);
  const std::string level(kernels::Name(kernels::ActiveIsa()));
  ExpectContains(outcome.out, "level      " + level + " (");
  for (const auto& operation : kernels::Catalogue()) {
    for (const auto& implementation : operation.rows) {
      const std::string mark = implementation.runs ? "\n  * " : "\n    ";
      ExpectContains(outcome.out, mark + implementation.name);
    }
  }
}

TEST(ProgramTest, TellsWhichCallsGoWhereSeveralImplementationsRun) {
  if (kernels::DetectedIsa() < kernels::Isa::kAvx512) {
    GTEST_SKIP() << "this CPU has no avx512";
  }
  const Outcome outcome =
      RunTessera({"inspect", "--kernels"}, "", {"TESSERA_ISA=avx512"});
  ExpectContains(outcome.out,
                 "\n  * PackedProduct/avx512-onednn (W >= 1 Mi weights)\n"
                 "  * PackedProduct/avx512\n    PackedProduct/avx2\n");
}

TEST(ProgramTest, TellsWhichOperationsNoTranslationCalls) {
  const std::string out = RunTessera({"inspect", "--kernels"}).out;
  const std::size_t unused = out.find("\nNo translation calls these yet:\n");
  ASSERT_NE(unused, std::string::npos) << out;
  EXPECT_GT(out.find("SoftmaxRows/"), unused);
  EXPECT_LT(out.find("TopKRows/"), unused);
  EXPECT_LT(out.find("AttentionTile/bf16/"), unused);
}

TEST(ProgramTest, SaysThatTheEnvironmentLoweredTheLevel) {
  if (kernels::ActiveIsa() == kernels::Isa::kScalar) {
    GTEST_SKIP() << "nothing lies below scalar";
  }
  const Outcome outcome =
      RunTessera({"inspect", "--kernels"}, "", {"TESSERA_ISA=scalar"});
  ExpectContains(outcome.out, "level      scalar (TESSERA_ISA; this CPU has ");
  ExpectContains(outcome.out, "  * TopKRows/scalar");
  ExpectContains(outcome.out, "    TopKRows/avx2 (needs avx2)");
}

TEST(ProgramTest, SaysThatItsReaderHasLeft) {
  Conversation conversation({"inspect"});
  conversation.CloseOutput();
  EXPECT_EQ(conversation.Wait(), 2);
}

}  // namespace
}  // namespace tessera
