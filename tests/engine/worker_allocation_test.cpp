// That decoding steps allocate no memory.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/worker/batch.h"
#include "tests/engine/random_sentences.h"

namespace {
std::atomic<std::size_t> allocations = 0;
}  // namespace

// Out of line, or GCC sees a new that ends in a free and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace tessera {
namespace {

TEST(BatchAllocationTest, StepsAllocateNothing) {
  FakeModel fake = MakeFakeModel();
  models::ModelInfo info = fake.info();
  info.generation.min_length = 50;  // nobody finishes before
  const FakeModel model(fake.logits, info);
  const TokenRules rules(info.generation);
  Batch batch(model, rules, {.sentences = 8, .rows = 64});
  kernels::ExecContext context;
  std::deque<IdsSentence> sentences;
  std::vector<Sentence*> all;
  for (std::size_t beams : {1, 4, 5, 8, 1, 16}) {
    const SearchOptions options = {.beam_size = beams, .max_length = 60};
    all.push_back(&sentences.emplace_back(
        std::vector<std::int32_t>{static_cast<std::int32_t>(beams), 2},
        options));
  }
  batch.Admit(all, context);
  const std::size_t before = allocations;
  for (int step = 0; step < 45; ++step) batch.Step(context);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(batch.size(), all.size());
  while (!batch.empty()) batch.Step(context);
  EXPECT_GT(allocations - before, 0u);  // outputs: the count does count
}

}  // namespace
}  // namespace tessera
