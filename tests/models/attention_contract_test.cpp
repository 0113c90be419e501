// What models tell of their attention: maps of whole sentences, and rows that
// ask in a step.
#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "tests/models/model_contract.h"

namespace tessera::models {
namespace {

using kernels::ExecContext;
using AttentionContractTest = ModelContractTest;

// What every row of a map sums to, if it sees a key.
double RowSum(const AttentionMap& map, std::size_t head, std::size_t query) {
  const float* row = &map.weights[(head * map.queries + query) * map.keys];
  return std::accumulate(row, row + map.keys, 0.0);
}

// Weights of a row sum to 1, or to 0 in rows [blind_from, blind_to).
void ExpectDistributions(const AttentionMap& map, std::size_t blind_from,
                         std::size_t blind_to) {
  for (std::size_t h = 0; h < map.heads; ++h) {
    for (std::size_t q = 0; q < map.queries; ++q) {
      const bool blind = q >= blind_from && q < blind_to;
      EXPECT_NEAR(RowSum(map, h, q), blind ? 0 : 1, 1e-5);
    }
  }
}

TEST_P(AttentionContractTest,
       AttentionWeightsAreDistributionsOverVisibleTokens) {
  const Ids source = {5, 6, 7, 0};
  const Ids read = {model_->info().generation.decoder_start_token_id, 3, 4};
  const AttentionMaps maps = model_->Explain(source, read, context_);
  const bool relu = family().find("relu_norm") != std::string::npos;
  // Two models have tokens that see nothing: the padding that a source is
  // filled with in the first layer, and padding as the start token.
  const bool fades = family() == "family/kyubyong_legacy";
  const bool starts_blind = family() == "family/padding_starts_outputs";
  for (std::size_t layer = 0; layer < maps.encoder.size() && !relu; ++layer) {
    const AttentionMap& map = maps.encoder[layer];
    // Its last token, 0, is padding as well.
    const std::size_t from = fades && layer == 0 ? 3 : map.queries;
    ExpectDistributions(map, from, map.queries);
  }
  for (std::size_t layer = 0; layer < maps.decoder.size() && !relu; ++layer) {
    ExpectDistributions(maps.decoder[layer], 0, starts_blind ? 1 : 0);
    ExpectDistributions(maps.cross[layer], 0, 0);
  }
  ASSERT_FALSE(maps.encoder.empty());
  ASSERT_FALSE(maps.decoder.empty());
  for (AttentionMap map : maps.decoder) {
    for (std::size_t h = 0; h < map.heads; ++h) {
      for (std::size_t key = 1; key < map.keys; ++key) {
        EXPECT_EQ(map.at(h, key - 1, key), 0) << "a token not yet read";
      }
    }
  }
}

// What a row that reads these tokens is to be told: the mean of the heads of
// Explain's last layer, summed over the tokens behind the first `skipped`.
std::vector<float> AttentionSum(const Model& model, const Ids& source,
                                const Ids& read, std::size_t skipped) {
  ExecContext context;
  AttentionMaps maps = model.Explain(source, read, context);
  AttentionMap& map = maps.cross.back();
  std::vector<float> sums(map.keys);
  for (std::size_t query = skipped; query < read.size(); ++query) {
    for (std::size_t head = 0; head < map.heads; ++head) {
      for (std::size_t key = 0; key < map.keys; ++key) {
        sums[key] += map.at(head, query, key) / static_cast<float>(map.heads);
      }
    }
  }
  return sums;
}

// Two rows of one sentence, of which both or one ask, beside another one.
TEST_P(AttentionContractTest, RowsThatAskAreToldWhatTheirTokensLookAt) {
  const Ids source = {5, 6, pad(), 7, 0};
  const EncoderStates encoded = Encode(*model_, {source, {9, 0}}, context_);
  const auto length = static_cast<std::size_t>(encoded.offsets[1]);
  const auto state = model_->Open(2, 3);
  const Ids slots = {0, 1};
  model_->Admit(encoded, slots, *state, context_);
  const std::int32_t start = model_->info().generation.decoder_start_token_id;
  const Ids prompt = {start, 3}, third = {8}, other = {4};
  std::vector<float> told(length), own(length);
  const StepRow begin[] = {{1, -1, {&start, 1}}, {0, -1, prompt, told.data()}};
  model_->Step(begin, *state, context_);
  const StepRow go_on[] = {
      {0, 1, third}, {0, 1, other, own.data()}, {1, 0, third}};
  model_->Step(go_on, *state, context_);
  const auto first = AttentionSum(*model_, source, {start, 3}, 0);
  const auto second = AttentionSum(*model_, source, {start, 3, 4}, 2);
  ASSERT_EQ(first.size(), length);
  for (std::size_t i = 0; i < length; ++i) {
    EXPECT_NEAR(told[i], first[i], 1e-5) << i;
    EXPECT_NEAR(own[i], second[i], 1e-5) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(, AttentionContractTest, EveryModel(), NameOfModel);

}  // namespace
}  // namespace tessera::models
