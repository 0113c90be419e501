// EmbedRows on plain and on packed tables, on every ISA of its list.
#include "kernels/embedding/embedding.h"

#include "kernels/context.h"
#include "kernels/gemm/packed_matrix.h"
#include "kernels/gemm/quantize.h"
#include "tests/kernels/guarded_rows.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/embedding.h"

namespace tessera::kernels {
namespace {

using EmbeddingTest = KernelTest<EmbedRowsFn>;

constexpr std::size_t kVocabulary = 131, kPositions = 7, kRows = 11;
constexpr float kScale = 22.627417f;

// A table [kVocabulary, d] in panels of `columns` rows; 1: plain rows.
struct Table {
  Table(const std::vector<float>& plain, std::size_t d, std::size_t columns)
      : memory((kVocabulary + columns - 1) / columns * columns * d) {
    view = {.data = memory.data(),
            .outputs = kVocabulary,
            .inputs = d,
            .panel_stride = columns * d,
            .panel_columns = columns};
    for (std::size_t n = 0; n < kVocabulary; ++n) {
      for (std::size_t k = 0; k < d; ++k) {
        memory[n / columns * columns * d + k * columns + n % columns] =
            plain[n * d + k];
      }
    }
  }
  std::vector<float> memory;
  MatrixLayout view;
};

std::vector<std::int32_t> RandomIds(std::size_t limit, unsigned seed) {
  std::mt19937 engine(seed);
  std::vector<std::int32_t> ids{0, static_cast<std::int32_t>(limit - 1)};
  while (ids.size() < kRows) {
    ids.push_back(static_cast<std::int32_t>(engine() % limit));
  }
  return ids;
}

TEST_P(EmbeddingTest, GathersTheSameBitsFromEveryLayout) {
  for (const std::size_t d : TailLengths()) {
    const std::vector<float> plain = RandomNormal(kVocabulary * d, 31);
    const std::vector<float> positions = RandomNormal(kPositions * d, 32);
    const std::vector<std::int32_t> ids = RandomIds(kVocabulary, 33);
    const std::vector<std::int32_t> position = RandomIds(kPositions, 34);
    for (const std::size_t columns : {1u, 16u, 64u}) {
      const Table table(plain, d, columns);
      GuardedRows<float> y(kRows, d);
      kernel()(table.view,
               {.ids = ids.data(),
                .scale = kScale,
                .positions = Dense(positions.data(), kPositions, d),
                .position = position.data()},
               y.view());
      EXPECT_TRUE(y.Intact()) << d;
      for (std::size_t i = 0; i < kRows * d; ++i) {
        const auto id = static_cast<std::size_t>(ids[i / d]);
        const auto p = static_cast<std::size_t>(position[i / d]);
        ASSERT_EQ(y.view()[i / d][i % d],
                  reference::Embed(plain[id * d + i % d], kScale,
                                   positions[p * d + i % d]))
            << d << " in panels of " << columns;
      }
    }
  }
}

TEST_P(EmbeddingTest, WorksWithoutPositionsForAnyNumberOfRows) {
  constexpr std::size_t kWidth = 21;
  const std::vector<float> plain = RandomNormal(kVocabulary * kWidth, 35);
  const std::vector<std::int32_t> ids = RandomIds(kVocabulary, 36);
  for (const std::size_t columns : {1u, 16u, 64u}) {
    const Table table(plain, kWidth, columns);
    for (std::size_t rows = 0; rows <= kRows; ++rows) {
      GuardedRows<float> y(rows, kWidth);
      kernel()(table.view, {.ids = ids.data(), .scale = kScale}, y.view());
      EXPECT_TRUE(y.Intact());
      for (std::size_t i = 0; i < rows * kWidth; ++i) {
        const auto id = static_cast<std::size_t>(ids[i / kWidth]);
        ASSERT_EQ(
            y.view()[i / kWidth][i % kWidth],
            reference::Embed(plain[id * kWidth + i % kWidth], kScale, 0.0f));
      }
    }
  }
}

// A table of integers gives the numbers they count, from groups of any size.
TEST_P(EmbeddingTest, GathersFromEveryLayoutOfIntegers) {
  for (const std::size_t d : TailLengths()) {
    const std::vector<float> plain = RandomNormal(kVocabulary * d, 31);
    const std::vector<float> positions = RandomNormal(kPositions * d, 32);
    const std::vector<std::int32_t> ids = RandomIds(kVocabulary, 33);
    const std::vector<std::int32_t> position = RandomIds(kPositions, 34);
    std::vector<std::int8_t> integers(kVocabulary * d);
    std::vector<RowScale> scales(kVocabulary);
    QuantizeRows(
        Dense(plain.data(), kVocabulary, d),
        {ElementType::kS8, integers.data(), kVocabulary, d, d, scales.data()});
    for (const ProductKernel& product : ProductKernels(ElementType::kS8)) {
      PackedMatrix table(kVocabulary, d, product);
      table.SetRows(0, Dense(plain.data(), kVocabulary, d));
      GuardedRows<float> y(kRows, d);
      kernel()(table.layout(),
               {.ids = ids.data(),
                .scale = kScale,
                .positions = Dense(positions.data(), kPositions, d),
                .position = position.data()},
               y.view());
      EXPECT_TRUE(y.Intact()) << d;
      for (std::size_t i = 0; i < kRows * d; ++i) {
        const auto id = static_cast<std::size_t>(ids[i / d]);
        const auto p = static_cast<std::size_t>(position[i / d]);
        const float element =
            static_cast<float>(integers[id * d + i % d]) * scales[id].scale;
        ASSERT_EQ(y.view()[i / d][i % d],
                  reference::Embed(element, kScale, positions[p * d + i % d]))
            << d << " for " << product.name;
      }
    }
  }
}

TEST_P(EmbeddingTest, WidensBf16FromEveryLayout) {
  for (const std::size_t d : TailLengths()) {
    const std::vector<float> plain = RandomNormal(kVocabulary * d, 31);
    const std::vector<std::int32_t> ids = RandomIds(kVocabulary, 33);
    for (const ProductKernel& product : ProductKernels(ElementType::kBf16)) {
      PackedMatrix table(kVocabulary, d, product);
      table.SetRows(0, Dense(plain.data(), kVocabulary, d));
      GuardedRows<float> y(kRows, d);
      kernel()(table.layout(), {.ids = ids.data(), .scale = kScale}, y.view());
      EXPECT_TRUE(y.Intact()) << d;
      for (std::size_t i = 0; i < kRows * d; ++i) {
        const auto id = static_cast<std::size_t>(ids[i / d]);
        ASSERT_EQ(y.view()[i / d][i % d],
                  kScale * ToFloat(ToBf16(plain[id * d + i % d])))
            << d << " for " << product.name;
      }
    }
  }
}

TEST_P(EmbeddingTest, RoundsTheProductBeforeTheSum) {
  // 0x1.000002p+0 squared is 1 + 2^-22 + 2^-46: a fused sum would keep 2^-46.
  const float table = 0x1.000002p+0f, position = -0x1.000004p+0f;
  const std::int32_t zero = 0;
  float y = 1.0f;
  kernel()(PlainRows(&table, 1, 1),
           {.ids = &zero,
            .scale = table,
            .positions = Dense(&position, 1, 1),
            .position = &zero},
           Dense(&y, 1, 1));
  EXPECT_EQ(y, 0.0f);
}

TEST_P(EmbeddingTest, GivesZerosNoPositionWhereToldTo) {
  for (const std::size_t d : TailLengths()) {
    std::vector<float> table = RandomNormal(d, 37);
    for (std::size_t k = 0; k < d; k += 3) table[k] = k % 2 ? 0.0f : -0.0f;
    const std::vector<float> position = RandomNormal(d, 38);
    const std::int32_t zero = 0;
    GuardedRows<float> y(1, d);
    kernel()(PlainRows(table.data(), 1, d),
             {.ids = &zero,
              .scale = kScale,
              .positions = Dense(position.data(), 1, d),
              .position = &zero,
              .skip_zeros = true},
             y.view());
    EXPECT_TRUE(y.Intact());
    for (std::size_t k = 0; k < d; ++k) {
      const float added = table[k] == 0.0f ? 0.0f : position[k];
      ASSERT_EQ(y.view()[0][k], reference::Embed(table[k], kScale, added)) << k;
    }
  }
}

TEST(EmbedRowsTest, GivesTheSameBitsWithAnyNumberOfThreads) {
  constexpr std::size_t kMany = 301, kWidth = 96;
  const std::vector<float> table = RandomNormal(kVocabulary * kWidth, 39);
  const std::vector<float> positions = RandomNormal(kPositions * kWidth, 40);
  std::vector<std::int32_t> ids, position;
  for (std::int32_t r = 0; r < std::int32_t{kMany}; ++r) {
    ids.push_back(r * 37 % std::int32_t{kVocabulary});
    position.push_back(r % std::int32_t{kPositions});
  }
  std::vector<float> want;
  for (const std::size_t threads : {1u, 2u, 3u, 16u}) {
    ExecContext context(threads);
    std::vector<float> y(kMany * kWidth);
    EmbedRows(PlainRows(table.data(), kVocabulary, kWidth),
              {.ids = ids.data(),
               .scale = kScale,
               .positions = Dense(positions.data(), kPositions, kWidth),
               .position = position.data()},
              Dense(y.data(), kMany, kWidth), context);
    if (threads == 1) want = y;
    EXPECT_EQ(y, want) << threads;
  }
}

TESSERA_INSTANTIATE_KERNELS(EmbeddingTest, EmbedRowsKernels());

}  // namespace
}  // namespace tessera::kernels
