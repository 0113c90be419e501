// The work of threads in a product.
#include "kernels/gemm/multiply.h"

#include <algorithm>
#include <cstddef>

#include "kernels/gemm/quantize.h"
#include "kernels/parallel.h"
#include "kernels/profile.h"

namespace tessera::kernels {
namespace {

// How y is cut for threads: into blocks of rows, or of whole columns of 64.
struct Cut {
  std::size_t blocks = 1;
  bool rows = false;
};
constexpr std::size_t kColumnUnit = 64;

constexpr std::size_t Units(std::size_t n, std::size_t unit) {
  return (n + unit - 1) / unit;
}

// Columns, so that each thread reads its part of W only, unless they come out
// uneven and there are rows enough for full tiles.
Cut CutForThreads(Rows<float> y, std::size_t threads) {
  const std::size_t units = Units(y.cols, kColumnUnit);
  const bool even = units % threads == 0 || units >= 8 * threads;
  if (!even && y.rows >= 6 * threads) return {threads, true};
  return {std::min(threads, units), false};
}

// What x costs to round, in operations an element.
constexpr double kQuantizeWork = 8;

// x as a product wants it, in memory of the context: once, for all threads.
QuantizedRows Quantize(Rows<const float> x, const ProductKernel& product,
                       ExecContext& context) {
  enum Slot { kValues, kScales };
  constexpr std::size_t kLine = 64;
  const std::size_t stride = Units(x.cols, kLine) * kLine;
  const QuantizedRows all = {
      .type = product.x,
      .data =
          context.Shared<char>(kValues, x.rows * stride * BytesOf(product.x)),
      .rows = x.rows,
      .cols = x.cols,
      .stride = stride,
      .scales = context.Shared<RowScale>(kScales, x.rows)};
  ParallelRows(context, x, kQuantizeWork,
               [&](std::size_t first, std::size_t count) {
                 QuantizeRows(x.Slice(first, count), all.Slice(first, count));
               });
  return all;
}

}  // namespace

ProductInParts::ProductInParts(Rows<const float> x, const PackedMatrix& w,
                               ExecContext& context)
    : w_(w), context_(context), x_(x) {
  if (w.product().x == ElementType::kF32) return;
  const QuantizedRows rounded = Quantize(x, w.product(), context);
  x_ = rounded.view();
  x_scales_ = rounded.scales;
}

void ProductInParts::Outputs(std::size_t first, Epilogue epilogue,
                             Rows<float> y) const noexcept {
  if (y.rows == 0 || y.cols == 0) return;
  const double work = 2.0 * static_cast<double>(y.rows) *
                      static_cast<double>(y.cols) *
                      static_cast<double>(w_.inputs());
  const ProfileSpan span(context_, "product", [&] {
    const bool integers = w_.layout().type == ElementType::kS8;
    const double part =
        static_cast<double>(y.cols) / static_cast<double>(w_.outputs());
    return Cost{.flops = integers ? 0 : work,
                .integer_ops = integers ? work : 0,
                .weight_bytes = part * static_cast<double>(w_.bytes()),
                .bytes = static_cast<double>(x_.rows * x_.cols) *
                             static_cast<double>(BytesOf(x_.type)) +
                         BytesOf(y)};
  });
  const std::size_t threads = work < kMinParallelWork ? 1 : context_.threads();
  const Cut cut = CutForThreads(y, threads);
  const std::size_t unit = cut.rows ? 1 : kColumnUnit;
  const std::size_t extent = cut.rows ? y.rows : y.cols;
  const std::size_t units = Units(extent, unit);
  epilogue.bias = w_.bias() + first;
  const ProductArgs all = {x_, w_.layout().Outputs(first, y.cols), epilogue, y,
                           x_scales_};
  ParallelFor(context_, cut.blocks, work, [&](std::size_t block, std::size_t) {
    const std::size_t begin = units * block / cut.blocks * unit;
    const std::size_t end =
        std::min(units * (block + 1) / cut.blocks * unit, extent);
    w_.product().run(cut.rows ? all.Slice(begin, end - begin)
                              : all.Columns(begin, end - begin));
  });
}

void Multiply(Rows<const float> x, const PackedMatrix& w, Epilogue epilogue,
              Rows<float> y, ExecContext& context) {
  ProductInParts(x, w, context).Outputs(0, epilogue, y);
}

}  // namespace tessera::kernels
