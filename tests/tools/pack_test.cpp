// `tessera pack`.
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/process.h"

namespace tessera {
namespace {

const std::string kBundled = TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr";

TEST(PackTest, MakesAFolderThatTranslatesAlike) {
  const TestFolder folder;
  const std::string packed = folder.Path("packed");
  const Outcome made = RunTessera({"pack", kBundled, packed});
  EXPECT_EQ(made.code, 0);
  EXPECT_EQ(made.out + made.err, "");
  const std::string text = "Where is the station?\nI was hungry.\n";
  const Outcome want = RunTessera({"translate", "--format", "json"}, text);
  const Outcome found =
      RunTessera({"translate", "--format", "json", "--model", packed}, text);
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.out, want.out);
}

TEST(PackTest, TellsForWhatAFolderIsPacked) {
  const TestFolder folder;
  const std::string packed = folder.Path("packed");
  RunTessera({"pack", kBundled, packed, "--precision", "f32"}, "",
             {"TESSERA_ISA=scalar"});
  const Outcome facts =
      RunTessera({"inspect", "--model", packed}, "", {"TESSERA_ISA=scalar"});
  EXPECT_NE(facts.out.find("f32 (packed for scalar)"), std::string::npos)
      << facts.out;
  const Outcome none = RunTessera({"inspect"});
  EXPECT_EQ(none.out.find("packed"), std::string::npos) << none.out;
}

TEST(PackTest, SaysInOneLineWhatDoesNotFit) {
  const TestFolder folder;
  const std::string packed = folder.Path("packed");
  RunTessera({"pack", kBundled, packed, "--precision", "int8"}, "",
             {"TESSERA_ISA=scalar"});
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"pack", kBundled, packed}, "want no such folder, or an empty one"},
      {{"pack", packed, packed + "2"}, "want weights that are not packed"},
      {{"pack", "/nonexistent", packed + "2"}, "/nonexistent"},
      {{"translate", "--model", packed, "--precision", "f32"},
       "want f32 weights, as the precision asks for"}};
  for (const auto& [arguments, part] : cases) {
    const Outcome outcome = RunTessera(arguments, "Hello.\n");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(Lines(outcome.err).size(), 1u) << outcome.err;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace tessera
