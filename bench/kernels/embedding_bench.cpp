// EmbedRows from plain and from packed tables, with ids spread over them.
#include <random>

#include "bench/kernels/kernel_bench.h"
#include "kernels/aligned_buffer.h"
#include "kernels/embedding/embedding.h"

namespace tessera::kernels {
namespace {

struct Case {
  std::size_t rows, vocabulary, width, panel_columns;
};

void Run(benchmark::State& state, const Implementation<EmbedRowsFn>& kernel,
         const Case& c) {
  constexpr std::size_t kTurns = 64, kPositions = 64;
  const AlignedBuffer<float> table((c.vocabulary + c.panel_columns) * c.width);
  const AlignedBuffer<float> positions(kPositions * c.width);
  AlignedBuffer<float> y(c.rows * c.width);
  std::mt19937 engine(1);
  std::vector<std::int32_t> ids(kTurns * c.rows), position(c.rows);
  for (std::int32_t& id : ids) {
    id = static_cast<std::int32_t>(engine() % c.vocabulary);
  }
  for (std::int32_t& p : position) {
    p = static_cast<std::int32_t>(engine() % kPositions);
  }
  // A packed row is one element of each cache line that is fetched for it.
  const std::size_t line = c.panel_columns == 1 ? 4 : 64;
  std::size_t turn = 0;
  Measure(state, kernel.isa,
          {Bytes(static_cast<double>(line * c.rows * c.width), table.bytes())},
          [&] {
            turn = (turn + 1) % kTurns;
            kernel.run(
                {.data = table.data(),
                 .outputs = c.vocabulary,
                 .inputs = c.width,
                 .panel_stride = c.panel_columns * c.width,
                 .panel_columns = c.panel_columns},
                {.ids = ids.data() + turn * c.rows,
                 .scale = 16.0f,
                 .positions = Dense(positions.data(), kPositions, c.width),
                 .position = position.data()},
                Dense(y.data(), c.rows, c.width));
          });
  state.SetItemsProcessed(state.iterations() *
                          static_cast<std::int64_t>(c.rows));
}

void Register(const Case& c) {
  RegisterKernels(
      EmbedRowsKernels(),
      "rows:" + std::to_string(c.rows) + "/V:" + std::to_string(c.vocabulary) +
          "/D:" + std::to_string(c.width) +
          "/panel:" + std::to_string(c.panel_columns),
      [=](auto& state, const auto& kernel) { Run(state, kernel, c); });
}

}  // namespace
}  // namespace tessera::kernels

int main(int argc, char** argv) {
  for (const std::size_t vocabulary : {8000u, 32000u}) {
    for (const std::size_t width : {256u, 512u}) {
      for (const std::size_t panel : {1u, 16u, 64u}) {
        for (const std::size_t rows : {1u, 128u}) {
          tessera::kernels::Register({rows, vocabulary, width, panel});
        }
      }
    }
  }
  return tessera::kernels::RunBenchmarks(argc, argv);
}
