// The list of packed products, and the choice of one.
#include "kernels/gemm/product.h"

#include <algorithm>

#include "kernels/gemm/product_onednn.h"

namespace tessera::kernels {
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

// oneDNN's BA16a64b, which both backends read, is 64 columns and 16 inputs.
constexpr ProductKernel kF32[] = {
    {{Isa::kAvx512, "PackedProduct/avx512-onednn", PackedProductOneDnn,
      UsesOneDnn, kLarge.words},
     64,
     1,
     16},
    {{Isa::kAvx512, "PackedProduct/avx512", PackedProductAvx512}, 64, 1, 16},
    {{Isa::kAvx2, "PackedProduct/avx2", PackedProductAvx2}, 16},
    {{Isa::kScalar, "PackedProduct/scalar", PackedProductScalar}, 16},
};

// Where the CPU multiplies pairs of bf16 fast, states are rounded to bf16 too.
// Elsewhere weights are widened: what is gained is memory and its bandwidth.
bool UsesBf16Dots(Isa) noexcept { return HasFastBf16Dots(); }
constexpr auto kBf16 = ElementType::kBf16;
constexpr ProductKernel kHalves[] = {
    {{Isa::kAvx512Vnni, "PackedProductBf16/avx512bf16",
      PackedProductBf16Avx512Bf16, UsesBf16Dots},
     64,
     2,
     2,
     kBf16,
     kBf16},
    {{Isa::kAvx512, "PackedProductBf16/avx512", PackedProductBf16Avx512},
     64,
     2,
     2,
     kBf16},
    {{Isa::kAvx2, "PackedProductBf16/avx2", PackedProductBf16Avx2},
     16,
     2,
     2,
     kBf16},
    {{Isa::kScalar, "PackedProductBf16/scalar", PackedProductBf16Scalar},
     16,
     1,
     1,
     kBf16},
};

bool UsesAvxVnni(Isa) noexcept { return HasAvxVnni(); }

constexpr auto kS8 = ElementType::kS8;
constexpr auto kS16 = ElementType::kS16;
constexpr ProductKernel kBytes[] = {
    {{Isa::kAvx512Vnni, "PackedProductS8/avx512vnni",
      PackedProductS8Avx512Vnni},
     64,
     4,
     4,
     kS8,
     kS8},
    {{Isa::kAvx512, "PackedProductS8/avx512", PackedProductS8Avx512},
     64,
     2,
     2,
     kS8,
     kS16},
    {{Isa::kAvx2, "PackedProductS8/avxvnni", PackedProductS8AvxVnni,
      UsesAvxVnni},
     16,
     4,
     4,
     kS8,
     kS8},
    {{Isa::kAvx2, "PackedProductS8/avx2", PackedProductS8Avx2},
     16,
     2,
     2,
     kS8,
     kS16},
    {{Isa::kScalar, "PackedProductS8/scalar", PackedProductS8Scalar},
     16,
     1,
     1,
     kS8,
     kS8},
};

}  // namespace

std::string_view Name(ElementType type) noexcept {
  if (type == ElementType::kBf16) return "bf16";
  return type == ElementType::kS8 ? "int8" : "f32";
}

std::span<const ProductKernel> ProductKernels(ElementType type) {
  if (type == ElementType::kS8) return kBytes;
  if (type == ElementType::kBf16) return kHalves;
  return kF32;
}

const ProductKernel& ChooseProduct(ElementType type, std::size_t outputs,
                                   std::size_t inputs, Isa level) noexcept {
  const bool large = outputs * inputs >= kLarge.weights;
  return *std::ranges::find_if(
      ProductKernels(type), [&](const ProductKernel& kernel) {
        return kernel.RunsOn(level) && (large || kernel.when != kLarge.words);
      });
}

const ProductKernel& ForFewOutputs(const ProductKernel& product) noexcept {
  if (product.when != kLarge.words) return product;
  return *std::ranges::find_if(
      ProductKernels(product.w), [&](const ProductKernel& kernel) {
        return kernel.when != kLarge.words && kernel.isa == product.isa &&
               kernel.panel_columns == product.panel_columns &&
               kernel.input_unit == product.input_unit;
      });
}

}  // namespace tessera::kernels
