// Every input of the corpora through its target: seeds, and what fuzzing found.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

#include "models/weights/packed_manifest.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {
namespace {

namespace fs = std::filesystem;

const fs::path kCorpus = TESSERA_SOURCE_DIR "/tests/fuzz/corpus";

class FuzzCorpusTest : public testing::TestWithParam<Target> {};

TEST_P(FuzzCorpusTest, IsReadOrRefused) {
  int inputs = 0;
  for (const auto& input : fs::directory_iterator(kCorpus / GetParam().name)) {
    SCOPED_TRACE(input.path().string());
    EXPECT_NO_THROW(GetParam().run(ReadBytes(input.path())));
    ++inputs;
  }
  EXPECT_GE(inputs, 5);
}

// Cut short, and with one byte changed, all along: what fuzzing does first. At
// 20 places of each input, or at fewer of a corpus of many, which
// AddressSanitizer else runs for a minute.
TEST_P(FuzzCorpusTest, IsReadOrRefusedWithAByteChangedOrCut) {
  const fs::path corpus = kCorpus / GetParam().name;
  const auto inputs = static_cast<std::size_t>(
      std::distance(fs::directory_iterator(corpus), {}));
  const std::size_t places = std::clamp<std::size_t>(600 / inputs, 5, 20);
  for (const auto& input : fs::directory_iterator(corpus)) {
    const std::string bytes = ReadBytes(input.path());
    for (std::size_t i = 0; i < places && i < bytes.size(); ++i) {
      const std::size_t at = i * bytes.size() / places;
      SCOPED_TRACE(input.path().string() + " at " + std::to_string(at));
      EXPECT_NO_THROW(GetParam().run(std::string_view(bytes).substr(0, at)));
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << i % 8));
      EXPECT_NO_THROW(GetParam().run(changed));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpusTest, testing::ValuesIn(kTargets),
                         [](const auto& test) { return test.param.name; });

TEST(FuzzCorporaTest, AreOfTheTargetsAndSmall) {
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kCorpus)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  EXPECT_LE(bytes, std::uintmax_t{2} << 20);
  for (const auto& folder : fs::directory_iterator(kCorpus)) {
    const auto is_its = [&](const Target& target) {
      return folder.path().filename() == target.name;
    };
    EXPECT_TRUE(std::ranges::any_of(kTargets, is_its)) << folder.path();
  }
}

// Those of another release are refused at their first line, and so fuzz
// nothing.
TEST(FuzzCorporaTest, HavePackedFilesOfThisRelease) {
  for (const char* name : {"scalar_f32", "avx2_int8", "avx512vnni_int8"}) {
    EXPECT_NE(ReadBytes(kCorpus / "packed" / name).find(models::kPackedFormat),
              std::string::npos)
        << "write them again: tests/fuzz/make_corpus.py packed";
  }
}

}  // namespace
}  // namespace tessera::fuzz
