// That decoding steps allocate no memory.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/worker/batch.h"
#include "tests/engine/random_sentences.h"
#include "tests/models/golden.h"

namespace {
std::atomic<std::size_t> allocations = 0;
}  // namespace

// Out of line, or GCC sees a new that ends in a free and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size,
                                     const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory,
                                       const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace tessera::engine {
namespace {

constexpr std::size_t kSteps = 45;

// Sentences of all sizes, none of which finishes within kSteps + 1.
class AllocationTest : public testing::Test {
 protected:
  void Admit(const models::Model& model) {
    models::GenerationConfig generation = model.info().generation;
    generation.min_length = kSteps + 5;
    rules_ = std::make_unique<TokenRules>(generation);
    batch_ = std::make_unique<Batch>(model, *rules_,
                                     Room{.sentences = 8, .rows = 64});
    std::vector<Sentence*> all;
    for (const std::size_t beams : {1u, 4u, 5u, 8u, 1u, 16u}) {
      const SearchOptions options = {.beam_size = beams,
                                     .max_length = kSteps + 10};
      all.push_back(&sentences_.emplace_back(
          std::vector<std::int32_t>{static_cast<std::int32_t>(beams), 2, 0},
          options));
    }
    batch_->Admit(all, context_);
  }

  void Step(std::size_t steps) {
    for (; steps > 0; --steps) batch_->Step(context_);
  }

  std::unique_ptr<TokenRules> rules_;
  std::deque<IdsSentence> sentences_;
  std::unique_ptr<Batch> batch_;
  kernels::ExecContext context_;
};

TEST_F(AllocationTest, SearchesAndBatchAllocateNothingInAStep) {
  const FakeModel model = MakeFakeModel();
  Admit(model);
  const std::size_t before = allocations;
  Step(kSteps);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(batch_->size(), sentences_.size());
  while (!batch_->empty()) Step(1);
  EXPECT_GT(allocations - before, 0u);  // outputs: the count does count
}

TEST_F(AllocationTest, TheModelAllocatesNothingOnceItHasSeenItsShapes) {
  const auto model = models::LoadModel(models::BundledFolder());
  Admit(*model);
  Step(2);  // one row a sentence, then all
  const std::size_t before = allocations;
  Step(kSteps - 2);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(batch_->size(), sentences_.size());
}

class ModelAllocationTest : public testing::TestWithParam<std::string> {};

// Two beams of one sentence that fork once.
TEST_P(ModelAllocationTest, AStepAllocatesNothingOnceItHasSeenItsShapes) {
  const auto model = models::LoadModel(models::GoldenFolder() / GetParam());
  kernels::ExecContext context;
  const std::vector<std::int32_t> source = {5, 6, 0}, ends = {0, 3};
  const models::EncoderStates encoded =
      model->Encode({.ids = source, .offsets = ends}, context);
  const auto state = model->Open(1, 2);
  const std::int32_t slot = 0;
  model->Admit(encoded, {&slot, 1}, *state, context);
  const std::int32_t start = model->info().generation.decoder_start_token_id;
  const auto step = [&](std::int32_t first, std::int32_t second) {
    const std::span<const std::int32_t> token(&start, 1);
    const models::StepRow rows[] = {{0, first, token}, {0, second, token}};
    const auto states = model->Step(rows, *state, context);
    model->Project(states.last, {}, 2, *state, context);
  };
  step(-1, -1);
  step(1, 1);
  const std::size_t before = allocations;
  for (int i = 0; i < 4; ++i) step(0, 1);
  EXPECT_EQ(allocations - before, 0u);
}

INSTANTIATE_TEST_SUITE_P(, ModelAllocationTest,
                         testing::ValuesIn(models::TinyModels()),
                         [](const auto& tested) {
                           return models::TestName(tested.param);
                         });

}  // namespace
}  // namespace tessera::engine
