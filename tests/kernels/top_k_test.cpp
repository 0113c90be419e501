// TopKRows against sorting and float64, on every ISA of its list.
#include "kernels/top_k/top_k.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/kernels/guarded_rows.h"
#include "tests/kernels/kernel_test.h"
#include "tests/reference/top_k.h"

namespace tessera::kernels {
namespace {

using TopKTest = KernelTest<decltype(TopKRows)>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Top {
  std::vector<float> values;
  std::vector<std::int32_t> ids;
  float log_sum_exp = 0.0f;
};

// One row through the kernel, some columns at a time.
Top RunRow(decltype(TopKRows)* kernel, const std::vector<float>& x,
           std::size_t k, std::size_t columns = std::size_t{1} << 30) {
  Top top{std::vector<float>(k), std::vector<std::int32_t>(k)};
  TopKSeen seen;
  for (std::size_t first = 0; first < x.size(); first += columns) {
    const std::size_t count = std::min(columns, x.size() - first);
    kernel(Dense(x.data() + first, 1, count), first,
           Dense(top.values.data(), 1, k), Dense(top.ids.data(), 1, k), &seen);
  }
  top.log_sum_exp = LogSumExp(seen);
  return top;
}

void ExpectTop(std::span<const float> x, std::size_t k, const float* values,
               const std::int32_t* ids) {
  const std::vector<std::int32_t> want = reference::Ranking(x);
  for (std::size_t i = 0; i < k; ++i) {
    const float value = x[static_cast<std::size_t>(want[i])];
    ASSERT_EQ(ids[i], want[i]) << "place " << i << " of " << x.size();
    ASSERT_EQ(values[i], std::isnan(value) ? -kInf : value);
  }
}

void ExpectLogSumExp(std::span<const float> x, float found) {
  const double want = reference::LogSumExp(x);
  ASSERT_NEAR(
      static_cast<double>(found), want,
      static_cast<double>(kLogSumExpMaxAbsError) + 0x1p-24 * std::abs(want))
      << "of " << x.size();
}

TEST_P(TopKTest, MatchesSortingAtEveryLengthAndEveryK) {
  constexpr std::size_t kRows = 3;
  for (const std::size_t n : TailLengths()) {
    const std::vector<float> logits = RandomNormal(kRows * n, 41, 4.0f);
    GuardedRows<float> x(kRows, n);
    x.Fill(logits);
    for (const std::size_t k : {1u, 2u, 5u, 8u, 10u, 32u, 64u}) {
      if (k > n) continue;
      GuardedRows<float> values(kRows, k);
      GuardedRows<std::int32_t> ids(kRows, k);
      TopKSeen seen[kRows];
      kernel()(x.view(), 0, values.view(), ids.view(), seen);
      EXPECT_TRUE(values.Intact() && ids.Intact() && x.Intact()) << n;
      for (std::size_t r = 0; r < kRows; ++r) {
        const std::span<const float> row(logits.data() + r * n, n);
        ExpectTop(row, k, values.view()[r], ids.view()[r]);
        ExpectLogSumExp(row, LogSumExp(seen[r]));
      }
    }
  }
}

TEST_P(TopKTest, MatchesSortingOnWholeVocabularies) {
  for (const std::size_t n : {32000u, 65536u, 70001u, 150003u}) {
    std::vector<float> x = RandomNormal(n, 51, 4.0f);
    for (int turn = 0; turn < 2; ++turn) {
      for (const std::size_t k : {1u, 8u, 20u, 64u}) {
        const Top top = RunRow(kernel(), x, k);
        ExpectTop(x, k, top.values.data(), top.ids.data());
      }
      for (float& value : x) value = std::round(value);  // ties everywhere
    }
  }
}

TEST_P(TopKTest, RanksAllColumnsIfAsked) {
  for (std::size_t n = 1; n <= 67; ++n) {
    const std::vector<float> x = RandomNormal(n, 42);
    const Top top = RunRow(kernel(), x, n);
    ExpectTop(x, n, top.values.data(), top.ids.data());
  }
}

TEST_P(TopKTest, GivesTheSameBitsInPartsAsAtOnce) {
  std::vector<float> x = RandomNormal(8003, 43, 5.0f);
  const auto expect_same = [&](std::size_t k) {
    const Top whole = RunRow(kernel(), x, k);
    ExpectTop(x, k, whole.values.data(), whole.ids.data());
    for (const std::size_t columns : {512u, 1024u, 4096u}) {
      const Top parts = RunRow(kernel(), x, k, columns);
      EXPECT_EQ(parts.ids, whole.ids);
      EXPECT_EQ(parts.values, whole.values);
      EXPECT_EQ(parts.log_sum_exp, whole.log_sum_exp);
    }
  };
  for (const std::size_t k : {1u, 8u, 64u}) expect_same(k);
  for (float& value : x) value = std::round(value);  // ties everywhere
  for (const std::size_t k : {1u, 8u, 64u}) expect_same(k);
  // Forbidden ids in all parts, the others few and late.
  std::fill(x.begin(), x.end(), -kInf);
  expect_same(5);
  for (const std::size_t id : {700u, 5000u, 5001u, 8000u}) {
    x[id] = static_cast<float>(id % 7);
    expect_same(3);
    expect_same(5);
  }
}

TEST_P(TopKTest, PutsTheLowerOfEqualLogitsFirst) {
  for (const std::size_t n : {20u, 67u, 1024u, 5003u}) {
    std::vector<float> x = RandomNormal(n, 44, 2.0f);
    for (float& value : x) value = std::round(value);
    for (const std::size_t k : {1u, 8u, 20u}) {
      const Top top = RunRow(kernel(), x, k);
      ExpectTop(x, k, top.values.data(), top.ids.data());
    }
  }
}

TEST_P(TopKTest, HandlesSortedRows) {
  std::vector<float> x = RandomNormal(3001, 45);
  std::sort(x.begin(), x.end());
  for (int turn = 0; turn < 2; ++turn) {
    const Top top = RunRow(kernel(), x, 9);
    ExpectTop(x, 9, top.values.data(), top.ids.data());
    ExpectLogSumExp(x, top.log_sum_exp);
    std::reverse(x.begin(), x.end());
  }
}

TEST_P(TopKTest, ReturnsForbiddenIdsInOrderOnlyIfOthersRunOut) {
  std::vector<float> x(2000, -kInf);
  x[5] = 1.0f;
  x[1500] = 2.0f;
  const Top top = RunRow(kernel(), x, 5);
  EXPECT_EQ(top.ids, (std::vector<std::int32_t>{1500, 5, 0, 1, 2}));
  EXPECT_EQ(top.values, (std::vector<float>{2.0f, 1.0f, -kInf, -kInf, -kInf}));
  ExpectLogSumExp(x, top.log_sum_exp);
}

TEST_P(TopKTest, ReturnsTheFirstIdsOfARowOfOnlyForbiddenOnes) {
  const Top top = RunRow(kernel(), std::vector<float>(1100, -kInf), 3);
  EXPECT_EQ(top.ids, (std::vector<std::int32_t>{0, 1, 2}));
  EXPECT_EQ(top.values, std::vector<float>(3, -kInf));
  EXPECT_EQ(top.log_sum_exp, -kInf);
}

TEST_P(TopKTest, RanksNanLikeForbiddenIdsAndShowsItInTheSum) {
  for (std::size_t place = 0; place < 67; ++place) {
    std::vector<float> x = RandomNormal(67, 46);
    x[place] = kNan;
    x[(place + 30) % 67] = -kInf;
    for (const std::size_t k : {1u, 8u, 67u}) {
      const Top top = RunRow(kernel(), x, k);
      ExpectTop(x, k, top.values.data(), top.ids.data());
      EXPECT_TRUE(std::isnan(top.log_sum_exp));
    }
  }
}

TEST_P(TopKTest, GivesDistinctIdsForARowOfNan) {
  const Top top = RunRow(kernel(), std::vector<float>(1030, kNan), 4);
  EXPECT_EQ(top.ids, (std::vector<std::int32_t>{0, 1, 2, 3}));
  EXPECT_EQ(top.values, std::vector<float>(4, -kInf));
  EXPECT_TRUE(std::isnan(top.log_sum_exp));
}

TEST_P(TopKTest, RanksPositiveInfinityFirstAndShowsItInTheSum) {
  for (const std::size_t place : {0u, 40u, 1029u}) {
    std::vector<float> x = RandomNormal(1030, 47);
    x[place] = kInf;
    const Top top = RunRow(kernel(), x, 2);
    ExpectTop(x, 2, top.values.data(), top.ids.data());
    EXPECT_TRUE(std::isnan(top.log_sum_exp));
  }
}

TEST_P(TopKTest, SumsWholeVocabulariesExactly) {
  for (const std::size_t n : {32000u, 256003u}) {
    for (const float scale : {0.1f, 3.0f, 20.0f}) {
      const std::vector<float> x = RandomNormal(n, 48, scale);
      ExpectLogSumExp(x, RunRow(kernel(), x, 1).log_sum_exp);
    }
    std::vector<float> equal(n, 0.3f);  // rounding errors of one direction
    equal[n / 2] = 9.7f;
    ExpectLogSumExp(equal, RunRow(kernel(), equal, 1).log_sum_exp);
  }
}

TEST_P(TopKTest, SumsHugeLogits) {
  for (const float offset : {-1e4f, 1e4f}) {
    std::vector<float> x = RandomNormal(5000, 49, 30.0f);
    for (float& value : x) value += offset;
    ExpectLogSumExp(x, RunRow(kernel(), x, 1).log_sum_exp);
  }
}

TEST_P(TopKTest, GivesARowTheSameBitsAnywhere) {
  constexpr std::size_t kRows = 4, kCols = 1501;
  const std::vector<float> row = RandomNormal(kCols, 50);
  GuardedRows<float> x(kRows, kCols);
  for (std::size_t r = 0; r < kRows; ++r) {
    std::copy(row.begin(), row.end(), x.view()[r]);
  }
  GuardedRows<float> values(kRows, 4);
  GuardedRows<std::int32_t> ids(kRows, 4);
  TopKSeen seen[kRows];
  kernel()(x.view(), 0, values.view(), ids.view(), seen);
  for (const TopKSeen& each : seen) {
    EXPECT_EQ(LogSumExp(each), RunRow(kernel(), row, 4).log_sum_exp);
  }
}

TESSERA_INSTANTIATE_KERNELS(TopKTest, TopKRowsKernels());

}  // namespace
}  // namespace tessera::kernels
