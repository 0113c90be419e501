// Sentences that are decoded together.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <new>
#include <stdexcept>

#include "engine/worker/batch.h"
#include "tests/engine/random_sentences.h"

namespace tessera::engine {
namespace {

constexpr Room kCapacity = {.sentences = 8, .rows = 40};

class BatchTest : public testing::Test {
 protected:
  void Admit(std::vector<Sentence*> sentences) {
    batch_.Admit(sentences, context_);
  }
  void Step() { batch_.Step(context_); }
  void Finish() {
    while (!batch_.empty()) Step();
  }

  FakeModel model_ = MakeFakeModel();
  TokenRules rules_{model_.info().generation};
  kernels::ExecContext context_;
  Batch batch_{model_, rules_, kCapacity};
  SearchOptions beams_ = {.beam_size = 4, .max_length = 40};
};

TEST_F(BatchTest, EverySentenceBecomesWhatItBecomesAlone) {
  auto sentences = RandomSentences(200, 50, 1);
  auto next = sentences.begin();
  while (next != sentences.end() || !batch_.empty()) {
    while (next != sentences.end() && batch_.room().sentences > 0 &&
           batch_.room().rows >= next->options().beam_size) {
      Admit({&*next++});
    }
    Step();
  }
  for (const IdsSentence& sentence : sentences) {
    ExpectAsAlone(model_, sentence, sentence.result());
  }
}

TEST_F(BatchTest, RenormalizedBeamsShareABatchWithOthers) {
  auto info = model_.info();
  info.generation.renormalize_logits = true;
  const FakeModel model(model_.logits, info);
  const TokenRules rules(info.generation);
  Batch batch(model, rules, kCapacity);
  auto sentences = RandomSentences(6, 50, 2);
  std::vector<Sentence*> all;
  for (IdsSentence& sentence : sentences) all.push_back(&sentence);
  batch.Admit(all, context_);
  while (!batch.empty()) batch.Step(context_);
  for (const IdsSentence& sentence : sentences) {
    ExpectAsAlone(model, sentence, sentence.result());
  }
}

TEST_F(BatchTest, SentencesTakeRoomUntilTheyHaveFinished) {
  IdsSentence a({1, 2}, beams_);
  IdsSentence b({3}, {.beam_size = 1, .max_length = 2});
  Admit({&a, &b});
  EXPECT_EQ(batch_.size(), 2u);
  EXPECT_EQ(batch_.room().sentences, kCapacity.sentences - 2);
  EXPECT_EQ(batch_.room().rows, kCapacity.rows - 5);
  Step();
  EXPECT_EQ(batch_.size(), 1u);
  EXPECT_EQ(b.result().hypotheses.size(), 1u);
  EXPECT_EQ(batch_.room().rows, kCapacity.rows - 4);
  Finish();
  EXPECT_EQ(batch_.room().sentences, kCapacity.sentences);
  EXPECT_EQ(batch_.room().rows, kCapacity.rows);
}

TEST_F(BatchTest, ASourceThatIsTooLongFailsAlone) {
  IdsSentence good({1, 2}, beams_);
  IdsSentence longest(std::vector<std::int32_t>(64, 1), beams_);
  IdsSentence too_long(std::vector<std::int32_t>(65, 1), beams_);
  Admit({&too_long, &good, &longest});
  EXPECT_EQ(too_long.result().error,
            "source has 65 tokens, the model takes 64");
  Finish();
  EXPECT_TRUE(good.result().ok());
  EXPECT_TRUE(longest.result().ok());
}

TEST_F(BatchTest, AnEmptySourceGivesAnEmptyOutput) {
  IdsSentence empty({}, beams_);
  Admit({&empty});
  EXPECT_TRUE(batch_.empty());
  EXPECT_TRUE(empty.result().ok());
  ASSERT_EQ(empty.result().hypotheses.size(), 1u);
  EXPECT_TRUE(empty.result().hypotheses[0].ids.empty());
  EXPECT_EQ(empty.result().hypotheses[0].score, 0);
}

class Unreadable : public IdsSentence {
 public:
  using IdsSentence::IdsSentence;
  std::vector<std::int32_t> Encode() override { throw Error("not UTF-8"); }
};

TEST_F(BatchTest, ATextThatCannotBeReadFailsAlone) {
  Unreadable bad({}, beams_);
  IdsSentence good({1, 2}, beams_);
  Admit({&bad, &good});
  Finish();
  EXPECT_EQ(bad.result().error, "not UTF-8");
  ExpectAsAlone(model_, good, good.result());
}

class Undecodable : public IdsSentence {
 public:
  using IdsSentence::IdsSentence;
  void Finish(std::vector<Hypothesis>) override { throw Error("no text"); }
};

TEST_F(BatchTest, OutputsThatCannotBeTakenFailAlone) {
  Undecodable bad({1, 2}, beams_);
  IdsSentence good({1, 2}, beams_);
  Admit({&bad, &good});
  Finish();
  EXPECT_EQ(bad.result().error, "no text");
  ExpectAsAlone(model_, good, good.result());
}

TEST_F(BatchTest, AnErrorOfTheEncoderFailsOnlyNewSentences) {
  IdsSentence before({1, 2}, beams_);
  Admit({&before});
  Step();
  model_.on_encode = [](std::size_t) { throw std::bad_alloc(); };
  IdsSentence a({3}, beams_);
  IdsSentence b({4}, beams_);
  Admit({&a, &b});
  model_.on_encode = nullptr;
  EXPECT_EQ(a.result().error, "out of memory");
  EXPECT_EQ(b.result().error, "out of memory");
  IdsSentence after({5}, beams_);
  Admit({&after});
  Finish();
  ExpectAsAlone(model_, before, before.result());
  ExpectAsAlone(model_, after, after.result());
}

TEST_F(BatchTest, AnErrorOfAStepFailsWhatRunsAndTheNextOnesSucceed) {
  IdsSentence a({1, 2}, beams_);
  IdsSentence b({3}, {.beam_size = 2, .max_length = 40});
  Admit({&a, &b});
  Step();
  model_.on_step = [](std::size_t) { throw std::runtime_error("broken"); };
  Step();
  model_.on_step = nullptr;
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(a.result().error, "broken");
  EXPECT_EQ(b.result().error, "broken");
  IdsSentence after({5}, beams_);
  Admit({&after});
  Finish();
  ExpectAsAlone(model_, after, after.result());
}

TEST_F(BatchTest, ASearchWithoutOutputFailsAlone) {
  auto info = model_.info();
  for (std::int32_t token = 0; token < 50; ++token) {
    info.generation.begin_suppress_tokens.push_back(token);
  }
  const FakeModel model(model_.logits, info);
  const TokenRules rules(info.generation);
  Batch batch(model, rules, kCapacity);
  IdsSentence greedy({1}, {.beam_size = 1, .max_length = 9});
  IdsSentence beams({1}, beams_);
  std::vector<Sentence*> all = {&greedy, &beams};
  batch.Admit(all, context_);
  batch.Step(context_);
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(greedy.result().ok());
  EXPECT_FALSE(beams.result().ok());
}

}  // namespace
}  // namespace tessera::engine
