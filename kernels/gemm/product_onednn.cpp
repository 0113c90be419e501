// oneDNN's matmul: primitives kept per thread, versions 2.6 and 3.x.
#include "kernels/gemm/product_onednn.h"

#include <omp.h>

#include <algorithm>
#include <compare>
#include <cstring>
#include <dnnl.hpp>
#include <map>
#include <unordered_map>

#include "kernels/aligned_buffer.h"

namespace tessera::kernels {

// Finish() in product_f32_avx512.cpp.
decltype(Activate) ActivateAvx512;

namespace {

using dnnl::memory;

constexpr std::size_t kPanelColumns = 64;
constexpr std::size_t kPanelInputs = 16;
constexpr std::size_t kChunkRows = 64;
constexpr std::size_t kMostProducts = 1024;  // kept by a thread

// The one place where versions differ: 3.x has no operation descriptor. Empty
// if there is no implementation.
dnnl::matmul::primitive_desc DescribeMatmul(const dnnl::engine& engine,
                                            const memory::desc& x,
                                            const memory::desc& w,
                                            const memory::desc& bias,
                                            const memory::desc& y) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {engine, x, w, bias, y, attributes, /*allow_empty=*/true};
#else
  return {dnnl::matmul::desc(x, w, bias, y), attributes, engine,
          /*allow_empty=*/true};
#endif
}

// TESSERA_ISA lowers oneDNN too; without it the library's own limit stands.
bool CapOneDnn() {
  if (ActiveIsa() == DetectedIsa()) return false;
  const dnnl::cpu_isa cap = ActiveIsa() >= Isa::kAvx512Vnni
                                ? dnnl::cpu_isa::avx512_core_vnni
                                : dnnl::cpu_isa::avx512_core;
  return dnnl::set_max_cpu_isa(cap) == dnnl::status::success;
}

// A primitive bakes in the number of threads it is made under, and runs with
// what it finds: one, inside and outside of our own parallel regions.
class OneThread {
 public:
  OneThread() : saved_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(saved_); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int saved_;
};

// What a primitive is made for.
struct ProductShape {
  std::size_t rows, outputs, inputs;
  auto operator<=>(const ProductShape&) const = default;
};

struct Product {
  dnnl::matmul primitive;  // empty: oneDNN has no fast path
  std::unordered_map<int, memory> arguments;
  std::size_t scratch_bytes = 0;
};

void CopyRows(Rows<const float> from, Rows<float> to) {
  for (std::size_t r = 0; r < from.rows; ++r) {
    std::copy_n(from[r], from.cols, to[r]);
  }
}

// Engine, stream and primitives of one thread.
class Executor {
 public:
  // False if oneDNN has no fast path. Throws what oneDNN throws. The fast path
  // of 2.6 takes dense matrices only: others go through copies.
  bool Run(const ProductArgs& args) {
    const Rows<const float> x = args.x.As<float>();
    const MatrixLayout& w = args.w;
    const Rows<float> y = args.y;
    Product& product = Find({x.rows, w.outputs, w.inputs});
    if (!product.primitive) return false;
    const Rows<float> dense_x = DenseOrCopy(x, x_copy_);
    const Rows<float> dense_y = DenseOrCopy(y, y_copy_);
    if (dense_x.data != x.data) CopyRows(x, dense_x);
    Execute(product, {dense_x, w, args.epilogue, dense_y});
    if (dense_y.data != y.data) CopyRows(dense_y, y);
    return true;
  }

 private:
  // The matrix itself if it is dense, else room for its copy.
  static Rows<float> DenseOrCopy(Rows<const float> matrix,
                                 AlignedBuffer<float>& copy) {
    const std::size_t rows = matrix.rows, cols = matrix.cols;
    if (matrix.stride == cols || rows == 1) {
      return {const_cast<float*>(matrix.data), rows, cols, cols};
    }
    if (copy.size() < rows * cols) copy = AlignedBuffer<float>(rows * cols);
    return {copy.data(), rows, cols, cols};
  }

  void Execute(Product& product, const ProductArgs& args) {
    if (scratch_.bytes() < product.scratch_bytes) {
      scratch_ = AlignedBuffer<char>(product.scratch_bytes);
    }
    const auto set = [&](int argument, const void* data) {
      product.arguments[argument].set_data_handle(const_cast<void*>(data));
    };
    set(DNNL_ARG_SRC, args.x.data);
    set(DNNL_ARG_WEIGHTS, args.w.data);
    set(DNNL_ARG_BIAS, args.epilogue.bias);
    set(DNNL_ARG_DST, args.y.data);
    set(DNNL_ARG_SCRATCHPAD, scratch_.data());
    product.primitive.execute(stream_, product.arguments);
    stream_.wait();
  }

  Product& Find(const ProductShape& shape) {
    const auto found = products_.find(shape);
    if (found != products_.end()) return found->second;
    if (products_.size() >= kMostProducts) products_.clear();
    return products_.emplace(shape, Make(shape)).first->second;
  }

  Product Make(const ProductShape& shape) {
    const auto size = [](std::size_t n) { return static_cast<memory::dim>(n); };
    const memory::dim rows = size(shape.rows), outputs = size(shape.outputs),
                      inputs = size(shape.inputs);
    constexpr auto kF32 = memory::data_type::f32;
    constexpr auto kRowMajor = memory::format_tag::ab;
    const memory::desc x({rows, inputs}, kF32, kRowMajor);
    const memory::desc w({inputs, outputs}, kF32, memory::format_tag::BA16a64b);
    const memory::desc bias({1, outputs}, kF32, kRowMajor);
    const memory::desc y({rows, outputs}, kF32, kRowMajor);
    const auto description = DescribeMatmul(engine_, x, w, bias, y);
    // The name of what was chosen ("brg:avx512_core") is the only tell: where
    // there is no such kernel the library falls back, without a word, to one
    // that is slower by an order of magnitude, and its C++ interface has no
    // other property of a primitive that differs.
    if (!description ||
        std::strncmp(description.impl_info_str(), "brg", 3) != 0) {
      return {};
    }
    const memory::desc scratch = description.scratchpad_desc();
    const auto argument = [&](const memory::desc& d) {
      return memory(d, engine_, DNNL_MEMORY_NONE);
    };
    return {dnnl::matmul(description),
            {{DNNL_ARG_SRC, argument(x)},
             {DNNL_ARG_WEIGHTS, argument(w)},
             {DNNL_ARG_BIAS, argument(bias)},
             {DNNL_ARG_DST, argument(y)},
             {DNNL_ARG_SCRATCHPAD, argument(scratch)}},
            scratch.get_size()};
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream_{engine_};
  std::map<ProductShape, Product> products_;
  AlignedBuffer<char> scratch_;
  AlignedBuffer<float> x_copy_, y_copy_;
};

bool RunInChunks(const ProductArgs& args) {
  [[maybe_unused]] static const bool capped = CapOneDnn();
  thread_local Executor executor;
  const OneThread one_thread;
  for (std::size_t m = 0; m < args.x.rows; m += kChunkRows) {
    const std::size_t rows = std::min(kChunkRows, args.x.rows - m);
    if (!executor.Run(args.Slice(m, rows))) return false;
  }
  return true;
}

}  // namespace

bool OneDnnProduct(const ProductArgs& args) noexcept {
  if (!args.epilogue.bias || args.epilogue.HasOperands()) return false;
  // Weights with padding are left to our own kernel: set_data_handle() may
  // write zeros there, and these are const and shared by threads.
  const MatrixLayout& w = args.w;
  if (w.outputs == 0 || w.outputs % kPanelColumns != 0) return false;
  if (w.inputs == 0 || w.inputs % kPanelInputs != 0) return false;
  try {
    return RunInChunks(args);
  } catch (...) {
    // No memory, or a dnnl::error. The caller has another way.
    return false;
  }
}

void PackedProductOneDnn(const ProductArgs& args) noexcept {
  std::size_t whole = args.w.outputs / kPanelColumns * kPanelColumns;
  const ProductArgs panels = args.Columns(0, whole);
  if (OneDnnProduct(panels)) {
    ActivateAvx512(panels.epilogue.activation, panels.y);
  } else {
    whole = 0;
  }
  PackedProductAvx512(args.Columns(whole, args.w.outputs - whole));
}

}  // namespace tessera::kernels
