// The Weighted Transformer's branches: folded when loaded, beside the formula
// as the paper writes it, on the same product kernels.
//
//   WeightedBranches/split/D:512/F:2048/H:8/rows:32
//
// `ratio`: how many times as fast the folded form is.
#include <random>

#include "bench/models/in_turn.h"
#include "kernels/gemm/multiply.h"
#include "kernels/isa.h"
#include "models/layers/branches.h"
#include "models/layers/feed_forward.h"

namespace tessera::models {
namespace {

using kernels::Activation;
using kernels::Dense;
using kernels::ExecContext;
using kernels::PackedMatrix;
using kernels::Rows;

constexpr std::size_t kWidth = 512, kHidden = 2048, kHeads = 8, kHead = 64;

std::vector<float> Random(std::size_t n, float deviation) {
  static std::mt19937 random(3);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

BranchWeights Draw(bool shared) {
  BranchWeights w = {.heads = kHeads,
                     .width = kWidth,
                     .value_width = kHead,
                     .hidden_width = shared ? kHidden : kHidden / kHeads,
                     .kappa = std::vector<float>(kHeads, 1.0f / kHeads),
                     .alpha = std::vector<float>(kHeads, 1.0f / kHeads)};
  w.output = Random(kWidth * kHeads * kHead, 0.1f);
  for (std::size_t b = 0; b < (shared ? 1 : kHeads); ++b) {
    w.blocks.push_back({.fc1 = Random(w.hidden_width * kWidth, 0.05f),
                        .fc1_bias = Random(w.hidden_width, 0.1f),
                        .fc2 = Random(kWidth * w.hidden_width, 0.05f),
                        .fc2_bias = Random(kWidth, 0.1f),
                        .norm_scale = {},
                        .norm_offset = {}});
  }
  return w;
}

PackedMatrix Pack(const std::vector<float>& rows, std::size_t outputs,
                  std::size_t inputs, const std::vector<float>& bias) {
  PackedMatrix matrix(outputs, inputs);
  matrix.SetRows(0, Dense(rows.data(), outputs, inputs));
  if (!bias.empty()) matrix.SetBias(0, bias);
  return matrix;
}

std::vector<float> Scaled(std::vector<float> values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

// sum_h alpha_h FFN_h(kappa_h W_h head_h), operation by operation; kappa and
// alpha cost nothing as parts of W_h and fc2_h.
class Unfolded {
 public:
  explicit Unfolded(const BranchWeights& w) : hidden_(w.hidden_width) {
    for (std::size_t h = 0; h < kHeads; ++h) {
      const auto& block = w.block(h);
      output_.push_back(Pack(w.ScaledOutput(h), kWidth, kHead, {}));
      fc1_.push_back(Pack(block.fc1, hidden_, kWidth, block.fc1_bias));
      fc2_.push_back(Pack(Scaled(block.fc2, w.alpha[h]), kWidth, hidden_,
                          Scaled(block.fc2_bias, w.alpha[h])));
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
      Multiply(branch, fc1_[h], {.activation = Activation::kRelu}, hidden,
               context);
      Multiply(hidden, fc2_[h], {}, added, context);
      for (std::size_t i = 0; i < rows * kWidth; ++i) {
        y.data[i] = (h == 0 ? 0.0f : y.data[i]) + added.data[i];
      }
    }
  }

 private:
  std::size_t hidden_;
  std::vector<PackedMatrix> output_, fc1_, fc2_;
};

void MeasureBranches(benchmark::State& state, bool shared, std::size_t rows) {
  const BranchWeights weights = Draw(shared);
  const WeightedBranches folded(weights);
  const Unfolded unfolded(weights);
  const std::vector<float> heads = Random(rows * kHeads * kHead, 1);
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
