// The owner of packed weights: its layouts, slices, mapped files, threads.
#include "kernels/gemm/packed_matrix.h"

#include <tessera/error.h>

#include <memory>
#include <new>
#include <vector>

#include "kernels/gemm/multiply.h"
#include "tests/kernels/product_case.h"

namespace tessera::kernels {
namespace {

// The owner, with the layout of every product that this CPU has.
using PackedMatrixTest = KernelTest<ProductFn, ProductKernel>;

TEST_P(PackedMatrixTest, IsTheSameInSlicesAsAtOnce) {
  const Layer layer(203, 37);
  const PackedMatrix at_once = layer.Pack(GetParam());
  for (const std::size_t slice : Sizes(0, {1, 7, 16, 60, 130})) {
    PackedMatrix packed(203, 37, GetParam());
    for (std::size_t n = 0; n < 203; n += slice) {
      const std::size_t count = std::min(slice, 203 - n);
      packed.SetRows(n, Dense(layer.w.data() + n * 37, count, 37));
      packed.SetBias(n, {layer.bias.data() + n, count});
    }
    ASSERT_EQ(packed.bytes(), at_once.bytes());
    EXPECT_TRUE(
        std::ranges::equal(packed.storage().bytes(), at_once.storage().bytes()))
        << "slices of " << slice;
  }
}

TEST_P(PackedMatrixTest, LayoutGivesBackTheOriginalWeights) {
  const Layer layer(131, 37);
  const PackedMatrix packed = layer.Pack(GetParam());
  const MatrixLayout& w = packed.layout();
  for (std::size_t n = 0; n < 131; ++n) {
    for (std::size_t k = 0; k < 37; ++k) {
      const std::size_t at = n / w.panel_columns * w.panel_stride +
                             k / w.inner * w.panel_columns * w.inner +
                             n % w.panel_columns * w.inner + k % w.inner;
      const float want = layer.w[n * 37 + k];
      if (w.type == ElementType::kF32) {
        EXPECT_EQ(w.Data<float>()[at], want);
      } else if (w.type == ElementType::kBf16) {
        EXPECT_EQ(w.Data<Bf16>()[at].bits, ToBf16(want).bits);
      } else {
        const float step = w.scales[n];
        EXPECT_NEAR(w.Data<std::int8_t>()[at] * step, want, 0.5001f * step);
      }
    }
  }
}

// Outputs of several panels, out of order and twice, into one panel and more.
TEST_P(PackedMatrixTest, SelectedOutputsGiveTheBitsThatTheyHaveAmongAll) {
  const PackedMatrix all = Layer(203, 37).Pack(GetParam());
  const std::vector<float> x = RandomNormal(7 * 37, 3);
  ExecContext context;
  std::vector<float> y(7 * 203);
  Multiply(Dense(x.data(), 7, 37), all, {}, Dense(y.data(), 7, 203), context);
  for (const std::size_t count : {1u, 15u, 64u, 130u}) {
    std::vector<std::int32_t> chosen;
    for (std::size_t i = 0; i < count; ++i) {
      chosen.push_back(static_cast<std::int32_t>(i * 89 % 203));
    }
    chosen.back() = chosen.front();
    const PackedMatrix part = all.Select(chosen);
    ASSERT_EQ(part.outputs(), count);
    for (const std::size_t rows : {1u, 4u, 7u}) {
      std::vector<float> found(rows * count), want;
      Multiply(Dense(x.data(), rows, 37), part, {},
               Dense(found.data(), rows, count), context);
      for (std::size_t r = 0; r < rows; ++r) {
        for (const std::int32_t n : chosen) want.push_back(y[r * 203 + n]);
      }
      EXPECT_TRUE(SameBits(found, want)) << count << " outputs, " << rows;
    }
  }
}

TEST_P(PackedMatrixTest, SelectsOutputsThatAreThere) {
  const PackedMatrix all = Layer(20, 5).Pack(GetParam());
  EXPECT_EQ(all.Select({}).outputs(), 0u);
  for (const std::int32_t absent : {-1, 20}) {
    const std::int32_t chosen[] = {3, absent};
    EXPECT_THROW(all.Select(chosen), Error);
  }
}

// A file that notices when it is unmapped.
std::shared_ptr<const void> MappedFile(bool& mapped) {
  mapped = true;
  return {&mapped, [&mapped](const void*) { mapped = false; }};
}

TEST_P(PackedMatrixTest, MultipliesInAMappedFileWhichItKeeps) {
  const PackedMatrix owned = Layer(131, 37).Pack(GetParam());
  const std::vector<float> x = RandomNormal(5 * 37, 3);
  const auto product = [&](const PackedMatrix& w) {
    ExecContext context;
    std::vector<float> y(5 * 131);
    Multiply(Dense(x.data(), 5, 37), w, {}, Dense(y.data(), 5, 131), context);
    return y;
  };
  const std::span<const std::byte> bytes = owned.storage().bytes();
  bool mapped = false;
  {
    PackedMatrix first(131, 37, GetParam(), Storage(bytes, MappedFile(mapped)));
    const PackedMatrix moved = std::move(first);
    EXPECT_TRUE(mapped);
    EXPECT_EQ(moved.layout().data, bytes.data());
    EXPECT_EQ(moved.bytes(), owned.bytes());
    EXPECT_TRUE(SameBits(product(moved), product(owned)));
  }
  EXPECT_FALSE(mapped);
}

TEST_P(PackedMatrixTest, RejectsMappedBytesThatDoNotFit) {
  const PackedMatrix owned = Layer(131, 37).Pack(GetParam());
  const std::span<const std::byte> bytes = owned.storage().bytes();
  bool mapped = false;
  const auto pack = [&](std::span<const std::byte> part, std::size_t outputs) {
    return PackedMatrix(outputs, 37, GetParam(),
                        Storage(part, MappedFile(mapped)));
  };
  EXPECT_THROW(pack(bytes.first(bytes.size() - 4), 131), Error);
  EXPECT_THROW(pack(bytes.subspan(4), 131), Error);
  EXPECT_THROW(pack(bytes, 200), Error);
  std::vector<std::byte> copy(bytes.size() + 64 + 4);
  const std::size_t off =
      64 - reinterpret_cast<std::uintptr_t>(copy.data()) % 64 + 4;
  EXPECT_THROW(pack(std::span(copy).subspan(off, bytes.size()), 131), Error);
  PackedMatrix packed = pack(bytes, 131);
  const std::vector<float> w(37);
  EXPECT_THROW(packed.SetRows(0, Dense(w.data(), 1, 37)), Error);
  EXPECT_THROW(packed.SetBias(0, {w.data(), 1}), Error);
}

TEST_P(PackedMatrixTest, RejectsWhatDoesNotFit) {
  PackedMatrix packed(10, 4, GetParam());
  const std::vector<float> w(44);
  EXPECT_THROW(packed.SetRows(0, Dense(w.data(), 11, 4)), Error);
  EXPECT_THROW(packed.SetRows(10, Dense(w.data(), 1, 4)), Error);
  EXPECT_THROW(packed.SetRows(~std::size_t{0}, Dense(w.data(), 2, 4)), Error);
  EXPECT_THROW(packed.SetRows(0, Dense(w.data(), 1, 5)), Error);
  EXPECT_THROW(packed.SetBias(5, {w.data(), 6}), Error);
  EXPECT_THROW(PackedMatrix(~std::size_t{0}, 2, GetParam()), std::bad_alloc);
  EXPECT_NO_THROW(packed.SetRows(0, Dense(w.data(), 10, 4)));
  EXPECT_NO_THROW(packed.SetRows(10, Dense(w.data(), 0, 4)));
}

// Shapes for both ways of cutting work, all above kMinParallelWork.
struct Shape {
  std::size_t m, n, k;
};
constexpr Shape kShapes[] = {{1, 4000, 256},
                             {64, 70, 256},
                             {129, 320, 96},
                             {7, 1024, 1040},
                             {40, 30, 2064}};

TEST_P(PackedMatrixTest, MultiplyGivesTheSameBitsWithAnyNumberOfThreads) {
  for (const Shape& s : kShapes) {
    const Layer layer(s.n, s.k);
    const PackedMatrix packed = layer.Pack(GetParam());
    const std::vector<float> x = RandomNormal(s.m * s.k, 3);
    std::vector<float> want;
    for (const std::size_t threads : Sizes(0, {1, 2, 3, 4, 16})) {
      ExecContext context(threads);
      Spaced y(s.m, s.n, kCanary);
      Multiply(Dense(x.data(), s.m, s.k), packed,
               {.activation = Activation::kGeluErf}, y.view(), context);
      y.ExpectGapsUntouched();
      if (threads == 1) want = y.Values();
      EXPECT_TRUE(SameBits(y.Values(), want))
          << "M " << s.m << " N " << s.n << " threads " << threads;
    }
  }
}

TESSERA_INSTANTIATE_KERNELS(PackedMatrixTest, kProducts);

}  // namespace
}  // namespace tessera::kernels
