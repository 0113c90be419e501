// Multi-branch attention.
#include "models/layers/branches.h"

#include <algorithm>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "kernels/gemm/multiply.h"
#include "models/layers/feed_forward.h"

namespace tessera::models {

using kernels::Dense;
using kernels::ExecContext;
using kernels::PackedMatrix;
using kernels::Rows;

namespace {

constexpr std::size_t kRowsAtOnce = FeedForward::kRowsAtOnce;

// W^O and its biases, times kappa of their heads.
struct ScaledOutput {
  ScaledOutput(const MatrixSource& layer, std::string_view attention,
               const StackShape& shape)
      : width(shape.width),
        heads(shape.attention.heads),
        head_width(shape.attention.value_width),
        kappa(layer.Vector("branches.kappa", heads)),
        rows(layer.Within(attention).Rows("output", width, heads * head_width)),
        biases(layer.Within(attention).Rows("head_biases", heads, width)) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] *= kappa[i / head_width % heads];
    }
    for (std::size_t i = 0; i < biases.size(); ++i) {
      biases[i] *= kappa[i / width];
    }
  }

  // W_h [D, C] and b_h [1, D].
  Rows<const float> Head(std::size_t head) const {
    return Dense(rows.data(), width, heads * head_width)
        .Columns(head * head_width, head_width);
  }
  Rows<const float> Bias(std::size_t head) const {
    return Dense(&biases[head * width], 1, width);
  }

  // W_h and b_h, one row after another.
  MatrixSource::Plain Plain(std::size_t head) const {
    MatrixSource::Plain plain;
    const Rows<const float> matrix = Head(head);
    for (std::size_t r = 0; r < width; ++r) {
      plain.rows.insert(plain.rows.end(), matrix[r], matrix[r] + head_width);
    }
    plain.bias.assign(Bias(head).data, Bias(head).data + width);
    return plain;
  }

  std::size_t width, heads, head_width;
  std::vector<float> kappa;   // f32 [H]
  std::vector<float> rows;    // f32 [D, H C]
  std::vector<float> biases;  // f32 [H, D]
};

void AddScaled(Rows<const float> x, float factor, Rows<float> y) {
  for (std::size_t r = 0; r < x.rows; ++r) {
    for (std::size_t c = 0; c < x.cols; ++c) y[r][c] += factor * x[r][c];
  }
}

// How many feed-forward blocks there are, and where one is.
std::size_t Blocks(const StackShape& shape) {
  return shape.shared_branches ? 1 : shape.attention.heads;
}
MatrixSource BlockOf(const MatrixSource& layer, std::size_t block,
                     const StackShape& shape) {
  return layer.Within("branches")
      .Within(shape.shared_branches ? "shared" : std::to_string(block));
}

std::vector<float> Times(std::vector<float> values, float factor) {
  for (float& value : values) value *= factor;
  return values;
}

// A value that is made when it is first asked for: not at all where a packed
// file has what comes of it.
template <class Make>
class Lazy {
 public:
  explicit Lazy(Make make) : make_(std::move(make)) {}
  const std::invoke_result_t<Make>& operator*() {
    if (!value_) value_.emplace(make_());
    return *value_;
  }

 private:
  Make make_;
  std::optional<std::invoke_result_t<Make>> value_;
};

MatrixSource::Plain ReadPlain(const MatrixSource& source, std::string_view name,
                              std::size_t outputs, std::size_t inputs) {
  return {source.Rows(name, outputs, inputs), source.Bias(name, outputs)};
}

// A_h = in_h kappa_h W_h [f, C]; c_h = in_h kappa_h b_h + in_bias.
MatrixSource::Plain FoldFirst(const ScaledOutput& output, std::size_t head,
                              const MatrixSource::Plain& first) {
  const std::size_t width = output.width, inputs = output.head_width;
  const auto in =
      Dense<const float>(first.rows.data(), first.bias.size(), width);
  std::vector<float> columns(inputs * width);  // of W_h: [C, D]
  for (std::size_t i = 0; i < columns.size(); ++i) {
    columns[i] = output.Head(head)[i % width][i / width];
  }
  std::vector<float> biases = first.bias;
  const auto bias = Product(output.Bias(head), in);
  for (std::size_t f = 0; f < bias.size(); ++f) biases[f] += bias[f];
  return {Product(in, Dense<const float>(columns.data(), inputs, width)),
          std::move(biases)};
}

// The second matrices of all blocks side by side, [D, blocks, f], times alpha
// where each head has its own; their biases times alpha, summed.
MatrixSource::Plain JoinSecond(const MatrixSource& layer,
                               const StackShape& shape,
                               const std::vector<float>& alpha) {
  const std::size_t width = shape.width, hidden = shape.branch_width();
  const std::size_t blocks = Blocks(shape);
  const bool shared = blocks == 1;
  MatrixSource::Plain second = {
      .rows = std::vector<float>(width * blocks * hidden),
      .bias = std::vector<float>(width)};
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto out = ReadPlain(BlockOf(layer, b, shape), "out", width, hidden);
    for (std::size_t h = b; h < (shared ? alpha.size() : b + 1); ++h) {
      AddScaled(Dense<const float>(out.bias.data(), 1, width), alpha[h],
                Dense(second.bias.data(), 1, width));
    }
    AddScaled(Dense<const float>(out.rows.data(), width, hidden),
              shared ? 1.0f : alpha[b],
              Dense(second.rows.data(), width, blocks * hidden)
                  .Columns(b * hidden, hidden));
  }
  return second;
}

// "branches.first.3", as a packed file names what is made for a head.
std::string OfHead(const char* name, std::size_t head) {
  return std::string("branches.") + name + "." + std::to_string(head);
}

}  // namespace

WeightedBranches::WeightedBranches(const MatrixSource& layer,
                                   std::string_view attention,
                                   const StackShape& shape)
    : activation_(shape.activation) {
  const std::size_t heads = shape.attention.heads;
  const std::size_t hidden = shape.branch_width(), blocks = Blocks(shape);
  Lazy output([&] { return ScaledOutput(layer, attention, shape); });
  for (std::size_t b = 0; b < blocks; ++b) {
    Lazy in([&] {
      return ReadPlain(BlockOf(layer, b, shape), "in", hidden, shape.width);
    });
    for (std::size_t h = b; h < (blocks == 1 ? heads : b + 1); ++h) {
      first_.push_back(layer.Made(OfHead("first", h), hidden,
                                  shape.attention.value_width, [&] {
                                    const ScaledOutput& scaled = *output;
                                    return FoldFirst(scaled, h, *in);
                                  }));
    }
  }
  const auto alpha = layer.Vector("branches.alpha", heads);
  if (blocks == 1) alpha_ = alpha;
  second_ = layer.Made("branches.second", shape.width, blocks * hidden,
                       [&] { return JoinSecond(layer, shape, alpha); });
}

std::size_t WeightedBranches::work_floats() const {
  return kRowsAtOnce * second_.inputs() * (shared() ? 2 : 1);
}

// sum = sum_h alpha_h act(A_h head_h + c_h)
void WeightedBranches::SumHidden(Rows<const float> heads, float* work,
                                 Rows<float> sum, ExecContext& context) const {
  const std::size_t width = first_[0].inputs();
  const Rows<float> hidden = Dense(work, heads.rows, sum.cols);
  for (std::size_t h = 0; h < first_.size(); ++h) {
    Multiply(heads.Columns(h * width, width), first_[h],
             {.activation = activation_}, hidden, context);
    AddRows({.x = hidden,
             .factor = alpha_[h],
             .added = h == 0 ? Rows<float>{} : sum,
             .y = sum},
            context);
  }
}

void WeightedBranches::Apply(Rows<const float> heads, float* work,
                             Rows<float> y, ExecContext& context) const {
  const std::size_t inputs = first_[0].inputs(), f = first_[0].outputs();
  for (std::size_t first = 0; first < heads.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, heads.rows - first);
    const Rows<const float> x = heads.Slice(first, rows);
    const Rows<float> hidden = Dense(work, rows, second_.inputs());
    if (shared()) {
      SumHidden(x, work + rows * f, hidden, context);
    } else {
      for (std::size_t h = 0; h < first_.size(); ++h) {
        Multiply(x.Columns(h * inputs, inputs), first_[h],
                 {.activation = activation_}, hidden.Columns(h * f, f),
                 context);
      }
    }
    Multiply(hidden, second_, {}, y.Slice(first, rows), context);
  }
}

NormalisedBranches::NormalisedBranches(const MatrixSource& layer,
                                       std::string_view attention,
                                       const StackShape& shape)
    : width_(shape.width) {
  const std::size_t heads = shape.attention.heads;
  StackShape branch = shape;
  branch.hidden_width = shape.branch_width();
  const std::size_t blocks = Blocks(shape);
  const auto alpha = layer.Vector("branches.alpha", heads);
  for (std::size_t b = 0; b < blocks; ++b) {
    const MatrixSource block = BlockOf(layer, b, shape);
    blocks_.emplace_back(block, branch);
    const auto scale = block.Vector("norm.scale", width_);
    const auto offset = block.Vector("norm.offset", width_);
    for (std::size_t h = b; h < (blocks == 1 ? heads : b + 1); ++h) {
      norms_.emplace_back(Times(scale, alpha[h]), Times(offset, alpha[h]),
                          shape.norm);
    }
  }
  if (attention.empty()) {
    kappa_ = layer.Vector("branches.kappa", heads);
    return;
  }
  Lazy output([&] { return ScaledOutput(layer, attention, shape); });
  for (std::size_t h = 0; h < heads; ++h) {
    output_.push_back(layer.Made(OfHead("output", h), width_,
                                 shape.attention.value_width,
                                 [&] { return (*output).Plain(h); }));
  }
}

std::size_t NormalisedBranches::work_floats() const {
  return kRowsAtOnce * 2 * width_ + blocks_[0].work_floats();
}

// y_h, what branch h begins with.
void NormalisedBranches::Scale(Rows<const float> input, std::size_t head,
                               Rows<float> y, ExecContext& context) const {
  if (kappa_.empty()) {
    const std::size_t width = output_[head].inputs();
    return Multiply(input.Columns(head * width, width), output_[head], {}, y,
                    context);
  }
  AddRows({.x = input, .factor = kappa_[head], .y = y}, context);
}

void NormalisedBranches::Apply(Rows<const float> input, float* work,
                               Rows<float> y, ExecContext& context) const {
  for (std::size_t first = 0; first < input.rows; first += kRowsAtOnce) {
    const std::size_t rows = std::min(kRowsAtOnce, input.rows - first);
    const Rows<float> branch = Dense(work, rows, width_);
    const Rows<float> added = Dense(work + rows * width_, rows, width_);
    for (std::size_t h = 0; h < norms_.size(); ++h) {
      Scale(input.Slice(first, rows), h, branch, context);
      block(h).Apply(branch, work + 2 * rows * width_, added, context);
      norms_[h].Apply(branch, added, branch, context);
      const Rows<float> sum = y.Slice(first, rows);
      AddRows({.x = branch, .added = h == 0 ? Rows<float>{} : sum, .y = sum},
              context);
    }
  }
}

}  // namespace tessera::models
