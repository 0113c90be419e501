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
using Ids = std::vector<std::int32_t>;
using Biases = std::vector<SequenceBias>;

// On the best instruction set enough to fill the batches of four threads;
// under AddressSanitizer, 20 times slower, a few.
std::size_t SentenceCount() {
  const bool best = kernels::ActiveIsa() == kernels::DetectedIsa();
#ifdef __SANITIZE_ADDRESS__
  return best ? 10 : 3;
#else
  return best ? 200 : 6;
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

// Every kind of search and rule, to be mixed in one batch.
std::vector<TranslateOptions> MixedOptions() {
  return {{.beam_size = 1},
          {.beam_size = 4, .n_best = 2},
          {.beam_size = 1, .repetition_penalty = 1.3},
          {.beam_size = 3,
           .encoder_repetition_penalty = 1.2,
           .no_repeat_ngram_size = 2,
           .renormalize_logits = true},
          {.beam_size = 1, .n_best = 3, .sample = true, .seed = 4, .top_k = 0},
          {.beam_size = 1,
           .sample = true,
           .seed = 5,
           .temperature = 1.4,
           .top_p = 0.9,
           .min_p = 0.01},
          {.beam_size = 4, .sample = true, .seed = 6, .typical_p = 0.9},
          {.beam_size = 4, .suppress_tokens = Ids{5, 6, 7}},
          {.beam_size = 2,
           .sequence_bias = Biases{{Ids{17}, 1.5}, {Ids{4, 9}, -2}},
           .length_decay = LengthDecay{4, 1.1}},
          {.beam_size = 1, .target_prefix = {17, 23}},
          {.alternatives = 4},
          {.beam_size = 5, .required_words = {Ids{17, 23}, Ids{40}}},
          {.beam_size = 6, .beam_groups = 3, .diversity_penalty = 0.7}};
}

class MixedOptionsTest : public testing::TestWithParam<Precision> {
 protected:
  using Task = std::pair<std::string, TranslateOptions>;

  static Translator Load(std::size_t threads, std::size_t batch_size) {
    return Translator(models::BundledFolder(), {.threads = threads,
                                                .precision = GetParam(),
                                                .batch_size = batch_size});
  }

  static std::vector<Task> Tasks() {
    const Texts sentences = ReadSentences();
    const std::vector<TranslateOptions> options = MixedOptions();
    std::vector<Task> tasks;
    for (std::size_t i = 0; i < std::min<std::size_t>(sentences.size(), 24);
         ++i) {
      for (std::size_t o = i % 3; o < options.size(); o += 3) {
        tasks.emplace_back(sentences[i], options[o]);
      }
    }
    return tasks;
  }

  // In the order of `order`, all at once.
  static AllBits Together(const Translator& translator,
                          const std::vector<Task>& tasks,
                          const std::vector<std::size_t>& order) {
    std::vector<std::future<Translation>> results(tasks.size());
    for (const std::size_t i : order) {
      results[i] = translator.Submit(tasks[i].first, tasks[i].second);
    }
    AllBits all;
    for (auto& result : results) all.push_back(BitsOf(result.get()));
    return all;
  }
};

TEST_P(MixedOptionsTest, AnyCompanyOrderAndThreadsGiveTheBitsOfATextAlone) {
  const std::vector<Task> tasks = Tasks();
  std::vector<std::size_t> order(tasks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  AllBits alone;
  {
    const Translator translator = Load(1, 1);
    for (const auto& [text, options] : tasks) {
      alone.push_back(BitsOf(translator.Translate(text, options)));
    }
  }
  for (const std::size_t threads : {1u, 2u, 4u}) {
    const Translator translator = Load(threads, 16);
    EXPECT_EQ(Together(translator, tasks, order), alone) << threads;
    std::shuffle(order.begin(), order.end(), std::mt19937(threads));
    EXPECT_EQ(Together(translator, tasks, order), alone) << threads;
  }
}

INSTANTIATE_TEST_SUITE_P(, MixedOptionsTest,
                         testing::Values(Precision::kF32, Precision::kInt8));

}  // namespace
}  // namespace tessera::engine
