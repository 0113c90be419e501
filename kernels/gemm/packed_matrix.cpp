// Packing, the choice of an implementation, and the work of threads.
#include "kernels/gemm/packed_matrix.h"

#include <tessera/error.h>

#include <algorithm>
#include <new>
#include <string>

#include "kernels/gemm/product_onednn.h"
#include "kernels/parallel.h"

namespace tessera::kernels {

using Fn = decltype(PackedProduct);
Fn PackedProductScalar, PackedProductAvx2, PackedProductAvx512;

namespace {

// Which matrices are oneDNN's. The choice changes bits (but not up to K = 512),
// so it may depend on W and the level, never on M.
//
// Not those of kAvx512Vnni, which is what Zen 5 was measured at: GFLOP/s of our
// own kernel against oneDNN 2.6.3, one thread (packed_matrix_bench; the FMA
// peak is 260):
//
//   W [N, K]      M = 1       M = 4       M = 32      M = 128     M = 512
//    256,  256   46 :  38   176 : 110   242 : 231   247 : 252   240 : 246
//    512,  512   49 :  44   176 : 158   248 : 239   248 : 250   251 : 250
//   2048,  512   53 :  46   175 : 165   246 : 240   243 : 249   241 : 244
//    512, 2048   53 :  50   193 : 158   251 : 243   251 : 244   251 : 247
//   8000,  256   36 :  36   110 : 106   234 : 224   233 : 238   232 : 227
//  32000,  512   27 :  24    90 :  72   198 : 188   222 : 215   231 : 217
//
// Ours gains 4 to 60 % where decoding is and is even above. On Intel ours has
// not been measured; an earlier prototype was as fast as oneDNN with weights in
// L2, and up to half as fast with more (Sapphire Rapids, M = 1). There oneDNN
// takes the large ones.
bool UsesOneDnn(Isa level) noexcept { return level != Isa::kAvx512Vnni; }
constexpr struct {
  std::size_t weights;
  const char* words;
} kLarge = {std::size_t{1} << 20, "W >= 1 Mi weights"};

constexpr Implementation<Fn> kKernels[] = {
    {Isa::kAvx512, "PackedProduct/avx512-onednn", PackedProductOneDnn,
     UsesOneDnn, kLarge.words},
    {Isa::kAvx512, "PackedProduct/avx512", PackedProductAvx512},
    {Isa::kAvx2, "PackedProduct/avx2", PackedProductAvx2},
    {Isa::kScalar, "PackedProduct/scalar", PackedProductScalar},
};

constexpr std::size_t RoundUp(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit * unit;
}

void CheckRange(const char* function, std::size_t first, std::size_t count,
                std::size_t outputs) {
  if (first <= outputs && count <= outputs - first) return;
  throw Error("PackedMatrix::" + std::string(function) +
              ": want outputs below " + std::to_string(outputs) + ", found " +
              std::to_string(count) + " from " + std::to_string(first));
}

// Transposes rows that lie side by side in one panel, a few inputs at a time:
// what is written (4 KiB) stays in the first-level cache.
void PackIntoPanel(Rows<const float> rows, std::size_t panel_columns,
                   float* panel) {
  constexpr std::size_t kInputs = 16;
  for (std::size_t k = 0; k < rows.cols; k += kInputs) {
    const std::size_t end = std::min(k + kInputs, rows.cols);
    for (std::size_t c = 0; c < rows.rows; ++c) {
      for (std::size_t i = k; i < end; ++i) {
        panel[i * panel_columns + c] = rows[c][i];
      }
    }
  }
}

// How y is cut for threads: into blocks of rows, or of whole columns of 64.
struct Cut {
  std::size_t blocks = 1;
  bool rows = false;
};
constexpr std::size_t kColumnUnit = 64;

// Columns, so that each thread reads its part of W only, unless they come out
// uneven and there are rows enough for full tiles.
Cut CutForThreads(Rows<float> y, std::size_t threads) {
  const std::size_t units = RoundUp(y.cols, kColumnUnit) / kColumnUnit;
  const bool even = units % threads == 0 || units >= 8 * threads;
  if (!even && y.rows >= 6 * threads) return {threads, true};
  return {std::min(threads, units), false};
}

}  // namespace

std::size_t PanelColumns(Isa isa) noexcept {
  return isa >= Isa::kAvx512 ? 64 : 16;
}

std::span<const Implementation<Fn>> PackedProductKernels() { return kKernels; }

const Implementation<Fn>& ChooseProduct(Isa isa, std::size_t outputs,
                                        std::size_t inputs) noexcept {
  return *std::ranges::find_if(kKernels, [&](const Implementation<Fn>& kernel) {
    return kernel.RunsOn(isa) &&
           (!kernel.when || outputs * inputs >= kLarge.weights);
  });
}

PackedMatrix::PackedMatrix(std::size_t outputs, std::size_t inputs, Isa isa)
    : outputs_(outputs),
      inputs_(inputs),
      panel_columns_(PanelColumns(isa)),
      product_(&ChooseProduct(isa, outputs, inputs)) {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // no overflow below
  if (outputs > kMost || inputs > kMost) throw std::bad_alloc();
  const std::size_t stored_inputs =
      isa >= Isa::kAvx512 ? RoundUp(inputs, 16) : inputs;
  const std::size_t columns = RoundUp(outputs, panel_columns_);
  panel_stride_ = stored_inputs * panel_columns_;
  data_ = AlignedBuffer<float>(columns * stored_inputs);
  bias_ = AlignedBuffer<float>(columns);
}

void PackedMatrix::SetRows(std::size_t first_output, Rows<const float> rows) {
  CheckRange("SetRows", first_output, rows.rows, outputs_);
  if (rows.cols != inputs_) {
    throw Error("PackedMatrix::SetRows: want rows of " +
                std::to_string(inputs_) + " inputs, found " +
                std::to_string(rows.cols));
  }
  for (std::size_t r = 0; r < rows.rows;) {
    const std::size_t output = first_output + r;
    const std::size_t column = output % panel_columns_;
    const std::size_t count = std::min(panel_columns_ - column, rows.rows - r);
    float* panel = data_.data() + output / panel_columns_ * panel_stride_;
    PackIntoPanel(rows.Slice(r, count), panel_columns_, panel + column);
    r += count;
  }
}

void PackedMatrix::SetBias(std::size_t first_output,
                           std::span<const float> bias) {
  CheckRange("SetBias", first_output, bias.size(), outputs_);
  std::ranges::copy(bias, bias_.data() + first_output);
}

PackedView PackedMatrix::view() const {
  return {data_.data(), bias_.data(),   outputs_,
          inputs_,      panel_columns_, panel_stride_};
}

StridedTable PackedMatrix::table() const {
  return {data_.data(), panel_columns_, panel_stride_, panel_columns_};
}

void Multiply(Rows<const float> x, const PackedMatrix& w, Activation activation,
              Rows<float> y, ExecContext& context) noexcept {
  if (y.rows == 0 || y.cols == 0) return;
  const double work = 2.0 * static_cast<double>(y.rows) *
                      static_cast<double>(w.outputs()) *
                      static_cast<double>(w.inputs());
  const std::size_t threads = work < kMinParallelWork ? 1 : context.threads();
  const Cut cut = CutForThreads(y, threads);
  const std::size_t unit = cut.rows ? 1 : kColumnUnit;
  const std::size_t extent = cut.rows ? y.rows : y.cols;
  const std::size_t units = RoundUp(extent, unit) / unit;
  const PackedView view = w.view();
  ParallelFor(context, cut.blocks, work, [&](std::size_t block, std::size_t) {
    const std::size_t begin = units * block / cut.blocks * unit;
    const std::size_t end =
        std::min(units * (block + 1) / cut.blocks * unit, extent);
    const std::size_t count = end - begin;
    if (cut.rows) {
      w.product().run(x.Slice(begin, count), view, activation,
                      y.Slice(begin, count));
    } else {
      w.product().run(x, view.Outputs(begin, count), activation,
                      y.Columns(begin, count));
    }
  });
}

}  // namespace tessera::kernels
