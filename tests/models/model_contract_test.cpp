// What the engine relies on in a model: rows of a batch that do not touch each
// other, forked histories, edited logits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <tuple>

#include "kernels/gemm/matrix_layout.h"
#include "models/model.h"
#include "models/row_scores.h"
#include "tests/models/golden.h"
#include "tests/models/run_model.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;

// Every family, with weights in f32 and in bf16, which have bf16 caches.
class ModelContractTest : public testing::TestWithParam<
                              std::tuple<std::string, kernels::ElementType>> {
 protected:
  const std::string& family() const { return std::get<0>(GetParam()); }
  std::int32_t pad() const { return model_->info().generation.pad_token_id; }

  std::unique_ptr<Model> model_ =
      LoadModel(ModelFolder(GoldenFolder() / family()),
                {.type = std::get<1>(GetParam())});
  ExecContext context_;
};

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

TEST_P(ModelContractTest, AttentionWeightsAreDistributionsOverVisibleTokens) {
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
TEST_P(ModelContractTest, RowsThatAskAreToldWhatTheirTokensLookAt) {
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

INSTANTIATE_TEST_SUITE_P(
    , ModelContractTest,
    testing::Combine(testing::ValuesIn(TinyModels()),
                     testing::Values(kernels::ElementType::kF32,
                                     kernels::ElementType::kBf16)),
    [](const auto& tested) {
      return TestName(std::get<0>(tested.param)) + "_" +
             std::string(kernels::Name(std::get<1>(tested.param)));
    });

// Additive scores of bf16 keys have scalar code only.
TEST(CacheTypeTest, IsBf16BesideWeightsOfLessThanF32ButOfAdditiveScores) {
  const auto type = [](const char* name, kernels::ElementType weights) {
    return LoadModel(ModelFolder(GoldenFolder() / name), {.type = weights})
        ->info()
        .cache_type;
  };
  EXPECT_EQ(type("t5/t5_gated_gelu_untied", kernels::ElementType::kF32), "f32");
  for (const auto weights :
       {kernels::ElementType::kBf16, kernels::ElementType::kS8}) {
    EXPECT_EQ(type("t5/t5_gated_gelu_untied", weights), "bf16");
    EXPECT_EQ(type("family/additive", weights), "f32");
  }
}

// Whatever only looks rows up (embeddings that are not the output projection
// too) takes two bytes a weight, but for vectors and full panels.
TEST(TokenTablesTest, AreOfTheTypeOfTheWeights) {
  for (const char* name : {"bart/bart_untied", "t5/t5_gated_gelu_untied",
                           "marian/untied_output", "marian/separate_untied"}) {
    const ModelFolder folder(GoldenFolder() / name);
    const auto bytes = [&](kernels::ElementType type) {
      return LoadModel(folder, {.type = type})->info().memory_bytes;
    };
    const std::size_t f32 = bytes(kernels::ElementType::kF32);
    EXPECT_LT(bytes(kernels::ElementType::kBf16), f32 * 6 / 10) << name;
  }
}

// Rows of three kinds in one call: of a list, of all tokens, of another list.
TEST_P(ModelContractTest, RowsWithListsChooseAmongTheBitsOfTheWholeVocabulary) {
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
