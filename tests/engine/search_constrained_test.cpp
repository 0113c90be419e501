// Outputs with required words, against every output of a tiny vocabulary.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/search/search_options.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/golden_batch.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kVocabulary = 5;
constexpr std::int32_t kStart = kVocabulary - 1;
using Words = std::vector<Ids>;

struct Expected {
  Ids ids;
  double score;
};

bool Has(const Ids& ids, const Ids& word) {
  return std::search(ids.begin(), ids.end(), word.begin(), word.end()) !=
         ids.end();
}

bool HasAll(const Ids& ids, const Words& words) {
  return std::ranges::all_of(words,
                             [&](const Ids& word) { return Has(ids, word); });
}

// Every output of at most `tokens` tokens that has all words.
void Enumerate(const FakeModel& model, HashedLogits::State state,
               const Ids& output, double sum, std::size_t tokens,
               const Words& words, std::vector<Expected>& found) {
  if (output.size() == tokens || (!output.empty() && output.back() == 0)) {
    if (HasAll(output, words)) {
      found.push_back({output, sum / static_cast<double>(output.size())});
    }
    return;
  }
  const std::vector<float> logits = model.logits.Logits(state);
  double total = 0;
  for (const float logit : logits) {
    total += std::exp(static_cast<double>(logit));
  }
  for (std::size_t id = 0; id < kVocabulary; ++id) {
    Ids next = output;
    next.push_back(static_cast<std::int32_t>(id));
    const double log_prob = static_cast<double>(logits[id]) - std::log(total);
    Enumerate(model, HashedLogits::Read(state, next.back()), next,
              sum + log_prob, tokens, words, found);
  }
}

std::vector<Expected> AllOutputs(const FakeModel& model, const Ids& source,
                                 std::size_t tokens, const Words& words) {
  std::vector<Expected> found;
  Enumerate(model, HashedLogits::Read(model.logits.Start(source), kStart), {},
            0, tokens, words, found);
  std::ranges::sort(found, std::ranges::greater(), &Expected::score);
  return found;
}

Translation Constrained(const FakeModel& model, const Ids& source,
                        const TranslateOptions& options) {
  return TranslateIds(model, {{1, 2}, source}, Resolve(options, model.info()))
      .back();
}

Words WordsOf(unsigned seed) {
  const Words choices[] = {{{1}},         {{2, 3}},    {{1}, {3}}, {{3, 3}},
                           {{1, 2}, {3}}, {{2, 1, 2}}, {{1, 1, 2}}};
  return choices[seed % std::size(choices)];
}

// 64 beams hold every beginning of three tokens.
TEST(ConstrainedBeamsTest, EnoughBeamsFindTheBestOutputsOfAll) {
  for (unsigned seed = 0; seed < 70; ++seed) {
    FakeModel model(HashedLogits(seed, kVocabulary), FakeInfo(kVocabulary));
    model.logits.eos_bias = 2;
    const Ids source = {static_cast<std::int32_t>(1 + seed % 3)};
    const Words words = WordsOf(seed);
    const auto expected = AllOutputs(model, source, 4, words);
    const auto found = Constrained(model, source,
                                   {.beam_size = 64,
                                    .max_length = 5,
                                    .n_best = 4,
                                    .early_stopping = EarlyStopping::kNever,
                                    .required_words = words});
    ASSERT_EQ(found.error, "");
    const std::size_t count = std::min<std::size_t>(4, expected.size());
    ASSERT_EQ(found.hypotheses.size(), count);
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(found.hypotheses[i].ids, expected[i].ids) << seed;
      EXPECT_NEAR(found.hypotheses[i].score, expected[i].score, 1e-4);
      EXPECT_EQ(found.hypotheses[i].log_probs.size(), expected[i].ids.size());
    }
  }
}

TEST(ConstrainedBeamsTest, AFewBeamsGiveOutputsThatHaveAllWords) {
  for (unsigned seed = 0; seed < 70; ++seed) {
    FakeModel model(HashedLogits(seed, kVocabulary), FakeInfo(kVocabulary));
    model.logits.eos_bias = 6;
    const Ids source = {3, static_cast<std::int32_t>(1 + seed % 3)};
    const Words words = WordsOf(seed);
    const auto best = AllOutputs(model, source, 6, words).front();
    const auto found =
        Constrained(model, source,
                    {.beam_size = 4, .max_length = 7, .required_words = words});
    ASSERT_EQ(found.error, "");
    ASSERT_FALSE(found.hypotheses.empty());
    for (const Hypothesis& output : found.hypotheses) {
      EXPECT_TRUE(HasAll(output.ids, words)) << seed;
      EXPECT_LE(output.score, best.score + 1e-4);
    }
  }
}

TEST(ConstrainedBeamsTest, WordsThatCannotStandInAnOutputAreAnError) {
  const FakeModel model(HashedLogits(1, kVocabulary), FakeInfo(kVocabulary));
  const auto found = Constrained(model, {1},
                                 {.beam_size = 4,
                                  .max_length = 4,
                                  .required_words = Words{{1, 2}, {3, 2}}});
  EXPECT_EQ(found.error.substr(0, 14), "required_words");
}

}  // namespace
}  // namespace tessera::engine
