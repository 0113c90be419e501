// MatrixSource: from the names of layers to tensors, however files keep them.
#include "models/weights/matrix_source.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <functional>
#include <numeric>

#include "kernels/gemm/multiply.h"
#include "tests/models/weights/tensor_folder.h"

namespace tessera::models {
namespace {

using Values = std::vector<float>;

TensorNames Names(std::vector<TensorRule> rules) {
  return {.prefix = "", .rules = std::move(rules), .heads = 2};
}

Values Count(std::size_t n) {
  Values values(n);
  std::iota(values.begin(), values.end(), 0.0f);
  return values;
}

// What a matrix multiplies by, and adds: [outputs, inputs + 1].
Values Unpacked(const kernels::PackedMatrix& matrix) {
  const std::size_t inputs = matrix.inputs(), outputs = matrix.outputs();
  Values unpacked;
  kernels::ExecContext context;
  Values x(inputs), columns((inputs + 1) * outputs);
  for (std::size_t i = 0; i <= inputs; ++i) {
    x.assign(inputs, 0);
    if (i < inputs) x[i] = 1;
    Multiply(kernels::Dense<const float>(x.data(), 1, inputs), matrix, {},
             kernels::Dense(&columns[i * outputs], 1, outputs), context);
  }
  for (std::size_t o = 0; o < outputs; ++o) {
    const float bias = columns[inputs * outputs + o];
    for (std::size_t i = 0; i < inputs; ++i) {
      unpacked.push_back(columns[i * outputs + o] - bias);
    }
    unpacked.push_back(bias);
  }
  return unpacked;
}

std::string MessageOf(const std::function<void()>& run) {
  try {
    run();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(TensorNamesTest, StarsStandForOnePartEach) {
  const TensorNames names = Names({{"*.layers.*.in", {"*.block.*.wi"}}});
  EXPECT_EQ(FindPlace(names, "decoder.layers.12.in.weight").stored,
            std::vector<std::string>{"decoder.block.12.wi.weight"});
  EXPECT_THROW(FindPlace(names, "layers.12.in.weight"), Error);
  EXPECT_THROW(FindPlace(names, "decoder.layers.12.in.0.weight"), Error);
}

TEST(TensorNamesTest, ARuleOfOneTensorComesBeforeThatOfItsMatrix) {
  const TensorNames names =
      Names({{"output", {"lm_head"}}, {"output.bias", {"logits_bias"}}});
  EXPECT_EQ(FindPlace(names, "output.bias").stored[0], "logits_bias");
  EXPECT_EQ(FindPlace(names, "output.weight").stored[0], "lm_head.weight");
}

TEST(TensorNamesTest, NormsAreNamedAsModulesOfPyTorch) {
  const TensorNames names = Names(BartRules());
  EXPECT_EQ(
      FindPlace(names, "encoder.layers.0.feed_forward.norm.scale").stored,
      std::vector<std::string>{"encoder.layers.0.final_layer_norm.weight"});
  EXPECT_EQ(
      FindPlace(names, "decoder.layers.1.cross_attention.norm.offset").stored,
      std::vector<std::string>{
          "decoder.layers.1.encoder_attn_layer_norm.bias"});
}

TEST(TensorNamesTest, ANameWithoutARuleIsAnError) {
  EXPECT_EQ(
      MessageOf([] { FindPlace(Names({}), "encoder.gate.weight"); }),
      "tensor names: want a rule for \"encoder.gate.weight\", found none");
}

// Every order of axes gives the matrix [4, 6] whose values count from 0.
struct StoredOrder {
  std::string axes;
  std::vector<std::size_t> shape;
  // The index of output o, input i in the file.
  std::size_t (*at)(std::size_t o, std::size_t i);
};

class StoredOrderTest : public testing::TestWithParam<StoredOrder> {};

TEST_P(StoredOrderTest, GivesRowsOfOutputs) {
  const StoredOrder& order = GetParam();
  Values stored(24);
  for (std::size_t o = 0; o < 4; ++o) {
    for (std::size_t i = 0; i < 6; ++i) {
      stored[order.at(o, i)] = static_cast<float>(6 * o + i);
    }
  }
  TensorFolder folder;
  folder.Add("m.weight", order.shape, stored);
  const MatrixSource source =
      folder.Source(Names({{"m", {"m"}, {.matrix = order.axes}}}));
  EXPECT_EQ(source.Rows("m", 4, 6), Count(24));
  EXPECT_EQ(source.totals().parameters, 24u);
}

INSTANTIATE_TEST_SUITE_P(
    , StoredOrderTest,
    testing::Values(
        StoredOrder{"oi", {4, 6}, [](auto o, auto i) { return 6 * o + i; }},
        StoredOrder{"io", {6, 4}, [](auto o, auto i) { return 4 * i + o; }},
        StoredOrder{"Ooi", {2, 2, 6}, [](auto o, auto i) { return 6 * o + i; }},
        StoredOrder{
            "Oio",
            {2, 6, 2},
            [](auto o, auto i) { return 12 * (o / 2) + 2 * i + o % 2; }},
        StoredOrder{
            "Ioi",
            {2, 4, 3},
            [](auto o, auto i) { return 12 * (i / 3) + 3 * o + i % 3; }},
        StoredOrder{
            "Iio", {2, 3, 4}, [](auto o, auto i) { return 4 * i + o; }}),
    [](const auto& order) { return order.param.axes; });

TEST(MatrixSourceTest, PacksPartsOneAfterAnother) {
  TensorFolder folder;
  folder.Add("x.q.weight", {1, 2}, {1, 2});
  folder.Add("x.q.bias", {1}, {3});
  folder.Add("x.k.weight", {2, 2}, {4, 5, 6, 7});
  folder.Add("x.k.bias", {2}, {8, 9});
  const MatrixSource source =
      folder.Source(Names({{"*.query", {"*.q"}}, {"*.key", {"*.k"}}}))
          .Within("x");
  EXPECT_EQ(Unpacked(source.Matrix({{"query", 1}, {"key", 2}}, 2)),
            (Values{1, 2, 3, 4, 5, 8, 6, 7, 9}));
  EXPECT_EQ(source.totals().parameters, 9u);
  EXPECT_EQ(source.totals().types, std::set<std::string>{"f32"});
}

TEST(MatrixSourceTest, BiasesThatNoFileHoldsAreZeros) {
  TensorFolder folder;
  folder.Add("m.weight", {2, 1}, {1, 2});
  const MatrixSource source =
      folder.Source(Names({{"m", {"m"}, {.vector = ""}}, {"n.scale", {}}}));
  EXPECT_EQ(Unpacked(source.Matrix({{"m", 2}}, 1)), (Values{1, 0, 2, 0}));
  EXPECT_EQ(source.Vector("n.scale", 3), Values(3));
}

TEST(MatrixSourceTest, VectorsOfHeadsAreSummed) {
  TensorFolder folder;
  folder.Add("v.bias", {2, 3}, {1, 2, 3, 10, 20, 30});
  const MatrixSource source =
      folder.Source(Names({{"v", {"v"}, {.vector = "+o"}}}));
  EXPECT_EQ(source.Vector("v.bias", 3), (Values{11, 22, 33}));
}

TEST(MatrixSourceTest, TwoStepsAreTheirProduct) {
  TensorFolder folder;
  folder.Add("m.weight", {1, 2}, {1, 10});
  folder.Add("m.first.weight", {2, 2}, {1, 2, 3, 4});
  folder.Add("c.weight", {2, 1}, {1, 10});
  folder.Add("c.first.weight", {2, 2}, {1, 3, 2, 4});
  const MatrixSource source =
      folder.Source(Names({{"m", {"m"}, {.two_step = true}},
                           {"c", {"c"}, {.matrix = "io", .two_step = true}}}));
  EXPECT_EQ(source.Rows("m", 1, 2), (Values{31, 42}));
  EXPECT_EQ(source.Rows("c", 1, 2), (Values{31, 42}));
}

TEST(MatrixSourceTest, ARowCanBeZeroWhateverIsStored) {
  TensorFolder folder;
  folder.Add("m.weight", {3, 1}, {1, 2, 3});
  TensorRule rule = {"m", {"m"}};
  rule.zero_row = 1;
  EXPECT_EQ(folder.Source(Names({rule})).Rows("m", 3, 1), (Values{1, 0, 3}));
}

TEST(MatrixSourceTest, AnOptionalTensorMayBeAbsent) {
  TensorFolder folder;
  folder.Add("there", {1, 2}, {1, 2});
  const TensorForm form = {.vector = "1o"};
  const MatrixSource source = folder.Source(
      Names({{.name = "a", .stored = {"there"}, .form = form, .optional = true},
             {.name = "b", .stored = {"none"}, .form = form, .optional = true},
             {.name = "c", .stored = {"none"}, .form = form}}));
  EXPECT_EQ(source.Vector("a", 2), (Values{1, 2}));
  EXPECT_EQ(source.Vector("b", 2), (Values{0, 0}));
  EXPECT_EQ(MessageOf([&] { source.Vector("c", 2); }),
            "model.safetensors: none: want [1, 2], found no tensor of that "
            "name");
}

TEST(MatrixSourceTest, FilesMayLackThePrefix) {
  TensorFolder folder;
  folder.Add("model.a.weight", {1, 1}, {1});
  folder.Add("b.weight", {1, 1}, {2});
  const MatrixSource source =
      folder.Source({.prefix = "model.",
                     .rules = {{"a", {"a"}}, {"b", {"b"}}, {"c", {"c"}}}});
  EXPECT_EQ(source.Rows("a", 1, 1), Values{1});
  EXPECT_EQ(source.Rows("b", 1, 1), Values{2});
  EXPECT_TRUE(source.HasMatrix("b"));
  EXPECT_FALSE(source.HasMatrix("c"));
  EXPECT_EQ(MessageOf([&] { source.Rows("c", 1, 1); }),
            "model.safetensors: model.c.weight: want [1, 1], found no tensor "
            "of that name");
}

TEST(MatrixSourceTest, ErrorsNameTheTensorInTheFile) {
  TensorFolder folder;
  folder.Add("m.weight", {2, 3}, Count(6));
  const MatrixSource source =
      folder.Source(Names({{"m", {"m"}, {.matrix = "io"}}}));
  EXPECT_EQ(
      MessageOf([&] {
        source.Matrix({{"m", 2}}, 3);
      }),
      "model.safetensors: m.weight: want f32/f16/bf16/f64 [3, 2], found f32 "
      "[2, 3]");
}

// Tied tables: which are one, and which count as used.
class TiedTablesTest : public testing::Test {
 protected:
  MatrixSource Source() {
    return folder_.Source(Names({{"tokens", {"shared", "tokens", "head"}},
                                 {"output", {"head", "shared", "tokens"}},
                                 {"other", {"other"}}}));
  }
  void Add(const std::string& name, float value) {
    folder_.Add(name + ".weight", {1, 2}, {value, 2});
  }
  TensorFolder folder_;
};

TEST_F(TiedTablesTest, AnyOneNameMaySurvive) {
  Add("tokens", 1);
  const MatrixSource source = Source();
  EXPECT_TRUE(source.SameMatrix("tokens", "output"));
  EXPECT_EQ(source.Rows("tokens", 1, 2), (Values{1, 2}));
  EXPECT_EQ(folder_.Unused(), std::vector<std::string>{});
}

TEST_F(TiedTablesTest, CopiesOfTheSameBytesAreUsed) {
  Add("shared", 1);
  Add("tokens", 1);
  Add("head", 1);
  const MatrixSource source = Source();
  EXPECT_TRUE(source.SameMatrix("tokens", "output"));
  EXPECT_EQ(source.Rows("tokens", 1, 2), (Values{1, 2}));
  EXPECT_EQ(folder_.Unused(), std::vector<std::string>{});
  EXPECT_EQ(source.totals().parameters, 2u);
}

TEST_F(TiedTablesTest, OtherBytesAreAnotherMatrix) {
  Add("shared", 1);
  Add("tokens", 3);
  Add("head", 4);
  const MatrixSource source = Source();
  EXPECT_FALSE(source.SameMatrix("tokens", "output"));
  EXPECT_EQ(source.Rows("output", 1, 2), (Values{4, 2}));
  EXPECT_EQ(source.Rows("tokens", 1, 2), (Values{1, 2}));
  EXPECT_EQ(folder_.Unused(), std::vector<std::string>{"tokens.weight"});
}

TEST_F(TiedTablesTest, MatricesThatShareNoNameAreNotTheSame) {
  Add("shared", 1);
  Add("other", 1);
  EXPECT_FALSE(Source().SameMatrix("tokens", "other"));
}

}  // namespace
}  // namespace tessera::models
