// Searches of random models against Hugging Face's algorithm, and that of
// JayParks/transformer, written densely.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/engine/fake_model.h"
#include "tests/engine/search_driver.h"
#include "tests/reference/hf_search.h"
#include "tests/reference/jayparks_search.h"

namespace tessera::engine {
namespace {

using models::EarlyStopping;
using models::GenerationConfig;
using models::LengthPenaltyForm;
using Ids = std::vector<std::int32_t>;

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t Size(std::size_t min, std::size_t max) {
    return std::uniform_int_distribution<std::size_t>(min, max)(engine_);
  }
  template <class T>
  T Of(std::initializer_list<T> values) {
    return values.begin()[Size(0, values.size() - 1)];
  }
  bool Chance(double p) { return std::bernoulli_distribution(p)(engine_); }
  // A token that may be suppressed: all but the last, so that one is left.
  std::int32_t Token(std::size_t vocabulary) {
    return static_cast<std::int32_t>(Size(0, vocabulary - 2));
  }
  Ids Tokens(std::size_t vocabulary, std::size_t min, std::size_t max) {
    Ids tokens(Size(min, max));
    for (auto& token : tokens) token = Token(vocabulary);
    return tokens;
  }

 private:
  std::mt19937 engine_;
};

void DropEosAlone(GenerationConfig& config) {
  std::erase_if(config.bad_words_ids, [&](const Ids& word) {
    const Ids& eos = config.eos_token_ids;
    return word.size() == 1 && std::count(eos.begin(), eos.end(), word[0]) > 0;
  });
}

GenerationConfig RandomConfig(Random& random, std::size_t vocabulary) {
  GenerationConfig config = FakeInfo(vocabulary).generation;
  config.num_beams = random.Size(2, 5);
  config.max_length = random.Of<std::size_t>({2, 3, 4, 6, 9, 16, 30});
  config.length_penalty = random.Of({1.0, 0.0, 0.6, 2.0, -1.0});
  config.early_stopping =
      random.Of({EarlyStopping::kHeuristic, EarlyStopping::kFirst,
                 EarlyStopping::kNever});
  config.length_penalty_form =
      random.Of({LengthPenaltyForm::kPower, LengthPenaltyForm::kPower,
                 LengthPenaltyForm::kGnmt});
  config.renormalize_logits = random.Chance(0.3);
  if (vocabulary > 2 && random.Chance(0.2)) config.eos_token_ids = {0, 1};
  if (random.Chance(0.2)) config.min_length = random.Size(1, 10);
  if (random.Chance(0.2)) {
    config.forced_bos_token_id =
        static_cast<std::int32_t>(random.Size(0, vocabulary - 1));
  }
  if (random.Chance(0.5)) config.forced_eos_token_ids = {0};
  if (random.Chance(0.3)) {
    config.bad_words_ids = {random.Tokens(vocabulary, 1, 3),
                            random.Tokens(vocabulary, 2, 2)};
    DropEosAlone(config);
  }
  // At max_length 2 or 3 they could meet a forced EOS, which Hugging Face then
  // suppresses, and every other token with it.
  if (config.max_length > 3 && random.Chance(0.2)) {
    config.begin_suppress_tokens = random.Tokens(vocabulary, 1, 2);
  }
  return config;
}

std::string Describe(const GenerationConfig& config, std::size_t vocabulary) {
  return "V " + std::to_string(vocabulary) + ", B " +
         std::to_string(config.num_beams) + ", max_length " +
         std::to_string(config.max_length) + ", length_penalty " +
         std::to_string(config.length_penalty) + ", early_stopping " +
         std::to_string(static_cast<int>(config.early_stopping));
}

struct Case {
  std::size_t vocabulary;
  GenerationConfig config;
  Ids source;
  HashedLogits logits;
};

Case RandomCase(unsigned seed,
                std::initializer_list<std::size_t> vocabularies) {
  Random random(seed);
  const std::size_t vocabulary = random.Of(vocabularies);
  Case c{vocabulary, RandomConfig(random, vocabulary),
         random.Tokens(vocabulary, 1, 6), HashedLogits(seed, vocabulary)};
  c.logits.eos_bias = random.Of({-4.0F, 0.0F, 2.0F, 5.0F});
  return c;
}

std::vector<float> LogitsAfter(const Case& c, const Ids& output) {
  auto state = c.logits.Start(c.source);
  for (auto token : output) state = HashedLogits::Read(state, token);
  return c.logits.Logits(state);
}

reference::HfSearch Reference(const Case& c) {
  return {c.config, [&c](const Ids& output) { return LogitsAfter(c, output); }};
}

void ExpectSameBeams(const Case& c) {
  const FakeModel model(c.logits, FakeInfo(c.vocabulary));
  const auto expected = Reference(c).Beam();
  const auto found = RunSearch(model, c.source, c.config);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].ids, expected[i].ids);
    EXPECT_EQ(static_cast<float>(found[i].score), expected[i].score);
    EXPECT_EQ(found[i].log_probs.size(), found[i].ids.size());
  }
}

class RandomSearchTest : public testing::TestWithParam<unsigned> {};

TEST_P(RandomSearchTest, BeamsAreThoseOfHuggingFace) {
  for (unsigned i = 0; i < 200; ++i) {
    const Case c = RandomCase(GetParam() * 1000 + i, {6, 10, 25, 60});
    SCOPED_TRACE(Describe(c.config, c.vocabulary));
    ExpectSameBeams(c);
  }
}

// Where beams outnumber the continuations, some begin with the sum -1e9.
TEST_P(RandomSearchTest, BeamsOfTinyVocabulariesAreThoseOfHuggingFace) {
  for (unsigned i = 0; i < 200; ++i) {
    const Case c = RandomCase(GetParam() * 1000 + 500 + i, {2, 3, 4, 5});
    SCOPED_TRACE(Describe(c.config, c.vocabulary));
    ExpectSameBeams(c);
  }
}

TEST_P(RandomSearchTest, BeamsThatEndTogetherAreThoseOfJayParks) {
  std::size_t grown_on = 0;
  for (unsigned i = 0; i < 100; ++i) {
    Case c = RandomCase(GetParam() * 1000 + i, {6, 10, 25, 60});
    const GenerationConfig random = c.config;
    c.config = FakeInfo(c.vocabulary).generation;
    c.config.num_beams = random.num_beams;
    c.config.max_length = random.max_length;
    c.config.length_penalty = 0;
    c.config.early_stopping = EarlyStopping::kTopBeam;
    SCOPED_TRACE(Describe(c.config, c.vocabulary));
    const FakeModel model(c.logits, FakeInfo(c.vocabulary));
    const auto expected = reference::JayParksSearch(
        c.config, [&](const Ids& output) { return LogitsAfter(c, output); });
    const auto found = RunSearch(model, c.source, c.config);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t beam = 0; beam < found.size(); ++beam) {
      EXPECT_EQ(found[beam].ids, expected[beam].words);
      EXPECT_EQ(found[beam].log_probs.size(), found[beam].ids.size());
      EXPECT_EQ(static_cast<float>(found[beam].score), expected[beam].score);
      grown_on += expected[beam].words.size() < expected[beam].steps ? 1 : 0;
    }
  }
  EXPECT_GT(grown_on, 0u);  // the cases include beams that grew past an EOS
}

TEST_P(RandomSearchTest, GreedyOutputsAreThoseOfHuggingFace) {
  for (unsigned i = 0; i < 100; ++i) {
    Case c = RandomCase(GetParam() * 1000 + i, {2, 3, 5, 10, 60});
    c.config.num_beams = 1;
    SCOPED_TRACE(Describe(c.config, c.vocabulary));
    const FakeModel model(c.logits, FakeInfo(c.vocabulary));
    const auto expected = Reference(c).Greedy();
    const auto found = RunSearch(model, c.source, c.config);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].ids, expected.ids);
    EXPECT_NEAR(found[0].score, expected.score,
                1e-5 * static_cast<double>(expected.ids.size()));
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomSearchTest, testing::Range(0u, 20u));

}  // namespace
}  // namespace tessera::engine
