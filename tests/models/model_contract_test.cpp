// Rows of a batch that do not touch each other, share and fork histories, and
// read one token or several at once.
#include "tests/models/model_contract.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace tessera::models {
namespace {

using kernels::ExecContext;
using kernels::Rows;

TEST_P(ModelContractTest, SentencesOfABatchHaveTheBitsTheyHaveAlone) {
  const std::vector<Ids> sources = {
      {5, 6, 7, 0}, {9, 0}, {1, 2, pad(), 4, 5, 0}, {pad(), 3}};
  ExecContext two_threads(2);
  const EncoderStates together = Encode(*model_, sources, two_threads);
  const std::size_t width = model_->info().width;
  for (std::size_t b = 0; b < sources.size(); ++b) {
    const EncoderStates alone = Encode(*model_, {sources[b]}, context_);
    const auto first = static_cast<std::size_t>(together.offsets[b]);
    const auto tokens = static_cast<std::size_t>(alone.offsets[1]);
    ASSERT_EQ(tokens,
              static_cast<std::size_t>(together.offsets[b + 1]) - first);
    EXPECT_TRUE(std::equal(alone.states.data(),
                           alone.states.data() + tokens * width,
                           together.states.data() + first * width));
  }
}

TEST_P(ModelContractTest, RowsShareAndForkTheirHistory) {
  const Ids source = {5, 6, pad(), 7, 0};
  const EncoderStates encoded = Encode(*model_, {source, {9, 0}}, context_);
  const auto state = model_->Open(2, 4);
  const Ids slots = {0, 1};
  model_->Admit(encoded, slots, *state, context_);
  const std::int32_t start = model_->info().generation.decoder_start_token_id;
  const Ids t = {start, 2, 3, 8, 9, pad()};
  const auto token = [&](std::size_t i) { return std::span(t).subspan(i, 1); };
  const std::vector<std::vector<StepRow>> steps = {
      {{1, -1, token(0)}, {0, -1, token(0)}},
      {{0, 1, token(2)}, {0, 1, token(5)}, {1, 0, token(1)}},
      {{0, 1, token(3)}, {0, 0, token(3)}, {0, 1, token(4)}},
  };
  Rows<const float> x;
  for (const auto& step : steps) x = model_->Step(step, *state, context_).last;
  const std::vector<float> got(x.data, x.data + 3 * x.cols);
  const std::vector<Ids> histories = {{pad(), 8, 0}, {3, 8, 0}, {pad(), 9, 0}};
  for (std::size_t r = 0; r < 3; ++r) {
    const auto alone = TeacherForced(*model_, source, histories[r], context_);
    EXPECT_TRUE(std::equal(
        alone.end() - static_cast<std::ptrdiff_t>(x.cols), alone.end(),
        got.begin() + static_cast<std::ptrdiff_t>(r * x.cols)))
        << "row " << r;
  }
}

// Rows of different lengths, one of them behind a step of its own, with padding
// among the tokens.
TEST_P(ModelContractTest, TokensReadAtOnceGiveTheBitsOfTokensOneByOne) {
  const Ids sources[] = {{5, 6, pad(), 7, 0}, {9, 0}};
  const EncoderStates encoded =
      Encode(*model_, {sources[0], sources[1]}, context_);
  const auto state = model_->Open(2, 2);
  const Ids slots = {0, 1};
  model_->Admit(encoded, slots, *state, context_);
  const std::int32_t start = model_->info().generation.decoder_start_token_id;
  const Ids first = {start, 3}, second = {start};
  const StepRow begin[] = {{0, -1, first}, {1, -1, second}};
  model_->Step(begin, *state, context_);
  const Ids rest = {8, pad(), 4, 3}, own = {2, 3};
  const StepRow go_on[] = {{1, 1, own}, {0, 0, rest}};
  const StepStates states = model_->Step(go_on, *state, context_);
  ASSERT_EQ(states.tokens.rows, 6u);
  ASSERT_EQ(states.last.rows, 2u);
  const Ids read[] = {{3, 8, pad(), 4, 3, 0}, {2, 3, 0}};
  const std::size_t skipped[] = {2, 1}, at[] = {2, 0};
  const std::size_t width = states.tokens.cols;
  for (std::size_t b = 0; b < 2; ++b) {
    const auto alone = TeacherForced(*model_, sources[b], read[b], context_);
    const std::size_t tokens = read[b].size() - skipped[b];
    EXPECT_TRUE(std::equal(states.tokens[at[b]],
                           states.tokens[at[b]] + tokens * width,
                           alone.data() + skipped[b] * width))
        << "sentence " << b;
    EXPECT_TRUE(std::equal(alone.end() - static_cast<std::ptrdiff_t>(width),
                           alone.end(), states.last[b == 0 ? 1 : 0]));
  }
}

INSTANTIATE_TEST_SUITE_P(, ModelContractTest, EveryModel(), NameOfModel);

}  // namespace
}  // namespace tessera::models
