// That a sentence gives the same bits in any company, with any threads.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <numeric>
#include <random>
#include <thread>

#include "kernels/isa.h"
#include "tests/models/golden.h"

namespace tessera {
namespace {

// Enough to fill the batches of four threads on the best instruction set.
std::size_t SentenceCount() {
  return kernels::ActiveIsa() == kernels::DetectedIsa() ? 300 : 40;
}

std::vector<std::string> Sentences() {
  std::ifstream lines(std::filesystem::path(TESSERA_SOURCE_DIR) /
                      "bench/data/dev.multi.tsv");
  std::vector<std::string> sentences;
  for (std::string line;
       sentences.size() < SentenceCount() && std::getline(lines, line);) {
    sentences.push_back(line.substr(0, line.find('\t')));
  }
  return sentences;
}

// All numbers of a translation.
std::vector<std::uint64_t> Bits(const Translation& translation) {
  std::vector<std::uint64_t> bits;
  for (const Hypothesis& output : translation.hypotheses) {
    bits.insert(bits.end(), output.ids.begin(), output.ids.end());
    for (const float log_prob : output.log_probs) {
      bits.push_back(std::bit_cast<std::uint32_t>(log_prob));
    }
    bits.push_back(std::bit_cast<std::uint64_t>(output.score));
  }
  return bits;
}

using AllBits = std::vector<std::vector<std::uint64_t>>;

Translator Load(std::size_t threads, std::size_t batch_size = 32) {
  return Translator(models::BundledFolder(),
                    {.threads = threads, .batch_size = batch_size});
}

AllBits Together(const Translator& translator,
                 const std::vector<std::string>& sentences,
                 const TranslateOptions& options) {
  AllBits all;
  for (const Translation& translation :
       translator.Translate(sentences, options)) {
    EXPECT_EQ(translation.error, "");
    all.push_back(Bits(translation));
  }
  return all;
}

AllBits Shuffled(const Translator& translator,
                 const std::vector<std::string>& sentences,
                 const TranslateOptions& options) {
  std::vector<std::size_t> order(sentences.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937(1));
  std::vector<std::string> shuffled;
  for (const std::size_t i : order) shuffled.push_back(sentences[i]);
  const AllBits found = Together(translator, shuffled, options);
  AllBits all(sentences.size());
  for (std::size_t i = 0; i < order.size(); ++i) all[order[i]] = found[i];
  return all;
}

AllBits Alone(const Translator& translator,
              const std::vector<std::string>& sentences,
              const TranslateOptions& options) {
  AllBits all;
  for (const std::string& sentence : sentences) {
    all.push_back(Bits(translator.Translate(sentence, options)));
  }
  return all;
}

class DeterminismTest : public testing::TestWithParam<std::size_t> {
 protected:
  TranslateOptions options_ = {.beam_size = GetParam()};
  std::vector<std::string> sentences_ = Sentences();
  AllBits expected_ = Together(Load(1), sentences_, options_);
};

TEST_P(DeterminismTest, ASentenceAloneGivesTheSameBits) {
  ASSERT_EQ(sentences_.size(), SentenceCount());
  EXPECT_EQ(Alone(Load(1), sentences_, options_), expected_);
}

// One sentence runs on all threads.
TEST_P(DeterminismTest, ASentenceAloneOnManyThreadsGivesTheSameBits) {
  const Translator translator = Load(4);
  const std::vector<std::string> few(sentences_.begin(),
                                     sentences_.begin() + 40);
  const AllBits expected(expected_.begin(), expected_.begin() + 40);
  EXPECT_EQ(Alone(translator, few, options_), expected);
}

TEST_P(DeterminismTest, AnyOrderGivesTheSameBits) {
  EXPECT_EQ(Shuffled(Load(1), sentences_, options_), expected_);
}

TEST_P(DeterminismTest, AnyNumberOfThreadsGivesTheSameBits) {
  for (const std::size_t threads : {2, 4}) {
    const Translator translator = Load(threads);
    EXPECT_EQ(Together(translator, sentences_, options_), expected_);
    EXPECT_EQ(Shuffled(translator, sentences_, options_), expected_);
  }
}

TEST_P(DeterminismTest, AnyBatchSizeGivesTheSameBits) {
  for (const std::size_t batch_size : {3, 100}) {
    EXPECT_EQ(Together(Load(1, batch_size), sentences_, options_), expected_);
  }
}

TEST_P(DeterminismTest, SentencesOfOtherSearchesChangeNothing) {
  const Translator translator = Load(1);
  std::jthread other([&] {
    for (const std::size_t beams : {1, 3, 8}) {
      translator.Translate(sentences_, {.beam_size = beams});
    }
  });
  EXPECT_EQ(Together(translator, sentences_, options_), expected_);
}

INSTANTIATE_TEST_SUITE_P(BeamSizes, DeterminismTest,
                         testing::Values(std::size_t{1}, std::size_t{4}));

}  // namespace
}  // namespace tessera
