// Self-attention over four words, with the kernels alone: every word asks with
// its own vector, and the printed weights say whom it listens to.
#include <tessera/kernels/attention.h>

#include <cstdint>
#include <cstdio>
#include <vector>

int main() {
  using namespace tessera::kernels;
  constexpr std::size_t kWords = 4, kWidth = 2;
  const float words[] = {1, 0, 0, 1, 1, 1, 0, 0};
  constexpr BlockLayout kLayout = {
      .kv_heads = 1, .key_width = kWidth, .value_width = kWidth};
  std::vector<std::byte> keys(kLayout.key_bytes());
  std::vector<std::byte> values(kLayout.value_bytes());
  const auto rows = Dense(words, kWords, kWidth);
  PackPositions(kLayout, rows, rows, {keys.data(), values.data()});

  float weights[kWords][kWords], out[kWords][kWidth];
  const AttentionSequence sequence = {
      .rows = kWords,
      .cache = {.keys = keys.data(), .values = values.data(), .length = kWords},
      .weights = weights[0]};
  ExecContext context;
  Attention(SelfAttentionShape(/*heads=*/1, kWidth, /*causal=*/false), rows,
            {&sequence, 1}, Dense(out[0], kWords, kWidth), context);

  for (std::size_t i = 0; i < kWords; ++i) {
    std::printf("w%zu [%.5f %.5f %.5f %.5f] -> [%.5f %.5f]\n", i + 1,
                weights[i][0], weights[i][1], weights[i][2], weights[i][3],
                out[i][0], out[i][1]);
  }
}
