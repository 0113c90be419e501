// The coverage penalty, against every output of a tiny vocabulary.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/search/coverage.h"
#include "engine/search/search_options.h"
#include "engine/worker/token_scores.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/golden_batch.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using models::Model;

// The tokens that outputs are made of, EOS first.
struct Enumerated {
  Ids tokens;
  std::size_t longest = 4;  // tokens without the prompt
  double penalty = 0.2;
  Ids prefix = {};
};

struct Expected {
  Ids ids;
  double score;
};

double Penalty(const models::AttentionMap& map, double weight) {
  double sum = 0;
  for (std::size_t key = 0; key < map.keys; ++key) {
    double covered = 0;
    for (std::size_t i = 0; i < map.heads * map.queries; ++i) {
      covered += static_cast<double>(map.weights[i * map.keys + key]);
    }
    covered /= static_cast<double>(map.heads);
    if (covered > 0) sum += std::log(std::min(1.0, covered));
  }
  return weight * sum;
}

// The logits behind `read`, as log-probabilities.
std::vector<double> LogProbs(const Model& model, const Ids& source,
                             const Ids& read) {
  kernels::ExecContext context;
  const Ids ends = {0, static_cast<std::int32_t>(source.size())};
  const auto state = model.Open(1, 1);
  const std::int32_t slot = 0;
  model.Admit(model.Encode({source, ends}, context), {&slot, 1}, *state,
              context);
  const models::StepRow row = {slot, -1, read};
  const auto last = model.Step({&row, 1}, *state, context).last;
  std::vector<float> logits(model.info().target_vocabulary);
  model.Logits(last, kernels::Dense(logits.data(), 1, logits.size()), context);
  double total = 0;
  for (const float logit : logits)
    total += std::exp(static_cast<double>(logit));
  std::vector<double> log_probs;
  for (const float logit : logits) {
    log_probs.push_back(static_cast<double>(logit) - std::log(total));
  }
  return log_probs;
}

// Adds every output that begins with `output`.
void Enumerate(const Model& model, const Ids& source, const Enumerated& of,
               const Ids& output, double sum, std::vector<Expected>& found) {
  Ids read = {model.info().generation.decoder_start_token_id};
  read.insert(read.end(), of.prefix.begin(), of.prefix.end());
  read.insert(read.end(), output.begin(), output.end());
  if (output.size() == of.longest ||
      (!output.empty() && output.back() == of.tokens.front())) {
    read.pop_back();  // of the last token nothing is known
    kernels::ExecContext context;
    const auto maps = model.Explain(source, read, context);
    Ids ids = of.prefix;
    ids.insert(ids.end(), output.begin(), output.end());
    found.push_back({ids, sum / static_cast<double>(output.size()) +
                              Penalty(maps.cross.back(), of.penalty)});
    return;
  }
  const std::vector<double> log_probs = LogProbs(model, source, read);
  for (const std::int32_t token : of.tokens) {
    Ids next = output;
    next.push_back(token);
    Enumerate(model, source, of, next,
              sum + log_probs[static_cast<std::size_t>(token)], found);
  }
}

std::vector<Expected> AllOutputs(const Model& model, const Ids& source,
                                 const Enumerated& of) {
  std::vector<Expected> found;
  Enumerate(model, source, of, {}, 0, found);
  std::ranges::sort(found, std::ranges::greater(), &Expected::score);
  return found;
}

// 64 beams hold every beginning; no other token can be chosen.
TranslateOptions Exhaustive(const Model& model, const Enumerated& of) {
  TranslateOptions options = {.beam_size = 64,
                              .length_penalty = 1,
                              .max_new_tokens = of.longest,
                              .early_stopping = EarlyStopping::kNever,
                              .target_prefix = of.prefix,
                              .coverage_penalty = of.penalty};
  options.suppress_tokens.emplace();
  for (std::size_t i = 0; i < model.info().target_vocabulary; ++i) {
    const auto id = static_cast<std::int32_t>(i);
    if (std::ranges::count(of.tokens, id) == 0) {
      options.suppress_tokens->push_back(id);
    }
  }
  return options;
}

Translation Search(const Model& model, const Ids& source,
                   const TranslateOptions& options) {
  const auto rules = std::make_shared<const ModelRules>([&] {
    models::GenerationConfig config = model.info().generation;
    if (options.suppress_tokens) {
      config.suppress_tokens = *options.suppress_tokens;
    }
    return config;
  }());
  std::deque<IdsRequest> requests;
  const SearchOptions search = Resolve(options, model.info());
  requests.emplace_back(Ids{5, 6, 0}, search, RequestRules(), rules);
  requests.emplace_back(source, search,
                        RequestRules{.prefix = options.target_prefix}, rules);
  return RunRequests(model, requests).back();
}

void ExpectBest(const Model& model, const Ids& source, const Enumerated& of,
                const TranslateOptions& options) {
  const auto expected = AllOutputs(model, source, of);
  const Translation found = Search(model, source, options);
  ASSERT_EQ(found.error, "");
  ASSERT_GE(found.hypotheses.size(), 10u);
  ASSERT_LE(found.hypotheses.size(), expected.size());
  for (std::size_t i = 0; i < found.hypotheses.size(); ++i) {
    const Hypothesis& output = found.hypotheses[i];
    EXPECT_EQ(output.ids, expected[i].ids) << i;
    EXPECT_NEAR(output.score, expected[i].score, 1e-4);
  }
}

constexpr std::size_t kVocabulary = 4;

FakeModel Fake(unsigned seed) {
  FakeModel model(HashedLogits(seed, kVocabulary), FakeInfo(kVocabulary));
  model.logits.eos_bias = 2;
  return model;
}

const Ids kSource = {1, 2, 3, 2, 1};

TEST(CoverageTest, EnoughBeamsFindTheBestOutputsOfAll) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    const FakeModel model = Fake(seed);
    const Enumerated of = {
        .tokens = {0, 1, 2}, .longest = 5, .penalty = seed % 2 == 0 ? 0.2 : 3};
    ExpectBest(model, kSource, of, Exhaustive(model, of));
  }
}

TEST(CoverageTest, CountsWhatAPrefixLooksAt) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    SCOPED_TRACE(seed);
    const FakeModel model = Fake(seed);
    const Enumerated of = {
        .tokens = {0, 1, 2, 3}, .longest = 3, .penalty = 1, .prefix = {3, 1}};
    ExpectBest(model, kSource, of, Exhaustive(model, of));
  }
}

TEST(CoverageTest, HoldsForBeamsWithRequiredWordsAndForGroups) {
  const FakeModel model = Fake(7);
  const Enumerated of = {.tokens = {0, 1, 2}, .penalty = 1};
  const auto all = AllOutputs(model, kSource, of);
  TranslateOptions options = Exhaustive(model, of);
  options.required_words = {{2}};
  const Translation with_word = Search(model, kSource, options);
  const auto best = std::ranges::find_if(all, [](const Expected& output) {
    return std::ranges::count(output.ids, 2) > 0;
  });
  ASSERT_FALSE(with_word.hypotheses.empty()) << with_word.error;
  EXPECT_EQ(with_word.hypotheses.front().ids, best->ids);
  EXPECT_NEAR(with_word.hypotheses.front().score, best->score, 1e-4);
  options.required_words.clear();
  options.beam_groups = 2;
  const Translation of_groups = Search(model, kSource, options);
  ASSERT_GE(of_groups.hypotheses.size(), 2u) << of_groups.error;
  for (const std::size_t i : {0u, 1u}) {  // each group has found it
    EXPECT_EQ(of_groups.hypotheses[i].ids, all.front().ids);
    EXPECT_NEAR(of_groups.hypotheses[i].score, all.front().score, 1e-4);
  }
}

// A model with heads, layers and padding.
TEST(CoverageTest, IsThatOfTheMeanOfTheLastLayersHeads) {
  for (const char* name : {"marian/decoder_alias", "family/kyubyong_legacy"}) {
    SCOPED_TRACE(name);
    const auto model =
        models::LoadModel(models::ModelFolder(models::GoldenFolder() / name));
    const std::int32_t end = model->info().generation.eos_token_ids.front();
    const Enumerated of = {.tokens = {end, 7, 9}, .longest = 3, .penalty = 0.5};
    ExpectBest(*model, {5, 6, 7, end}, of, Exhaustive(*model, of));
  }
}

// Beams that do not hold all: scores are still those of the outputs.
TEST(CoverageTest, ScoresOfAFewBeamsAreThoseOfTheirOutputs) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    const FakeModel model = Fake(seed);
    const Enumerated of = {.tokens = {0, 1, 2, 3}, .penalty = 0.7};
    const auto all = AllOutputs(model, kSource, of);
    const Translation found =
        Search(model, kSource,
               {.beam_size = 3, .max_new_tokens = 4, .coverage_penalty = 0.7});
    ASSERT_EQ(found.error, "");
    for (const Hypothesis& output : found.hypotheses) {
      const auto same = std::ranges::find(all, output.ids, &Expected::ids);
      ASSERT_NE(same, all.end());
      EXPECT_NEAR(output.score, same->score, 1e-4) << seed;
    }
  }
}

TEST(CoverageTest, TokensWithoutAttentionDoNotCount) {
  Coverage coverage(2, 1);
  coverage.SetSourceTokens(3);
  const SearchRow row = {-1, {}, coverage.Place(0)};
  row.attention[0] = 0.5f;
  row.attention[1] = 0;
  row.attention[2] = 4;
  coverage.Add({&row, 1});
  EXPECT_FLOAT_EQ(coverage.Penalty(0), 2 * std::log(0.5f));
}

TEST(CoverageTest, APenaltyOf0AsksForNothing) {
  Coverage coverage(0, 4);
  coverage.SetSourceTokens(3);
  EXPECT_EQ(coverage.Place(0), nullptr);
  coverage.Add({});
  EXPECT_EQ(coverage.Penalty(3), 0);
}

}  // namespace
}  // namespace tessera::engine
