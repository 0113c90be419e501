// The AMX kernel of bf16 attention on emulated tiles.
//
// This program's lists of implementations are its own: the emulation stands
// where AMX does in the library's, so that the tests of bf16 attention, which
// are part of this program, run it.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "tests/kernels/attention_bf16_amx_emulation.h"
#include "tests/kernels/attention_bf16_case.h"
#include "tests/kernels/guard_pages.h"

namespace tessera::kernels {

TileFn AttentionTileScalar, Bf16TileAvx2, Bf16TileAvx512, Bf16TileEmulatedAvx2,
    Bf16TileEmulatedAvx512;
MergeFn AttentionMergeScalar, AttentionMergeAvx2, AttentionMergeAvx512;
AdditiveKeysFn AdditiveKeysScalar;

namespace {

constexpr const char* kWhen = "sequences of 8 queries or more";
constexpr TileImplementation kScalar[] = {
    {{Isa::kScalar, "AttentionTile/scalar", AttentionTileScalar}}};
constexpr TileImplementation kAvx512[] = {
    {{Isa::kAvx512, "AttentionTile/bf16/amx", Bf16TileEmulatedAvx512, nullptr,
      kWhen},
     kAmxFewestRows,
     AmxScratch},
    {{Isa::kAvx512, "AttentionTile/bf16/avx512", Bf16TileAvx512}},
    kScalar[0]};
constexpr TileImplementation kOthers[] = {
    {{Isa::kAvx2, "AttentionTile/bf16/amx", Bf16TileEmulatedAvx2, nullptr,
      kWhen},
     kAmxFewestRows,
     AmxScratch},
    {{Isa::kAvx2, "AttentionTile/bf16/avx2", Bf16TileAvx2}},
    kScalar[0]};

}  // namespace

std::span<const TileImplementation> AttentionTileKernels(ElementType type,
                                                         Score score) {
  if (type != ElementType::kBf16 || score != Score::kDot) return kScalar;
  if (ActiveIsa() >= Isa::kAvx512) return kAvx512;
  return kOthers;
}

std::span<const Implementation<MergeFn>> AttentionMergeKernels() {
  static constexpr Implementation<MergeFn> kKernels[] = {
      {Isa::kAvx512, "AttentionMerge/avx512", AttentionMergeAvx512},
      {Isa::kAvx2, "AttentionMerge/avx2", AttentionMergeAvx2},
      {Isa::kScalar, "AttentionMerge/scalar", AttentionMergeScalar}};
  return kKernels;
}

std::span<const Implementation<AdditiveKeysFn>> AdditiveKeysKernels() {
  static constexpr Implementation<AdditiveKeysFn> kKernels[] = {
      {Isa::kScalar, "AdditiveKeys/scalar", AdditiveKeysScalar}};
  return kKernels;
}

namespace {

// Rows of A, rows of pairs of B, and c + a b.
struct Product {
  Bf16 a[16][32] = {};
  Bf16 b[16][32] = {};
  float c[16][16] = {};

  void Run() {
    EmulatedTiles tiles;
    tiles.Load(TileRegister<0>(), c, sizeof(c[0]));
    tiles.Load(TileRegister<4>(), a, sizeof(a[0]));
    tiles.Load(TileRegister<6>(), b, sizeof(b[0]));
    tiles.MultiplyAdd(TileRegister<0>(), TileRegister<4>(), TileRegister<6>());
    tiles.Store(TileRegister<0>(), c, sizeof(c[0]));
  }
};

TEST(EmulatedTilesTest, MultiplyRowsByColumnsOfPairs) {
  Product p;
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < 32; ++k) {
      p.a[i][k] = ToBf16(static_cast<float>(i + 3 * k % 7 - 4));
      p.b[i][k] = ToBf16(static_cast<float>(5 * i % 11 - k % 3));
    }
  }
  p.c[3][5] = 1000.0f;
  const Product before = p;
  p.Run();
  for (int m = 0; m < 16; ++m) {
    for (int n = 0; n < 16; ++n) {
      float sum = before.c[m][n];  // small integers: exact in any order
      for (int k = 0; k < 32; ++k) {
        sum +=
            ToFloat(before.a[m][k]) * ToFloat(before.b[k / 2][2 * n + k % 2]);
      }
      EXPECT_EQ(p.c[m][n], sum) << m << " " << n;
    }
  }
}

TEST(EmulatedTilesTest, SumEvenAndOddElementsApart) {
  Product p;
  for (int k = 0; k < 4; ++k) p.b[k / 2][k % 2] = ToBf16(1.0f);
  const float row[] = {0x1p24f, -0x1p24f, 1.0f, 1.0f};
  for (int k = 0; k < 4; ++k) p.a[0][k] = ToBf16(row[k]);
  p.Run();
  // 2^24 + 1 is a tie and stays 2^24; one after the other it would be 2.
  EXPECT_EQ(p.c[0][0], 1.0f);
}

TEST(EmulatedTilesTest, TakeAndGiveZeroForDenormals) {
  Product p;
  p.a[0][0] = Bf16{0x0040};  // 2^-127
  p.b[0][0] = ToBf16(0x1p100f);
  p.a[1][2] = ToBf16(0x1p-100f);
  p.b[1][0] = ToBf16(0x1p-30f);
  p.c[2][0] = 0x1p-130f;
  p.Run();
  for (const auto& row : p.c) {
    for (const float x : row) EXPECT_EQ(std::memcmp(&x, "\0\0\0", 4), 0) << x;
  }
}

TEST(EmulatedTilesTest, RoundToNearestEven) {
  const float from[] = {1.0f + 0x1p-8f, 1.0f + 0x1p-7f + 0x1p-8f, 0x1p-130f,
                        -0x1.fffp127f, kNan};
  Bf16 to[5];
  EmulatedTiles::Round(from, 5, to);
  EXPECT_EQ(ToFloat(to[0]), 1.0f);
  EXPECT_EQ(ToFloat(to[1]), 1.0f + 0x1p-6f);
  EXPECT_EQ(to[2].bits, 0);
  EXPECT_EQ(ToFloat(to[3]), -INFINITY);
  EXPECT_TRUE(std::isnan(ToFloat(to[4])));
}

TEST(EmulatedTilesDeathTest, FaultWhereTheCpuWould) {
  TileConfig config;
  config.palette = 0;
  EXPECT_DEATH(EmulatedTiles{config}, "palette");
  config = {};
  config.rows[0] = 17;
  EXPECT_DEATH(EmulatedTiles{config}, "16 rows");
  config = {};
  config.rows[6] = 8;
  EXPECT_DEATH(EmulatedTiles(config).MultiplyAdd(
                   TileRegister<0>(), TileRegister<4>(), TileRegister<6>()),
               "shapes");
  config = {};
  config.rows[5] = 0;
  config.row_bytes[5] = 0;
  EXPECT_DEATH(EmulatedTiles(config).Zero(TileRegister<5>()), "configured");
}

// Queries that bf16 cannot hold tell the two apart: AMX rounds them.
TEST(AttentionAmxTest, RunsSequencesOfManyRowsOnly) {
  if (ActiveIsa() < Isa::kAvx2) GTEST_SKIP() << "scalar code runs them all";
  for (const int rows : {1, 7, 8, 9}) {
    Batch b = Bf16Batch(Shape(1, 1, 64, 64, false), {{rows, 100}}, 1);
    b.queries = RandomNormal(b.queries.size(), 2);
    const std::vector<float> out = RunCachedBf16(b, 1, QueryType::kF32);
    ExpectBf16Near(b, out, "rows");
    const auto expected = reference::Attention(ReferenceCase(b, 0, 0));
    double error = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      error = std::max(
          error, std::fabs(static_cast<double>(out[i]) - expected.out[i]));
    }
    EXPECT_EQ(error > Tolerance(expected), rows >= 8) << rows << " " << error;
    b.shape.alike = true;
    const std::vector<float> alike = RunCachedBf16(b, 1, QueryType::kF32);
    ExpectNear(b, alike, "alike");
    EXPECT_EQ(alike == out, rows < 8) << rows;
  }
}

}  // namespace
}  // namespace tessera::kernels
