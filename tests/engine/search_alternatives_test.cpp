// Outputs that begin apart, against every output of a tiny vocabulary.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/search/merged_options.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/golden_batch.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kVocabulary = 7;
constexpr std::int32_t kStart = kVocabulary - 1;

struct Expected {
  Ids ids;
  double score;
};

// Log-probabilities of the tokens behind what was read.
std::vector<double> LogProbs(const FakeModel& model,
                             HashedLogits::State state) {
  std::vector<double> log_probs;
  double sum = 0;
  for (const float logit : model.logits.Logits(state)) {
    log_probs.push_back(static_cast<double>(logit));
    sum += std::exp(log_probs.back());
  }
  for (double& log_prob : log_probs) log_prob -= std::log(sum);
  return log_probs;
}

// For every first token the output that goes on greedily, best first token
// first; the prompt and the prefix are read, and counted in max_length.
std::vector<Expected> AllBeginnings(const FakeModel& model, const Ids& source,
                                    const Ids& prefix, std::size_t max_length) {
  HashedLogits::State begin =
      HashedLogits::Read(model.logits.Start(source), kStart);
  for (const std::int32_t token : prefix) {
    begin = HashedLogits::Read(begin, token);
  }
  const std::vector<double> first = LogProbs(model, begin);
  std::vector<Expected> all;
  for (std::size_t token = 0; token < kVocabulary; ++token) {
    Expected output = {{static_cast<std::int32_t>(token)}, first[token]};
    HashedLogits::State state =
        HashedLogits::Read(begin, static_cast<std::int32_t>(token));
    while (output.ids.back() != 0 &&
           1 + prefix.size() + output.ids.size() < max_length) {
      const std::vector<double> next = LogProbs(model, state);
      const auto best = std::ranges::max_element(next);
      output.ids.push_back(static_cast<std::int32_t>(best - next.begin()));
      output.score += *best;
      state = HashedLogits::Read(state, output.ids.back());
    }
    all.push_back(output);
  }
  std::ranges::stable_sort(all, [&](const Expected& a, const Expected& b) {
    return first[static_cast<std::size_t>(a.ids[0])] >
           first[static_cast<std::size_t>(b.ids[0])];
  });
  for (Expected& output : all) {
    output.ids.insert(output.ids.begin(), prefix.begin(), prefix.end());
  }
  return all;
}

TEST(AlternativesTest, EachBestTokenBeginsAnOutputThatGoesOnGreedily) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    FakeModel model(HashedLogits(seed, kVocabulary), FakeInfo(kVocabulary));
    model.logits.eos_bias = 3;
    const Ids source = {1, static_cast<std::int32_t>(seed % 5), 2};
    const Ids prefix = seed % 2 == 0 ? Ids{} : Ids{3, 1};
    const TranslateOptions options = {
        .max_length = 9, .target_prefix = prefix, .alternatives = 1 + seed % 9};
    const auto found = TranslateIds(model, {source, source, {2}},
                                    Resolve(options, model.info()))
                           .front();
    ASSERT_EQ(found.error, "");
    const auto expected = AllBeginnings(model, source, prefix, 9);
    ASSERT_EQ(found.hypotheses.size(),
              std::min<std::size_t>(1 + seed % 9, kVocabulary));
    for (std::size_t i = 0; i < found.hypotheses.size(); ++i) {
      EXPECT_EQ(found.hypotheses[i].ids, expected[i].ids);
      EXPECT_NEAR(found.hypotheses[i].score, expected[i].score, 1e-4);
      EXPECT_EQ(found.hypotheses[i].log_probs.size(), expected[i].ids.size());
    }
  }
}

TEST(AlternativesTest, ForbiddenTokensBeginNone) {
  const FakeModel model(HashedLogits(1, kVocabulary), FakeInfo(kVocabulary));
  const TranslateOptions options = {.suppress_tokens = Ids{1, 2, 3, 4, 5},
                                    .alternatives = 5};
  std::deque<IdsRequest> requests;
  requests.emplace_back(Ids{1}, Resolve(options, model.info()), RequestRules{},
                        RulesOf(options, model.info()));
  EXPECT_EQ(RunRequests(model, requests)[0].hypotheses.size(), 2u);
}

}  // namespace
}  // namespace tessera::engine
