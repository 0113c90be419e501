// The Weighted Transformer's branches: folded when loaded, beside the formula
// as the paper writes it, on the same product kernels.
//
//   WeightedBranches/split/D:512/F:2048/H:8/rows:32
//
// `ratio`: how many times as fast the folded form is.
#include <cmath>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "bench/models/in_turn.h"
#include "bench/models/random_folder.h"
#include "kernels/gemm/multiply.h"
#include "kernels/isa.h"
#include "models/layers/branches.h"
#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {
namespace {

using kernels::Activation;
using kernels::Dense;
using kernels::ExecContext;
using kernels::PackedMatrix;
using kernels::Rows;

constexpr std::size_t kWidth = 512, kHidden = 2048, kHeads = 8, kHead = 64;

// A layer's weights in a folder, as the family spells them.
class LayerFolder {
 public:
  explicit LayerFolder(const StackShape& shape) {
    const std::size_t blocks = shape.shared_branches ? 1 : kHeads;
    const std::size_t hidden = shape.branch_width();
    folder_.AddMatrix("output.weight", kWidth, kHeads * kHead);
    folder_.AddMatrix("head_biases.bias", kHeads, kWidth);
    folder_.AddVector("kappa", kHeads);
    folder_.AddVector("alpha", kHeads);
    for (std::size_t b = 0; b < blocks; ++b) {
      const std::string block = blocks == 1 ? "shared" : std::to_string(b);
      folder_.AddLinear(block + ".in", hidden, kWidth);
      folder_.AddLinear(block + ".out", kWidth, hidden);
    }
    folder_.Write("{}");
    checkpoint_.emplace(Checkpoint::Open(ModelFolder(folder_.path())));
  }

  MatrixSource Source() const {
    return MatrixSource(
        *checkpoint_,
        {.prefix = "",
         .rules = {{"attention.output", {"output"}},
                   {"attention.head_biases.weight", {"head_biases.bias"}},
                   {"branches.kappa", {"kappa"}},
                   {"branches.alpha", {"alpha"}},
                   {"branches.*.in", {"*.in"}},
                   {"branches.*.out", {"*.out"}}},
         .heads = kHeads});
  }

 private:
  RandomFolder folder_;
  std::optional<Checkpoint> checkpoint_;
};

StackShape Shape(bool shared) {
  return {
      .width = kWidth,
      .attention = {.heads = kHeads, .key_width = kHead, .value_width = kHead},
      .hidden_width = kHidden,
      .branches = Branches::kPaper,
      .shared_branches = shared};
}

std::vector<float> Scaled(std::vector<float> values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

// sum_h alpha_h FFN_h(kappa_h W_h head_h), operation by operation; kappa and
// alpha cost nothing as parts of W_h and out_h.
class Unfolded {
 public:
  Unfolded(const MatrixSource& layer, const StackShape& shape)
      : hidden_(shape.branch_width()) {
    const auto kappa = layer.Vector("branches.kappa", kHeads);
    const auto alpha = layer.Vector("branches.alpha", kHeads);
    const auto output =
        layer.Within("attention").Rows("output", kWidth, kHeads * kHead);
    const auto biases =
        layer.Within("attention").Rows("head_biases", kHeads, kWidth);
    const auto pack = [&](const std::vector<float>& rows, std::size_t inputs,
                          const std::vector<float>& bias) {
      kernels::PackedMatrix matrix(bias.size(), inputs);
      matrix.SetRows(0, Dense(rows.data(), bias.size(), inputs));
      matrix.SetBias(0, bias);
      return matrix;
    };
    for (std::size_t h = 0; h < kHeads; ++h) {
      const MatrixSource block =
          layer.Within("branches")
              .Within(shape.shared_branches ? "shared" : std::to_string(h));
      std::vector<float> own;  // W_h [D, C]
      for (std::size_t d = 0; d < kWidth; ++d) {
        const float* const row = &output[(d * kHeads + h) * kHead];
        own.insert(own.end(), row, row + kHead);
      }
      const float* const bias = &biases[h * kWidth];
      output_.push_back(pack(Scaled(own, kappa[h]), kHead,
                             Scaled({bias, bias + kWidth}, kappa[h])));
      in_.push_back(pack(block.Rows("in", hidden_, kWidth), kWidth,
                         block.Bias("in", hidden_)));
      out_.push_back(pack(Scaled(block.Rows("out", kWidth, hidden_), alpha[h]),
                          hidden_,
                          Scaled(block.Bias("out", kWidth), alpha[h])));
    }
  }

  void Apply(Rows<const float> heads, float* work, Rows<float> y,
             ExecContext& context) const {
    const std::size_t rows = heads.rows;
    const Rows<float> branch = Dense(work, rows, kWidth);
    const Rows<float> added = Dense(work + rows * kWidth, rows, kWidth);
    const Rows<float> hidden = Dense(work + 2 * rows * kWidth, rows, hidden_);
    for (std::size_t h = 0; h < kHeads; ++h) {
      Multiply(heads.Columns(h * kHead, kHead), output_[h], {}, branch,
               context);
      Multiply(branch, in_[h], {.activation = Activation::kRelu}, hidden,
               context);
      Multiply(hidden, out_[h], {}, added, context);
      for (std::size_t i = 0; i < rows * kWidth; ++i) {
        y.data[i] = (h == 0 ? 0.0f : y.data[i]) + added.data[i];
      }
    }
  }

 private:
  std::size_t hidden_;
  std::vector<PackedMatrix> output_, in_, out_;
};

void MeasureBranches(benchmark::State& state, bool shared, std::size_t rows) {
  const StackShape shape = Shape(shared);
  const LayerFolder folder(shape);
  const WeightedBranches folded(folder.Source(), "attention", shape);
  const Unfolded unfolded(folder.Source(), shape);
  std::vector<float> heads(rows * kHeads * kHead);
  std::minstd_rand random(3);
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (float& head : heads) head = uniform(random);
  const auto x = Dense<const float>(heads.data(), rows, kHeads * kHead);
  std::vector<float> y(rows * kWidth), z(rows * kWidth);
  std::vector<float> work(
      std::max(folded.work_floats(), rows * (2 * kWidth + kHidden)));
  ExecContext context;
  InTurn(
      state, "unfolded",
      [&] {
        unfolded.Apply(x, work.data(), Dense(y.data(), rows, kWidth), context);
      },
      "folded",
      [&] {
        folded.Apply(x, work.data(), Dense(z.data(), rows, kWidth), context);
      });
  for (std::size_t i = 0; i < y.size(); ++i) {
    if (!(std::abs(y[i] - z[i]) < 1e-4f)) {
      state.SkipWithError("the two disagree");
    }
  }
}

}  // namespace
}  // namespace tessera::models

int main(int argc, char** argv) {
  using namespace tessera;
  kernels::CheckIsaRequest();
  for (const bool shared : {false, true}) {
    for (const std::size_t rows : {1u, 4u, 32u, 128u}) {
      benchmark::RegisterBenchmark(
          (std::string("WeightedBranches/") + (shared ? "shared" : "split") +
           "/D:512/F:2048/H:8/rows:" + std::to_string(rows))
              .c_str(),
          [=](benchmark::State& state) {
            models::MeasureBranches(state, shared, rows);
          });
    }
  }
  return kernels::RunBenchmarks(argc, argv);
}
