// Attention alone: equal scores, so that a query gets the mean of the values.
#include <tessera/kernels/attention.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
  using namespace tessera::kernels;
  constexpr std::size_t kHeads = 2, kWidth = 8, kKeys = 3;
  constexpr std::size_t kColumns = kHeads * kWidth;
  const std::vector<float> queries(kColumns, 1.0f);
  const std::vector<float> keys(kKeys * kColumns, 0.5f);
  std::vector<float> values(kKeys * kColumns), out(kColumns);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i / kColumns);  // 0, 1, 2
  }
  const std::int32_t query_offsets[] = {0, 1}, key_offsets[] = {0, kKeys};
  ExecContext context;
  AttentionRows(SelfAttentionShape(kHeads, kWidth, /*causal=*/false),
                {.queries = Dense(queries.data(), 1, kColumns),
                 .keys = Dense(keys.data(), kKeys, kColumns),
                 .values = Dense(values.data(), kKeys, kColumns),
                 .query_offsets = query_offsets,
                 .key_offsets = key_offsets},
                Dense(out.data(), 1, kColumns), context);
  for (const float value : out) {
    if (std::abs(value - 1.0f) > kAttentionMaxError * 4) {
      std::printf("want 1, found %g\n", static_cast<double>(value));
      return 1;
    }
  }
  std::printf("attention: fine\n");
}
