// That a sentence gives the same bits in any company, with any threads.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <numeric>
#include <random>
#include <thread>

#include "kernels/isa.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using Texts = std::vector<std::string>;
// All numbers of a translation; of many.
using Bits = std::vector<std::uint64_t>;
using AllBits = std::vector<Bits>;

// On the best instruction set enough to fill the batches of four threads;
// under AddressSanitizer, 20 times slower, a few.
std::size_t SentenceCount() {
  const bool best = kernels::ActiveIsa() == kernels::DetectedIsa();
#ifdef __SANITIZE_ADDRESS__
  return best ? 16 : 3;
#else
  return best ? 200 : 12;
#endif
}

Texts ReadSentences() {
  std::ifstream lines(std::filesystem::path(TESSERA_SOURCE_DIR) /
                      "bench/data/dev.multi.tsv");
  Texts sentences;
  for (std::string line;
       sentences.size() < SentenceCount() && std::getline(lines, line);) {
    sentences.push_back(line.substr(0, line.find('\t')));
  }
  return sentences;
}

Bits BitsOf(const Translation& translation) {
  EXPECT_EQ(translation.error, "");
  Bits bits;
  for (const Hypothesis& output : translation.hypotheses) {
    bits.insert(bits.end(), output.ids.begin(), output.ids.end());
    for (const float log_prob : output.log_probs) {
      bits.push_back(std::bit_cast<std::uint32_t>(log_prob));
    }
    bits.push_back(std::bit_cast<std::uint64_t>(output.score));
  }
  return bits;
}

struct Case {
  std::size_t beam_size;
  Precision precision;
};

class DeterminismTest : public testing::TestWithParam<Case> {
 protected:
  static Translator Load(std::size_t threads, std::size_t batch_size = 32) {
    return Translator(models::BundledFolder(),
                      {.threads = threads,
                       .precision = GetParam().precision,
                       .batch_size = batch_size});
  }

  AllBits Together(const Translator& translator, const Texts& texts) const {
    AllBits all;
    for (const auto& translation : translator.TranslateAll(texts, options_)) {
      all.push_back(BitsOf(translation));
    }
    return all;
  }
  AllBits Together(const Translator& translator) const {
    return Together(translator, sentences_);
  }

  AllBits Shuffled(const Translator& translator) const {
    std::vector<std::size_t> order(sentences_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::shuffle(order.begin(), order.end(), std::mt19937(1));
    Texts shuffled;
    for (const std::size_t i : order) shuffled.push_back(sentences_[i]);
    const AllBits found = Together(translator, shuffled);
    AllBits all(sentences_.size());
    for (std::size_t i = 0; i < order.size(); ++i) all[order[i]] = found[i];
    return all;
  }

  AllBits Alone(const Translator& translator) const {
    AllBits all;
    for (const std::string& sentence : sentences_) {
      all.push_back(BitsOf(translator.Translate(sentence, options_)));
    }
    return all;
  }

  // Of all sentences together on one thread; computed once.
  const AllBits& Expected() const {
    static std::map<std::pair<std::size_t, Precision>, AllBits> known;
    AllBits& expected = known[{GetParam().beam_size, GetParam().precision}];
    if (expected.empty()) expected = Together(Load(1));
    return expected;
  }

  TranslateOptions options_ = {.beam_size = GetParam().beam_size};
  Texts sentences_ = ReadSentences();
};

TEST_P(DeterminismTest, ASentenceAloneGivesTheSameBits) {
  ASSERT_EQ(sentences_.size(), SentenceCount());
  EXPECT_EQ(Alone(Load(1)), Expected());
}

TEST_P(DeterminismTest, ASentenceAloneWithThreadsToSpareGivesTheSameBits) {
  EXPECT_EQ(Alone(Load(4)), Expected());
}

TEST_P(DeterminismTest, ASecondRunGivesTheSameBits) {
  const Translator translator = Load(1);
  EXPECT_EQ(Together(translator), Expected());
  EXPECT_EQ(Together(translator), Expected());
}

TEST_P(DeterminismTest, AnyOrderGivesTheSameBits) {
  EXPECT_EQ(Shuffled(Load(1)), Expected());
}

TEST_P(DeterminismTest, AnyNumberOfThreadsGivesTheSameBits) {
  for (const std::size_t threads : {2u, 4u}) {
    const Translator translator = Load(threads);
    EXPECT_EQ(Together(translator), Expected());
    EXPECT_EQ(Shuffled(translator), Expected());
  }
}

TEST_P(DeterminismTest, AnyBatchSizeGivesTheSameBits) {
  for (const std::size_t batch_size : {3u, 100u}) {
    EXPECT_EQ(Together(Load(1, batch_size)), Expected());
  }
}

TEST_P(DeterminismTest, SentencesOfOtherSearchesChangeNothing) {
  const Translator translator = Load(1);
  std::jthread other([&] {
    for (const std::size_t beams : {1u, 3u}) {
      translator.TranslateAll(sentences_, {.beam_size = beams});
    }
  });
  EXPECT_EQ(Together(translator), Expected());
}

INSTANTIATE_TEST_SUITE_P(, DeterminismTest,
                         testing::Values(Case{1, Precision::kF32},
                                         Case{4, Precision::kF32},
                                         Case{4, Precision::kBf16},
                                         Case{1, Precision::kInt8},
                                         Case{4, Precision::kInt8}));

}  // namespace
}  // namespace tessera::engine
