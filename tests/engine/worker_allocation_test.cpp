// That decoding steps allocate no memory, and what happens where there is none.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "engine/translator_impl.h"
#include "engine/worker/batch.h"
#include "kernels/gemm/matrix_layout.h"
#include "tests/engine/fake_tokenizer.h"
#include "tests/engine/random_requests.h"
#include "tests/models/golden.h"

namespace {
std::atomic<std::size_t> allocations = 0;
std::atomic<std::size_t> failing = 0;  // the number of the one that fails
}  // namespace

// Out of line, or GCC sees a new that ends in a free and warns.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (++allocations == failing) throw std::bad_alloc();
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

// Requests of all sizes, none of which finishes within kSteps + 1.
class AllocationTest : public testing::Test {
 protected:
  void Admit(const models::Model& model) {
    models::GenerationConfig generation = model.info().generation;
    generation.min_length = kSteps + 5;
    generation.repetition_penalty = 1.1;
    generation.encoder_repetition_penalty = 1.1;
    generation.no_repeat_ngram_size = 5;
    generation.encoder_no_repeat_ngram_size = 3;
    generation.sequence_bias = {{{3}, 1}, {{4, 5}, -1}};
    generation.length_decay = {.start = 3, .factor = 1.01};
    rules_ = std::make_unique<ModelRules>(generation);
    batch_ = std::make_unique<Batch>(model, *rules_,
                                     Room{.sentences = 16, .rows = 128});
    std::vector<std::unique_ptr<Request>> all;
    for (const std::size_t beams : {1u, 4u, 5u, 8u, 1u, 16u}) {
      SearchOptions options = {.beam_size = beams, .max_length = kSteps + 10};
      all.push_back(Enter({static_cast<std::int32_t>(beams), 2, 0}, options));
      if (beams == 5) continue;
      options.sampling = {.warpers = {.top_k = 9, .top_p = 0.9, .min_p = 0.01}};
      options.n_best = beams == 1 ? 3 : 1;
      all.push_back(Enter({static_cast<std::int32_t>(beams), 3, 0}, options));
    }
    all.push_back(
        Enter({1, 1, 0}, {.alternatives = 4, .max_length = kSteps + 10}));
    all.push_back(Enter({1, 2, 0}, {.beam_size = 6,
                                    .beam_groups = 3,
                                    .diversity_penalty = 1,
                                    .coverage_penalty = 0.2,
                                    .max_length = kSteps + 10}));
    all.push_back(Enter(
        {4, 2, 0},
        {.beam_size = 4, .coverage_penalty = 0.2, .max_length = kSteps + 10}));
    batch_->Admit(all, context_);
  }

  std::unique_ptr<Request> Enter(std::vector<std::int32_t> source,
                                 const SearchOptions& options) {
    return requests_.emplace_back(std::move(source), options).Make();
  }

  void Step(std::size_t steps) {
    for (; steps > 0; --steps) batch_->Step(context_);
  }

  std::unique_ptr<ModelRules> rules_;
  std::deque<IdsRequest> requests_;
  std::unique_ptr<Batch> batch_;
  kernels::ExecContext context_;
};

TEST_F(AllocationTest, SearchesAndBatchAllocateNothingInAStep) {
  const FakeModel model = MakeFakeModel();
  Admit(model);
  const std::size_t before = allocations;
  Step(kSteps);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(batch_->size(), requests_.size());
  while (!batch_->empty()) Step(1);
  EXPECT_GT(allocations - before, 0u);  // outputs: the count does count
}

TEST_F(AllocationTest, TheModelAllocatesNothingOnceItHasSeenItsShapes) {
  const auto model =
      models::LoadModel(models::ModelFolder(models::BundledFolder()));
  Admit(*model);
  Step(2);  // one row a sentence, then all
  const std::size_t before = allocations;
  Step(kSteps - 2);
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(batch_->size(), requests_.size());
}

// Wherever memory runs out, the caller hears of it, and no thread is left over.
TEST(TranslatorMemoryTest, AConstructorThatLacksMemoryThrowsBadAlloc) {
  std::size_t failures = 0;
  for (std::size_t n = 1;; ++n) {
    LoadedModel folder = {std::make_unique<FakeModel>(MakeFakeModel()),
                          std::make_unique<FakeTokenizer>(50)};
    failing = allocations + n;
    try {
      const Translator translator =
          Access::Make(std::move(folder), {.threads = 2});
      failing = 0;
      EXPECT_TRUE(translator.Translate("3 1 2").ok());
      break;
    } catch (const std::bad_alloc&) {
      ++failures;
    }
  }
  EXPECT_GT(failures, 10u);
}

// A call in which memory runs out throws, or its text fails; others go on.
TEST(TranslatorMemoryTest, ACallThatLacksMemoryFailsAlone) {
  const Translator translator =
      Access::Make({std::make_unique<FakeModel>(MakeFakeModel()),
                    std::make_unique<FakeTokenizer>(50)},
                   {.threads = 1});
  const std::string expected(translator.Translate("3 1 2").text());
  for (std::size_t n = 1, succeeded = 0; succeeded < 5; ++n) {
    failing = allocations + n;
    try {
      const Translation result = translator.Translate("3 1 2");
      failing = 0;
      if (result.ok()) {
        ++succeeded;
        EXPECT_EQ(result.text(), expected);
      } else {
        EXPECT_EQ(result.error_kind, ErrorKind::kResources) << result.error;
      }
    } catch (const std::bad_alloc&) {
      failing = 0;
    }
    EXPECT_EQ(translator.Translate("3 1 2").text(), expected) << n;
  }
}

// Two beams of one sentence that fork once.
void ExpectStepsWithoutAllocation(const models::ModelFolder& folder,
                                  kernels::ElementType weights) {
  const auto model = models::LoadModel(folder, {.type = weights});
  kernels::ExecContext context;
  const std::vector<std::int32_t> source = {5, 6, 0}, ends = {0, 3};
  const models::EncoderStates encoded =
      model->Encode({.ids = source, .offsets = ends}, context);
  const auto state = model->Open(1, 2);
  const std::int32_t slot = 0;
  model->Admit(encoded, {&slot, 1}, *state, context);
  const std::int32_t start = model->info().generation.decoder_start_token_id;
  const models::OutputList list = model->Select({0, 3, 5, 7});
  const models::OutputList* const lists[] = {&list, &list};
  const auto step = [&](std::int32_t first, std::int32_t second) {
    const std::span<const std::int32_t> token(&start, 1);
    const models::StepRow rows[] = {{0, first, token}, {0, second, token}};
    const auto states = model->Step(rows, *state, context);
    model->Project(states.last, {}, 2, *state, context);
    model->Project(states.last, {.lists = lists}, 2, *state, context);
  };
  step(-1, -1);
  step(1, 1);
  const std::size_t before = allocations;
  for (int i = 0; i < 4; ++i) step(0, 1);
  EXPECT_EQ(allocations - before, 0u);
}

class ModelAllocationTest : public testing::TestWithParam<std::string> {};

TEST_P(ModelAllocationTest, AStepAllocatesNothingOnceItHasSeenItsShapes) {
  const models::ModelFolder folder(models::GoldenFolder() / GetParam());
  for (const kernels::ElementType weights : kernels::kWeightTypes) {
    ExpectStepsWithoutAllocation(folder, weights);
  }
}

INSTANTIATE_TEST_SUITE_P(, ModelAllocationTest,
                         testing::ValuesIn(models::TinyModels()),
                         [](const auto& tested) {
                           return models::TestName(tested.param);
                         });

}  // namespace
}  // namespace tessera::engine
