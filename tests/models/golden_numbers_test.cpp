// The worked examples of attention through loaded layers: projections from a
// file, every way to store them, then attention and its weights.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "kernels/attention/attention.h"
#include "kernels/gemm/multiply.h"
#include "models/layers/attention.h"
#include "models/layers/kv_cache.h"
#include "tests/models/weights/tensor_folder.h"

namespace tessera::models {
namespace {

using kernels::Dense;
using kernels::ExecContext;
using kernels::Rows;
using Values = std::vector<float>;
using Offsets = std::array<std::int32_t, 2>;

const std::string kSelf = "encoder.layers.0.self_attn.";
const std::string kCross = "decoder.layers.0.encoder_attn.";

TensorNames NamesWithoutBias() {
  const TensorForm form = {.vector = ""};
  return {
      .prefix = "",
      .rules = BartRules({.to_heads = form, .from_heads = form, .others = {}})};
}

// Self-attention with W^Q = W^K = W^V = I.
struct Identity {
  Identity() {
    for (const char* name : {"q", "k", "v"}) {
      folder.Add(kSelf + name + "_proj.weight", {2, 2}, {1, 0, 0, 1});
    }
  }
  TensorFolder folder;
  StackShape shape = {
      .width = 2, .attention = {.heads = 1, .key_width = 2, .value_width = 2}};
};

const Values kWords = {1, 0, 0, 1, 1, 1, 0, 0};

struct Result {
  Values out = Values(8);
  Values weights = Values(16);
};

Result FourWords(Identity& model, bool causal = false) {
  const SelfAttentionWeights weights(
      model.folder.Source(NamesWithoutBias())
          .Within("encoder.layers.0.self_attention"),
      model.shape);
  Values qkv(4 * 6);
  ExecContext context;
  Multiply(Dense(kWords.data(), 4, 2), weights.qkv,
           {.activation = model.shape.attention.activation},
           Dense(qkv.data(), 4, 6), context);
  const Rows<float> all = Dense(qkv.data(), 4, 6);
  const Offsets offsets = {0, 4};
  kernels::AttentionShape shape = model.shape.attention.shape(weights.score);
  shape.causal = causal;
  Result result;
  AttentionRows(shape,
                {.queries = all.Columns(0, 2),
                 .keys = all.Columns(2, 2),
                 .values = all.Columns(4, 2),
                 .query_offsets = offsets,
                 .key_offsets = offsets,
                 .weights = result.weights.data()},
                Dense(result.out.data(), 4, 2), context);
  return result;
}

void ExpectValues(const Values& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(got[i]), expected[i], 1e-6) << i;
  }
}

const std::vector<double> kScaledWeights = {
    0.33488077, 0.16511923, 0.33488077, 0.16511923,  //
    0.16511923, 0.33488077, 0.33488077, 0.16511923,  //
    0.22118102, 0.22118102, 0.44858053, 0.10905743,  //
    0.25,       0.25,       0.25,       0.25};
const std::vector<double> kScaledOut = {0.66976155, 0.5,        0.5, 0.66976155,
                                        0.66976155, 0.66976155, 0.5, 0.5};

TEST(FourWordsTest, ScaledDotProducts) {
  Identity model;
  const Result result = FourWords(model);
  ExpectValues(result.weights, kScaledWeights);
  ExpectValues(result.out, kScaledOut);
}

TEST(FourWordsTest, CausalWordsSeeWhatIsBefore) {
  Identity model;
  const Result result = FourWords(model, /*causal=*/true);
  ExpectValues(result.weights, {1, 0, 0, 0,                             //
                                0.33023845, 0.66976155, 0, 0,           //
                                0.24825508, 0.24825508, 0.50348984, 0,  //
                                0.25, 0.25, 0.25, 0.25});
  ExpectValues(result.out, {1, 0, 0.33023845, 0.66976155, 0.75174492,
                            0.75174492, 0.5, 0.5});
}

TEST(FourWordsTest, UnscaledDotProducts) {
  Identity model;
  model.shape.attention.score = Score::kDot;
  const Result result = FourWords(model);
  const auto row = [&](std::ptrdiff_t r) {
    return Values(result.weights.begin() + 4 * r,
                  result.weights.begin() + 4 * (r + 1));
  };
  ExpectValues(row(0), {0.36552929, 0.13447071, 0.36552929, 0.13447071});
  ExpectValues(row(2), {0.19661193, 0.19661193, 0.53444665, 0.07232949});
  EXPECT_NEAR(result.out[0], 0.73105858f, 1e-6f);
}

TEST(FourWordsTest, RectifiedScoresAreNotRenormalised) {
  Identity model;
  model.shape.attention.normaliser = kernels::Normaliser::kRelu;
  const Result result = FourWords(model);
  ExpectValues(result.out, {1.41421356, 0.70710678, 0.70710678, 1.41421356,
                            2.12132034, 2.12132034, 0, 0});
  EXPECT_NEAR(result.weights[0], 0.70710678f, 1e-6f);
  for (std::size_t key = 0; key < 4; ++key) {
    EXPECT_EQ(result.weights[12 + key], 0);
  }
}

// Two sentences of ten pairs, two queries each, by formulas: states hold a
// query in columns 0 to 19, a key in 20 and 21, a value in 22 to 25.
constexpr std::size_t kWidth = 26, kPairs = 10, kQueries = 2;

float Query(int b, int n, int j) {
  return static_cast<float>((5 * b + 3 * n + 2 * j) % 7 - 3) / 4;
}
float Key(int b, int m, int j) {
  return static_cast<float>((3 * b + 2 * m + 5 * j) % 9 - 4) / 4;
}
float Value(int b, int m, int j) {
  return static_cast<float>(40 * b + 4 * m + j) / 10;
}

class TwoSentences {
 public:
  explicit TwoSentences(Score score) {
    const bool additive = score == Score::kAdditive;
    const std::size_t hidden = additive ? 16 : 2;
    shape_ = {
        .width = kWidth,
        .attention = {
            .heads = 1, .key_width = hidden, .value_width = 4, .score = score}};
    Values q(hidden * kWidth), k(hidden * kWidth), v(4 * kWidth);
    for (std::size_t i = 0; i < hidden; ++i) {
      const int row = static_cast<int>(i);
      for (int j = 0; j < (additive ? 20 : 2); ++j) {
        q[i * kWidth + static_cast<std::size_t>(j)] =
            additive ? static_cast<float>((7 * row + 3 * j) % 11 - 5) / 10
                     : static_cast<float>(row == j);
      }
      for (int j = 0; j < 2; ++j) {
        k[i * kWidth + 20 + static_cast<std::size_t>(j)] =
            additive ? static_cast<float>((5 * row + 4 * j) % 11 - 5) / 10
                     : static_cast<float>(row == j);
      }
    }
    for (std::size_t i = 0; i < 4; ++i) v[i * kWidth + 22 + i] = 1;
    folder_.Add(kCross + "q_proj.weight", {hidden, kWidth}, q);
    folder_.Add(kCross + "k_proj.weight", {hidden, kWidth}, k);
    folder_.Add(kCross + "v_proj.weight", {4, kWidth}, v);
    Values w(hidden);
    for (std::size_t i = 0; i < hidden; ++i) {
      w[i] = static_cast<float>((3 * static_cast<int>(i)) % 7 - 3) / 5;
    }
    if (additive) folder_.Add(kCross + "score.weight", {1, hidden}, w);
  }

  // The first value of each output; the others must be j / 10 larger.
  // `lengths` [2, queries]: keys that a query sees.
  std::vector<double> Run(const std::vector<std::int32_t>& lengths) {
    const CrossAttentionWeights weights(
        folder_.Source(NamesWithoutBias())
            .Within("decoder.layers.0.cross_attention"),
        shape_);
    const std::size_t hidden = shape_.attention.key_width;
    ExecContext context;
    const Values queries = Project(QueryStates(), weights.q, context);
    SentenceCache cache(
        1,
        {.kv_heads = 1,
         .key_width = hidden,
         .value_width = 4,
         .raw_keys = shape_.attention.score == Score::kAdditive},
        2);
    const Values kv = Project(PairStates(), weights.kv, context);
    std::vector<kernels::AttentionSequence> sequences;
    for (std::size_t b = 0; b < 2; ++b) {
      const Rows<const float> own =
          Dense(kv.data() + b * kPairs * (hidden + 4), kPairs, hidden + 4);
      cache.Reset(b, kPairs);
      cache.Set(0, b, own.Columns(0, hidden), own.Columns(hidden, 4));
      sequences.push_back({.first_row = b * kQueries,
                           .rows = kQueries,
                           .cache = cache.View(0, b),
                           .query_lengths = &lengths[b * kQueries]});
    }
    Values out(2 * kQueries * 4);
    Attention(shape_.attention.shape(weights.score),
              Dense(queries.data(), 2 * kQueries, hidden), sequences,
              Dense(out.data(), 2 * kQueries, 4), context);
    std::vector<double> first;
    for (std::size_t r = 0; r < 2 * kQueries; ++r) {
      const auto value = static_cast<double>(out[4 * r]);
      first.push_back(value);
      for (std::size_t j = 0; j < 4 && lengths[r] > 0; ++j) {
        EXPECT_NEAR(static_cast<double>(out[4 * r + j]),
                    value + static_cast<double>(j) / 10, 1e-5);
      }
    }
    return first;
  }

 private:
  static Values QueryStates() {
    Values states(2 * kQueries * kWidth);
    for (int r = 0; r < 4; ++r) {
      for (int j = 0; j < 20; ++j) {
        states[static_cast<std::size_t>(r) * kWidth +
               static_cast<std::size_t>(j)] = Query(r / 2, r % 2, j);
      }
    }
    return states;
  }
  static Values PairStates() {
    Values states(2 * kPairs * kWidth);
    for (int r = 0; r < 20; ++r) {
      float* const row = &states[static_cast<std::size_t>(r) * kWidth];
      for (int j = 0; j < 2; ++j) row[20 + j] = Key(r / 10, r % 10, j);
      for (int j = 0; j < 4; ++j) row[22 + j] = Value(r / 10, r % 10, j);
    }
    return states;
  }
  static Values Project(const Values& states,
                        const kernels::PackedMatrix& matrix,
                        ExecContext& context) {
    const std::size_t rows = states.size() / kWidth;
    Values out(rows * matrix.outputs());
    Multiply(Dense(states.data(), rows, kWidth), matrix, {},
             Dense(out.data(), rows, matrix.outputs()), context);
    return out;
  }

  TensorFolder folder_;
  StackShape shape_;
};

void ExpectFirst(const std::vector<double>& got,
                 const std::vector<double>& expected) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], 1e-5) << i;
  }
}

TEST(TwoSentencesTest, AdditiveScores) {
  TwoSentences two(Score::kAdditive);
  ExpectFirst(two.Run({10, 10, 10, 10}),
              {1.83853522, 1.83262424, 5.76493669, 5.76143952});
  ExpectFirst(two.Run({2, 2, 6, 6}),
              {0.19174630, 0.19210107, 5.02843020, 5.01825127});
  ExpectFirst(two.Run({1, 3, 2, 4}), {0, 0.49378534, 4.25730423, 4.60412348});
}

TEST(TwoSentencesTest, DotProducts) {
  TwoSentences two(Score::kScaledDot);
  ExpectFirst(two.Run({10, 10, 10, 10}),
              {1.74719794, 1.79145265, 5.73181998, 5.80854735});
  ExpectFirst(two.Run({2, 2, 6, 6}),
              {0.16500840, 0.21763178, 5.05333914, 5.03219008});
  ExpectFirst(two.Run({1, 3, 2, 4}), {0, 0.34962005, 4.30046742, 4.64033299});
}

TEST(EqualKeysTest, ValidLengthsGiveMeans) {
  SentenceCache cache(1, {1, 2, 4}, 2);
  Values keys(kPairs * 2, 1.0f), values(kPairs * 4);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i);
  }
  const std::vector<std::size_t> lengths = {2, 6};
  const Values queries(2 * 2, 0.5f);
  std::vector<kernels::AttentionSequence> sequences;
  for (std::size_t b = 0; b < 2; ++b) {
    cache.Reset(b, lengths[b]);
    cache.Set(0, b, Dense<const float>(keys.data(), lengths[b], 2),
              Dense<const float>(values.data(), lengths[b], 4));
    sequences.push_back({.first_row = b, .rows = 1, .cache = cache.View(0, b)});
  }
  const AttentionForm form = {.heads = 1, .key_width = 2, .value_width = 4};
  Values out(8);
  ExecContext context;
  Attention(form.shape({}), Dense(queries.data(), 2, 2), sequences,
            Dense(out.data(), 2, 4), context);
  EXPECT_EQ(out, (Values{2, 3, 4, 5, 10, 11, 12, 13}));
}

}  // namespace
}  // namespace tessera::models
