// Candidates of states: the logits after edits, among all tokens or those of a
// list.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "models/row_scores.h"
#include "tests/models/model_contract.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;
using ProjectionContractTest = ModelContractTest;

// Rows of three kinds in one call: of a list, of all tokens, of another list.
TEST_P(ProjectionContractTest,
       RowsWithListsChooseAmongTheBitsOfTheWholeVocabulary) {
  const std::size_t vocabulary = model_->info().target_vocabulary;
  const auto states = TeacherForced(*model_, {5, 6, 0}, {3, 4, 5, 6}, context_);
  const Rows<const float> rows = Dense(states.data(), 4, model_->info().width);
  std::vector<std::int32_t> every(vocabulary), some;
  std::iota(every.begin(), every.end(), 0);
  for (std::size_t v = 0; v < vocabulary; v += 3) some.push_back(every[v]);
  const OutputList all = model_->Select(every), few = model_->Select(some);
  const std::vector<TokenOfRow> suppressed = {{0, 4}, {0, 6}, {2, 4}, {2, 6}};
  const std::vector<AdjustedToken> adjusted = {
      {0, 9, 4}, {0, 10, 30}, {2, 9, 4}, {3, 9, 2, 1.5f}};
  const std::vector<const OutputList*> lists = {&few, nullptr, nullptr, &all};
  std::vector<float> logits(4 * vocabulary);
  model_->Logits(rows, Dense(logits.data(), 4, vocabulary), context_);
  LogitEdits edits = {.suppressed = suppressed, .adjusted = adjusted};
  const auto state = model_->Open(1, 4), other = model_->Open(1, 4);
  const Candidates whole =
      model_->Project(rows, edits, vocabulary, *other, context_);
  edits.lists = lists;
  EditRows(edits, Dense(logits.data(), 4, vocabulary));
  const Candidates got =
      model_->Project(rows, edits, vocabulary, *state, context_);
  const auto same = [&](std::size_t row) {
    return std::equal(got.tokens[row], got.tokens[row] + vocabulary,
                      whole.tokens[row]) &&
           std::equal(got.log_probs[row], got.log_probs[row] + vocabulary,
                      whole.log_probs[row]);
  };
  for (const std::size_t row : {1u, 2u, 3u}) EXPECT_TRUE(same(row)) << row;
  EXPECT_FALSE(same(0));
  std::vector<std::int32_t> seen(got.tokens[0], got.tokens[0] + vocabulary);
  for (std::size_t i = 0; i < vocabulary; ++i) {
    const auto token = static_cast<std::size_t>(seen[i]);
    if (i + 1 < some.size()) {
      EXPECT_NEAR(got.log_probs[0][i], logits[token], 2e-5f) << token;
    }
    EXPECT_EQ(std::isinf(got.log_probs[0][i]), std::isinf(logits[token]));
  }
  std::ranges::sort(seen);
  EXPECT_EQ(seen, every);
}

INSTANTIATE_TEST_SUITE_P(, ProjectionContractTest, EveryModel(), NameOfModel);

// A tiny model for what follows.
std::unique_ptr<Model> Tiny() {
  return LoadModel(ModelFolder(GoldenFolder() / "marian/decoder_alias"));
}

TEST(ProjectionTest, CandidatesAreTheLogitsAfterEdits) {
  const auto model = Tiny();
  ExecContext context;
  const std::size_t width = model->info().width;
  const std::size_t vocabulary = model->info().target_vocabulary;
  const auto states = TeacherForced(*model, {5, 6, 0}, {3, 4, 5}, context);
  const Rows<const float> rows = Dense(states.data(), 3, width);
  std::vector<float> logits(3 * vocabulary);
  model->Logits(rows, Dense(logits.data(), 3, vocabulary), context);
  const auto state = model->Open(1, 3);
  const std::vector<TokenOfRow> suppressed = {{0, 1}, {1, 1}, {1, 7}, {1, 9}};
  const std::vector<TokenOfRow> forced = {{2, 5}};
  for (const bool renormalize : {false, true}) {
    const std::vector<std::uint8_t> normalised(
        3, renormalize ? kAfterEdits : kBeforeEdits);
    const Candidates got = model->Project(
        rows,
        {.suppressed = suppressed, .forced = forced, .normalised = normalised},
        4, *state, context);
    for (std::size_t r = 0; r < 2; ++r) {
      double sum = 0;
      for (std::size_t v = 0; v < vocabulary; ++v) {
        const bool removed = v == 1 || (r == 1 && (v == 7 || v == 9));
        if (renormalize && removed) continue;
        sum += std::exp(static_cast<double>(logits[r * vocabulary + v]));
      }
      for (std::size_t i = 0; i < 4; ++i) {
        const auto token = static_cast<std::size_t>(got.tokens[r][i]);
        EXPECT_NE(token, 1u);
        EXPECT_NEAR(
            static_cast<double>(got.log_probs[r][i]),
            static_cast<double>(logits[r * vocabulary + token]) - std::log(sum),
            1e-5);
      }
    }
    EXPECT_EQ(got.tokens[2][0], 5);
    EXPECT_EQ(got.log_probs[2][0], 0.0f);
    EXPECT_EQ(got.log_probs[2][1], -std::numeric_limits<float>::infinity());
  }
}

// Scores of a row as huggingface `generate` computes them: adjusted logits and
// then a softmax in greedy search, adjusted log-probabilities in beam search,
// and these with a softmax again.
std::vector<std::pair<double, std::int32_t>> SortedScores(
    std::span<const float> logits, std::span<const AdjustedToken> adjusted,
    std::size_t row, std::uint8_t normalised, std::int32_t suppressed) {
  std::vector<double> scores(logits.begin(), logits.end());
  const auto normalise = [&] {
    double sum = 0;
    for (const double score : scores) sum += std::exp(score);
    for (double& score : scores) score -= std::log(sum);
  };
  if (normalised != kAfterEdits) normalise();
  for (const AdjustedToken& edit : adjusted) {
    if (static_cast<std::size_t>(edit.row) != row) continue;
    double& s = scores[static_cast<std::size_t>(edit.token)];
    const double penalty = static_cast<double>(edit.penalty);
    s += static_cast<double>(edit.addend);
    s = s < 0 ? s * penalty : s / penalty;
    s += std::abs(s) * static_cast<double>(edit.growth);
  }
  scores[static_cast<std::size_t>(suppressed)] =
      -std::numeric_limits<double>::infinity();
  if (normalised != kBeforeEdits) normalise();
  std::vector<std::pair<double, std::int32_t>> sorted;
  for (std::size_t v = 0; v < scores.size(); ++v) {
    sorted.emplace_back(-scores[v], static_cast<std::int32_t>(v));
  }
  std::ranges::sort(sorted);
  return sorted;
}

TEST(ProjectionTest, AdjustedTokensTakeTheirPlaceAmongCandidates) {
  const auto model = Tiny();
  ExecContext context;
  const std::size_t vocabulary = model->info().target_vocabulary;
  const auto states = TeacherForced(*model, {5, 6, 0}, {3, 4, 6}, context);
  const Rows<const float> rows = Dense(states.data(), 3, model->info().width);
  std::vector<float> logits(3 * vocabulary);
  model->Logits(rows, Dense(logits.data(), 3, vocabulary), context);
  const auto state = model->Open(1, 3);
  const std::int32_t absent = 4;
  const std::vector<TokenOfRow> suppressed = {
      {0, absent}, {1, absent}, {2, absent}};
  const std::vector<AdjustedToken> adjusted = {
      {0, 3, 0, 1.5f},       {0, 4, 20},           {0, 7, 1, 0.5f},
      {0, 9, -3, 1, 0.4f},   {1, 11, 30, 1.2f},    {1, 2, 0.5f, 3},
      {1, 12, 29, 1, -0.5f}, {1, 13, 0, 1, 0.7f},  {2, 11, 25, 1.3f},
      {2, absent, 20},       {2, 3, 1, 0.5f, 0.3f}};
  const std::uint8_t normalised[] = {kAfterEdits, kBeforeEdits,
                                     kBeforeAndAfter};
  for (const std::size_t k : {std::size_t{1}, std::size_t{4}, vocabulary}) {
    const Candidates got = model->Project(rows,
                                          {.suppressed = suppressed,
                                           .adjusted = adjusted,
                                           .normalised = normalised},
                                          k, *state, context);
    for (std::size_t r = 0; r < 3; ++r) {
      const auto want = SortedScores({&logits[r * vocabulary], vocabulary},
                                     adjusted, r, normalised[r], absent);
      for (std::size_t i = 0; i < k; ++i) {
        EXPECT_EQ(got.tokens[r][i], want[i].second) << r << " " << i;
        if (i + 1 == vocabulary) continue;  // the suppressed token
        EXPECT_NEAR(static_cast<double>(got.log_probs[r][i]), -want[i].first,
                    2e-5);
      }
    }
  }
}

}  // namespace
}  // namespace tessera::models
