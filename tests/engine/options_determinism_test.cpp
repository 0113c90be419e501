// The same bits alone and among requests of all kinds, at every precision and
// with any number of threads.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <random>
#include <string>
#include <vector>

#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

struct Case {
  std::string text;
  TranslateOptions options = {};
  bool grows = false;
};

struct Outcome {
  Translation result;
  std::string told;
};

// An option of the search, or of sampling, another one each time.
void AddSearch(std::size_t number, TranslateOptions& options) {
  switch (number % 10) {
    case 0:
      options.repetition_penalty = 1.3;
      break;
    case 1:
      options.beam_size = 4;
      options.beam_groups = 2;
      options.diversity_penalty = 0.5;
      break;
    case 2:
      options.no_repeat_ngram_size = 2;
      options.min_new_tokens = 6;
      break;
    case 3:
      options.beam_size = 1;
      options.sample = true;
      options.seed = number;
      options.top_p = 0.9;
      break;
    case 4:
      options.beam_size = 4;
      options.sample = true;
      options.temperature = 1.5;
      break;
    case 5:
      options.beam_size = 1;
      options.alternatives = 3;
      options.split = {};
      break;
    case 6:
      options.target_prefix = {17, 4};
      options.split = {};
      break;
    case 7:
      options.beam_size = 4;
      options.required_words = {{17}};
      options.split = {};
      break;
    case 8:
      options.beam_size = 4;
      options.coverage_penalty = 0.4;
      break;
    default:
      options.sequence_bias = {{.tokens = {17}, .bias = -2}};
      options.length_decay = {.start = 3, .factor = 1.1};
  }
}

// Each option three times; under AddressSanitizer, 20 times slower, once.
std::size_t CaseCount() {
#ifdef __SANITIZE_ADDRESS__
  return 20;
#else
  return 60;
#endif
}

std::vector<Case> Cases() {
  std::ifstream lines(models::GoldenFolder() / "bundled/sentences.txt");
  std::vector<Case> cases;
  for (std::string line; std::getline(lines, line);) {
    const std::size_t number = cases.size();
    if (line.size() > 250) continue;
    Case one = {.text = line, .grows = number % 3 == 0};
    one.options.beam_size = std::size_t{1} << (number % 3);
    one.options.max_new_tokens = 24;
    if (number % 2 == 0) one.options.split = TextSplit::kNone;
    one.options.alignments = number % 4 == 0;
    if (number % 8 == 0) one.options.alignment_layer = 1;
    one.options.normalize = number % 5 == 0;
    one.options.replace_unknown = number % 3 == 1;
    if (number % 7 == 0) one.options.time_limit = std::chrono::hours(1);
    if (number % 2 == 1) AddSearch(number / 2, one.options);
    cases.push_back(std::move(one));
    if (cases.size() == CaseCount()) break;
  }
  const std::size_t half = cases.size() / 2;
  for (std::size_t i = 0; i < std::min<std::size_t>(8, half); ++i) {
    cases.push_back({.text = cases[i].text + " " + cases[half + i].text,
                     .options = {.beam_size = 2}});
  }
  return cases;
}

std::vector<Outcome> RunAll(const Translator& translator,
                            const std::vector<Case>& cases) {
  std::vector<Outcome> outcomes(cases.size());
  std::vector<std::promise<void>> done(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Translator::Grows grows;
    if (cases[i].grows) {
      grows = [&told = outcomes[i].told](const Growth& growth) {
        told += growth.text;
      };
    }
    translator.Submit(cases[i].text, cases[i].options, grows,
                      [&outcomes, &done, i](Translation result) {
                        outcomes[i].result = std::move(result);
                        done[i].set_value();
                      });
  }
  for (auto& one : done) one.get_future().wait();
  return outcomes;
}

void ExpectSame(const Outcome& found, const Outcome& expected) {
  EXPECT_EQ(found.told, expected.told);
  EXPECT_EQ(found.result.error, expected.result.error);
  EXPECT_EQ(found.result.sentences.size(), expected.result.sentences.size());
  const auto& all = found.result.hypotheses;
  ASSERT_EQ(all.size(), expected.result.hypotheses.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Hypothesis& other = expected.result.hypotheses[i];
    EXPECT_EQ(all[i].text, other.text);
    EXPECT_EQ(all[i].ids, other.ids);
    EXPECT_EQ(all[i].log_probs, other.log_probs);
    EXPECT_EQ(all[i].score, other.score);
    EXPECT_EQ(all[i].alignment, other.alignment);
    EXPECT_EQ(all[i].attention, other.attention);
  }
}

class OptionsDeterminismTest : public testing::TestWithParam<Precision> {};

TEST_P(OptionsDeterminismTest, TheSameBitsAloneAndAmongOthers) {
  std::vector<Case> cases = Cases();
  std::vector<Outcome> alone;
  {
    const Translator translator(models::BundledFolder(),
                                {.threads = 1, .precision = GetParam()});
    for (const Case& one : cases) {
      alone.push_back(RunAll(translator, {one}).front());
    }
  }
  std::vector<std::size_t> order(cases.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937 random(5);
  for (const std::size_t threads : {1u, 2u, 4u}) {
    std::ranges::shuffle(order, random);
    const Translator translator(
        models::BundledFolder(),
        {.threads = threads, .precision = GetParam(), .batch_size = 7});
    std::vector<Case> shuffled;
    for (const std::size_t i : order) shuffled.push_back(cases[i]);
    const std::vector<Outcome> together = RunAll(translator, shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) {
      SCOPED_TRACE(shuffled[i].text);
      ExpectSame(together[i], alone[order[i]]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, OptionsDeterminismTest,
                         testing::Values(Precision::kF32, Precision::kBf16,
                                         Precision::kInt8));

}  // namespace
}  // namespace tessera::engine
