// Implementations of NormRows and AddRows, best first, and their threads.
#include "kernels/norm/norm.h"

#include "kernels/parallel.h"
#include "kernels/profile.h"

namespace tessera::kernels {

NormRowsFn NormRowsScalar, NormRowsAvx2, NormRowsAvx512;  // norm_<isa>.cpp
AddRowsFn AddRowsScalar, AddRowsAvx2, AddRowsAvx512;

namespace {
constexpr Implementation<NormRowsFn> kNormKernels[] = {
    {Isa::kAvx512, "NormRows/avx512", NormRowsAvx512},
    {Isa::kAvx2, "NormRows/avx2", NormRowsAvx2},
    {Isa::kScalar, "NormRows/scalar", NormRowsScalar},
};
constexpr Implementation<AddRowsFn> kAddKernels[] = {
    {Isa::kAvx512, "AddRows/avx512", AddRowsAvx512},
    {Isa::kAvx2, "AddRows/avx2", AddRowsAvx2},
    {Isa::kScalar, "AddRows/scalar", AddRowsScalar},
};

// Time of an element, in operations of a core: 50 ns for a row of 512.
constexpr double kNormWork = 5, kAddWork = 2;

Rows<const float> Part(Rows<const float> rows, std::size_t first,
                       std::size_t count) {
  return rows.data ? rows.Slice(first, count) : rows;
}

template <class Args>
Cost CostOf(const Args& args) {
  return {.bytes = BytesOf(args.x) + BytesOf(args.added) + BytesOf(args.y)};
}
}  // namespace

std::span<const Implementation<NormRowsFn>> NormRowsKernels() {
  return kNormKernels;
}
std::span<const Implementation<AddRowsFn>> AddRowsKernels() {
  return kAddKernels;
}

void NormRows(const NormArgs& args, ExecContext& context) noexcept {
  static NormRowsFn* const best = Select(NormRowsKernels());
  const ProfileSpan span(context, "norm", [&] { return CostOf(args); });
  ParallelRows(context, args.y, kNormWork, [&](std::size_t r, std::size_t n) {
    best({args.x.Slice(r, n), Part(args.added, r, n), args.weights,
          args.y.Slice(r, n)});
  });
}

void AddRows(const AddArgs& args, ExecContext& context) noexcept {
  static AddRowsFn* const best = Select(AddRowsKernels());
  const ProfileSpan span(context, "sum", [&] { return CostOf(args); });
  ParallelRows(context, args.y, kAddWork, [&](std::size_t r, std::size_t n) {
    best({args.x.Slice(r, n), args.factor, Part(args.added, r, n),
          args.y.Slice(r, n)});
  });
}

}  // namespace tessera::kernels
