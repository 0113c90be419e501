// Requests that are decoded together.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <new>
#include <stdexcept>

#include "engine/worker/batch.h"
#include "tests/engine/fake_tokenizer.h"
#include "tests/engine/random_requests.h"

namespace tessera::engine {
namespace {

constexpr Room kCapacity = {.sentences = 8, .rows = 40};

class BatchTest : public testing::Test {
 protected:
  void Admit(std::vector<std::unique_ptr<Request>> requests) {
    batch_.Admit(requests, context_);
  }
  void Admit(std::initializer_list<IdsRequest*> requests) {
    std::vector<std::unique_ptr<Request>> made;
    for (IdsRequest* request : requests) made.push_back(request->Make());
    Admit(std::move(made));
  }
  void Step() { batch_.Step(context_); }
  void Finish() {
    while (!batch_.empty()) Step();
  }

  FakeModel model_ = MakeFakeModel();
  ModelRules rules_{model_.info().generation};
  kernels::ExecContext context_;
  Batch batch_{model_, rules_, kCapacity};
  SearchOptions beams_ = {.beam_size = 4, .max_length = 40};
};

TEST_F(BatchTest, EveryRequestBecomesWhatItBecomesAlone) {
  auto requests = RandomRequests(200, 50, 1);
  auto next = requests.begin();
  while (next != requests.end() || !batch_.empty()) {
    while (next != requests.end() && batch_.room().sentences > 0 &&
           batch_.room().rows >= next->options().beam_size) {
      Admit({&*next++});
    }
    Step();
  }
  for (const IdsRequest& request : requests) {
    ExpectAsAlone(model_, request, request.result());
  }
}

TEST_F(BatchTest, RenormalizedBeamsShareABatchWithOthers) {
  auto info = model_.info();
  info.generation.renormalize_logits = true;
  const FakeModel model(model_.logits, info);
  const ModelRules rules(info.generation);
  Batch batch(model, rules, kCapacity);
  auto requests = RandomRequests(6, 50, 2);
  std::vector<std::unique_ptr<Request>> all;
  for (IdsRequest& request : requests) all.push_back(request.Make());
  batch.Admit(all, context_);
  while (!batch.empty()) batch.Step(context_);
  for (const IdsRequest& request : requests) {
    ExpectAsAlone(model, request, request.result());
  }
}

TEST_F(BatchTest, RequestsTakeRoomUntilTheyHaveFinished) {
  IdsRequest a({1, 2}, beams_);
  IdsRequest b({3}, {.beam_size = 1, .max_length = 2});
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
  IdsRequest good({1, 2}, beams_);
  IdsRequest longest(std::vector<std::int32_t>(64, 1), beams_);
  IdsRequest too_long(std::vector<std::int32_t>(65, 1), beams_);
  Admit({&too_long, &good, &longest});
  EXPECT_EQ(too_long.result().error,
            "source has 65 tokens, the model takes 64");
  EXPECT_EQ(too_long.result().error_kind, ErrorKind::kTooLong);
  Finish();
  EXPECT_TRUE(good.result().ok());
  EXPECT_TRUE(longest.result().ok());
}

TEST_F(BatchTest, AnEmptySourceGivesAnEmptyOutput) {
  IdsRequest empty({}, beams_);
  Admit({&empty});
  EXPECT_TRUE(batch_.empty());
  EXPECT_TRUE(empty.result().ok());
  ASSERT_EQ(empty.result().hypotheses.size(), 1u);
  EXPECT_TRUE(empty.result().hypotheses[0].ids.empty());
  EXPECT_EQ(empty.result().hypotheses[0].score, 0);
}

// Reads a text, and fails to write one.
class BrokenTokenizer final : public FakeTokenizer {
 public:
  using FakeTokenizer::FakeTokenizer;
  std::string DecodeWith(std::span<const std::int32_t>,
                         std::span<const std::string>) const override {
    throw Error("no text");
  }
};

// What becomes of a text beside another request.
class TextTest : public BatchTest {
 protected:
  Translation Translate(const std::string& text, const Tokenizer& tokenizer) {
    Translation result;
    std::vector<std::unique_ptr<Request>> requests;
    requests.push_back(std::make_unique<Request>(
        Request{.text = text,
                .tokenizer = &tokenizer,
                .options = beams_,
                .sink = [&](Translation done) { result = std::move(done); }}));
    IdsRequest good({1, 2}, beams_);
    requests.push_back(good.Make());
    Admit(std::move(requests));
    Finish();
    ExpectAsAlone(model_, good, good.result());
    return result;
  }
};

TEST_F(TextTest, ATextThatCannotBeReadFailsAlone) {
  const Translation bad = Translate("bad", FakeTokenizer(50));
  EXPECT_EQ(bad.error, "text: want numbers, found bad");
  EXPECT_EQ(bad.error_kind, ErrorKind::kBadText);
}

TEST_F(TextTest, OutputsThatCannotBeTakenFailAlone) {
  const Translation bad = Translate("1 2", BrokenTokenizer(50));
  EXPECT_EQ(bad.error, "no text");
  EXPECT_EQ(bad.error_kind, ErrorKind::kInternal);
  EXPECT_TRUE(bad.hypotheses.empty());
}

TEST_F(BatchTest, AStoppedRequestThatHasNotBegunIsDropped) {
  IdsRequest stopped({1, 2}, beams_);
  IdsRequest other({3}, beams_);
  stopped.Stop();
  model_.on_encode = [](std::size_t) { FAIL() << "encodes"; };
  Admit({&stopped});
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(stopped.result().error, "cancelled");
  EXPECT_EQ(stopped.result().error_kind, ErrorKind::kCancelled);
  model_.on_encode = nullptr;
  Admit({&other});
  Finish();
  ExpectAsAlone(model_, other, other.result());
}

TEST_F(BatchTest, AStoppedRequestLeavesBeforeTheNextStepAndFreesItsRoom) {
  IdsRequest stopped({1, 2}, beams_);
  Admit({&stopped});
  Step();
  stopped.Stop();
  model_.on_step = [](std::size_t) { FAIL() << "decodes"; };
  Step();
  EXPECT_EQ(stopped.result().error_kind, ErrorKind::kCancelled);
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(batch_.room().sentences, kCapacity.sentences);
  EXPECT_EQ(batch_.room().rows, kCapacity.rows);
}

TEST_F(BatchTest, RequestsBesideStoppedOnesKeepTheirBits) {
  auto requests = RandomRequests(150, 50, 6);
  std::size_t next = 0, step = 0;
  while (next < requests.size() || !batch_.empty()) {
    while (next < requests.size() && batch_.room().sentences > 0 &&
           batch_.room().rows >= requests[next].options().beam_size) {
      Admit({&requests[next++]});
    }
    if (++step % 2 == 0) requests[next - 1 - step % 5].Stop();
    Step();
  }
  std::size_t stopped = 0;
  for (const IdsRequest& request : requests) {
    if (request.result().error_kind == ErrorKind::kCancelled) {
      ++stopped;
    } else {
      ExpectAsAlone(model_, request, request.result());
    }
  }
  EXPECT_GT(stopped, 20u);
  EXPECT_LT(stopped, 130u);
}

// The same tokens once as a prompt, once with the last of them forced: outputs
// differ in that token alone. Without a length penalty, for which it counts.
TEST_F(BatchTest, APromptGivesWhatItsTokensGiveByForce) {
  std::vector<std::int32_t> prompt = {49};
  for (const std::int32_t token : {7, 3, 11, 3, 20}) {
    const RequestRules forced = {.prompt = prompt, .forced_first = token};
    prompt.push_back(token);
    for (const std::size_t beams : {1u, 4u}) {
      const SearchOptions options = {
          .beam_size = beams, .length_penalty = 0, .max_length = 30};
      IdsRequest read({1, 2}, options, {.prompt = prompt});
      IdsRequest written({1, 2}, options, forced);
      Admit({&read, &written});
      Finish();
      ASSERT_EQ(read.result().error, "");
      ASSERT_EQ(read.result().hypotheses.size(), beams);
      ASSERT_EQ(written.result().hypotheses.size(), beams);
      for (std::size_t i = 0; i < beams; ++i) {
        Hypothesis expected = written.result().hypotheses[i];
        EXPECT_EQ(expected.ids.front(), token);
        expected.ids.erase(expected.ids.begin());
        expected.log_probs.erase(expected.log_probs.begin());
        const Hypothesis& found = read.result().hypotheses[i];
        EXPECT_EQ(found.ids, expected.ids);
        EXPECT_EQ(found.log_probs, expected.log_probs);
        EXPECT_EQ(found.score, expected.score);
      }
    }
  }
}

TEST_F(BatchTest, MaxNewTokensDoesNotCountThePrompt) {
  const RequestRules own = {.prompt = {49, 1, 2, 3}};
  IdsRequest some({1}, {.beam_size = 2, .max_new_tokens = 2}, own);
  IdsRequest all({1}, {.beam_size = 1, .max_new_tokens = 63}, own);
  Admit({&some, &all});
  Finish();
  ASSERT_TRUE(some.result().ok());
  EXPECT_LE(some.result().hypotheses.front().ids.size(), 2u);
  EXPECT_TRUE(all.result().ok()) << all.result().error;  // positions suffice
}

TEST_F(BatchTest, APromptWithoutRoomBehindItFailsAlone) {
  const RequestRules own = {.prompt = {49, 1, 2, 3}};
  IdsRequest bad({1}, {.beam_size = 2, .max_length = 4}, own);
  IdsRequest good({1, 2}, beams_);
  Admit({&bad, &good});
  Finish();
  EXPECT_EQ(bad.result().error,
            "the decoder's prompt has 4 tokens, the model takes 3");
  EXPECT_EQ(bad.result().error_kind, ErrorKind::kTooLong);
  ExpectAsAlone(model_, good, good.result());
}

TEST_F(BatchTest, AnErrorOfTheEncoderFailsOnlyNewRequests) {
  IdsRequest before({1, 2}, beams_);
  Admit({&before});
  Step();
  model_.on_encode = [](std::size_t) { throw std::bad_alloc(); };
  IdsRequest a({3}, beams_);
  IdsRequest b({4}, beams_);
  Admit({&a, &b});
  model_.on_encode = nullptr;
  EXPECT_EQ(a.result().error, "out of memory");
  EXPECT_EQ(b.result().error, "out of memory");
  EXPECT_EQ(b.result().error_kind, ErrorKind::kResources);
  IdsRequest after({5}, beams_);
  Admit({&after});
  Finish();
  ExpectAsAlone(model_, before, before.result());
  ExpectAsAlone(model_, after, after.result());
}

TEST_F(BatchTest, AnErrorOfAStepFailsWhatRunsAndTheNextOnesSucceed) {
  IdsRequest a({1, 2}, beams_);
  IdsRequest b({3}, {.beam_size = 2, .max_length = 40});
  Admit({&a, &b});
  Step();
  model_.on_step = [](std::size_t) { throw std::runtime_error("broken"); };
  Step();
  model_.on_step = nullptr;
  EXPECT_TRUE(batch_.empty());
  EXPECT_EQ(a.result().error, "broken");
  EXPECT_EQ(b.result().error, "broken");
  EXPECT_EQ(b.result().error_kind, ErrorKind::kInternal);
  IdsRequest after({5}, beams_);
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
  const ModelRules rules(info.generation);
  Batch batch(model, rules, kCapacity);
  IdsRequest greedy({1}, {.beam_size = 1, .max_length = 9});
  IdsRequest beams({1}, beams_);
  std::vector<std::unique_ptr<Request>> all;
  all.push_back(greedy.Make());
  all.push_back(beams.Make());
  batch.Admit(all, context_);
  batch.Step(context_);
  EXPECT_TRUE(batch.empty());
  EXPECT_FALSE(greedy.result().ok());
  EXPECT_FALSE(beams.result().ok());
}

}  // namespace
}  // namespace tessera::engine
