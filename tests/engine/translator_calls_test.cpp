// Calls: texts, lists and submissions through a model without weights.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <algorithm>
#include <concepts>
#include <stdexcept>
#include <thread>

#include "tests/engine/fake_translator.h"

namespace tessera::engine {
namespace {

std::vector<std::string> Outputs(const std::vector<Translation>& translations) {
  std::vector<std::string> outputs;
  for (const Translation& translation : translations) {
    outputs.emplace_back(translation.text());
  }
  return outputs;
}

using TranslatorTest = FakeTranslator;

TEST_F(TranslatorTest, GivesTextPiecesIdsAndLogProbabilities) {
  const Translation result = translator_.Translate("1 2 3");
  ASSERT_TRUE(result.ok());
  ASSERT_FALSE(result.hypotheses.empty());
  const Hypothesis& best = result.hypotheses.front();
  EXPECT_EQ(best.text, FakeTokenizer(kVocabulary).Decode(best.ids));
  EXPECT_EQ(best.pieces.size(), best.ids.size());
  EXPECT_EQ(best.pieces.back(), "<0>");
  EXPECT_EQ(best.log_probs.size(), best.ids.size());
  EXPECT_EQ(result.text(), best.text);
}

TEST_F(TranslatorTest, GivesHypothesesBestFirst) {
  const Translation result = translator_.Translate("1 2 3", {.beam_size = 5});
  ASSERT_EQ(result.hypotheses.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) {
    EXPECT_GE(result.hypotheses[i - 1].score, result.hypotheses[i].score);
  }
}

TEST_F(TranslatorTest, ListsKeepTheirOrder) {
  const auto texts = Texts(100);
  EXPECT_EQ(Outputs(translator_.TranslateAll(texts)), OneByOne(texts));
}

TEST_F(TranslatorTest, AnEmptyListGivesNothing) {
  EXPECT_TRUE(translator_.TranslateAll(std::vector<std::string>()).empty());
}

TEST_F(TranslatorTest, AnEmptyTextGivesAnEmptyText) {
  for (const char* text : {"", "  \t "}) {
    const Translation result = translator_.Translate(text);
    EXPECT_TRUE(result.ok());
    ASSERT_EQ(result.hypotheses.size(), 1u);
    EXPECT_EQ(result.text(), "");
    EXPECT_TRUE(result.hypotheses.front().ids.empty());
    EXPECT_EQ(result.hypotheses.front().score, 0);
  }
}

TEST_F(TranslatorTest, ATextThatFailsLeavesTheOthersAlone) {
  const std::vector<std::string> texts = {"1", "bad", "2"};
  const auto results = translator_.TranslateAll(texts);
  EXPECT_TRUE(results[0].ok());
  EXPECT_EQ(results[1].error, "text: want numbers, found bad");
  EXPECT_EQ(results[1].error_kind, ErrorKind::kBadText);
  EXPECT_EQ(results[1].text(), "");
  EXPECT_TRUE(results[2].ok());
}

TEST_F(TranslatorTest, OptionsOutOfRangeThrow) {
  EXPECT_THROW(translator_.Translate("1", {.beam_size = 0}), Error);
  EXPECT_THROW(translator_.Check({.max_length = 0}), Error);
  EXPECT_NO_THROW(translator_.Check({.max_length = 9}));
}

TEST_F(TranslatorTest, ManyThreadsMayCallAtOnce) {
  const auto texts = Texts(60);
  const auto expected = OneByOne(texts);
  std::vector<std::jthread> callers;
  for (int caller = 0; caller < 4; ++caller) {
    callers.emplace_back(
        [&] { EXPECT_EQ(Outputs(translator_.TranslateAll(texts)), expected); });
  }
}

// Whether Translate takes two literals in braces, which would be the two ends
// of one string_view; and whether it takes strings in braces.
template <class T>
concept TakesLiterals = requires(const T& t) {
  t.Translate({"a", "b"});
};
template <class T>
concept TakesStrings = requires(const T& t, std::string text) {
  t.Translate({text, text});
};
static_assert(!TakesLiterals<Translator>);
static_assert(!TakesStrings<Translator>);

TEST_F(TranslatorTest, ListsMayBeGivenInBraces) {
  const std::string two = "2 3";
  EXPECT_EQ(Outputs(translator_.TranslateAll({"1", two, "4"})),
            OneByOne({"1", "2 3", "4"}));
  EXPECT_EQ(Outputs(translator_.TranslateAll({two, two})),
            OneByOne({two, two}));
  EXPECT_TRUE(translator_.TranslateAll({}).empty());
  EXPECT_EQ(translator_.TranslateAll({"1"}, {.beam_size = 2})
                .front()
                .hypotheses.size(),
            2u);
}

TEST_F(TranslatorTest, MaxNewTokensIsMaxLengthWithoutTheStartToken) {
  for (const std::size_t tokens : {1u, 3u, 5u}) {
    const Translation by_new =
        translator_.Translate("1 2 3", {.max_new_tokens = tokens});
    const Translation by_length =
        translator_.Translate("1 2 3", {.max_length = tokens + 1});
    ASSERT_TRUE(by_new.ok());
    EXPECT_LE(by_new.hypotheses.front().ids.size(), tokens);
    EXPECT_EQ(by_new.hypotheses.front().ids, by_length.hypotheses.front().ids);
  }
}

TEST_F(TranslatorTest, ASubmittedTextComesBackByCallOrFuture) {
  const std::string expected = OneByOne({"1 2 3"}).front();
  EXPECT_EQ(translator_.Submit("1 2 3").get().text(), expected);
  std::promise<Translation> promise;
  translator_.Submit("1 2 3", {}, [&](Translation done) {
    promise.set_value(std::move(done));
  });
  EXPECT_EQ(promise.get_future().get().text(), expected);
  EXPECT_EQ(translator_.Submit("bad").get().error_kind, ErrorKind::kBadText);
  EXPECT_THROW(translator_.Submit("1", {.beam_size = 0}), Error);
  EXPECT_THROW(translator_.Submit("1", {}, nullptr), Error);
}

TEST_F(TranslatorTest, ManySubmittedTextsEachComeBackOnce) {
  const auto texts = Texts(200);
  std::vector<std::future<Translation>> futures;
  for (const std::string& text : texts) {
    futures.push_back(translator_.Submit(text));
  }
  std::vector<std::string> outputs;
  for (auto& future : futures) outputs.emplace_back(future.get().text());
  EXPECT_EQ(outputs, OneByOne(texts));
}

TEST_F(TranslatorTest, AStoppedTextIsGivenUpWhereItStands) {
  Gate gate;
  const Translator translator = Make(gate.Wait());
  std::stop_source stop;
  // More than the batches hold: some run, some wait.
  std::vector<std::future<Translation>> stopped;
  for (int i = 0; i < 20; ++i) {
    stopped.push_back(translator.Submit("1 2", {}, stop.get_token()));
  }
  gate.WaitForAStep();
  auto other = translator.Submit("3 4");
  stop.request_stop();
  gate.Open();
  for (auto& future : stopped) {
    const Translation result = future.get();
    EXPECT_EQ(result.error, "cancelled");
    EXPECT_EQ(result.error_kind, ErrorKind::kCancelled);
    EXPECT_TRUE(result.hypotheses.empty());
  }
  EXPECT_EQ(other.get().text(), translator_.Translate("3 4").text());
}

TEST_F(TranslatorTest, WaitsForSubmittedTextsBeforeItEnds) {
  std::future<Translation> future;
  {
    const Translator translator = Make();
    future = translator.Submit("1 2 3");
  }
  EXPECT_EQ(future.wait_for(std::chrono::seconds(0)),
            std::future_status::ready);
  EXPECT_TRUE(future.get().ok());
}

TEST_F(TranslatorTest, OneThatWasMovedFromRefusesUntilAnotherIsMovedIn) {
  Translator moved = std::move(translator_);
  EXPECT_TRUE(moved.Translate("1").ok());
  EXPECT_THROW(translator_.Translate("1"), Error);
  EXPECT_THROW(translator_.TranslateAll({"1"}), Error);
  EXPECT_THROW(translator_.Submit("1"), Error);
  EXPECT_THROW(translator_.CountTokens("1"), Error);
  EXPECT_THROW(translator_.info(), Error);
  EXPECT_THROW(translator_.threads(), Error);
  translator_ = std::move(moved);
  EXPECT_TRUE(translator_.Translate("1").ok());
}

TEST_F(TranslatorTest, CountsTheTokensThatTheModelWouldRead) {
  EXPECT_EQ(translator_.CountTokens("1 2 3"), 4u);
  EXPECT_EQ(translator_.CountTokens(""), 1u);
  EXPECT_THROW(translator_.CountTokens("bad"), Error);
  std::string longest = "1";
  while (translator_.CountTokens(longest) <
         translator_.info().max_source_tokens) {
    longest += " 1";
  }
  EXPECT_TRUE(translator_.Translate(longest).ok());
  EXPECT_EQ(translator_.Translate(longest + " 1").error_kind,
            ErrorKind::kTooLong);
}

TEST_F(TranslatorTest, CutsATextThatIsTooLongWhereThatIsWanted) {
  std::string text = "1";
  for (std::size_t i = 1; i < 70; ++i) text += " 1";
  ASSERT_EQ(translator_.CountTokens(text), 71u);
  EXPECT_EQ(translator_.Translate(text).error_kind, ErrorKind::kTooLong);
  const Translation cut = translator_.Translate(text, {.truncate = true});
  ASSERT_TRUE(cut.ok()) << cut.error;
  EXPECT_EQ(cut.truncated_tokens, 71 - translator_.info().max_source_tokens);
  const std::string read = text.substr(0, 2 * 63 - 1);
  const Translation same = translator_.Translate(read, {.truncate = true});
  EXPECT_EQ(same.truncated_tokens, 0u);
  EXPECT_EQ(cut.hypotheses.front().ids, same.hypotheses.front().ids);
  EXPECT_EQ(cut.hypotheses.front().score, same.hypotheses.front().score);
}

TEST_F(TranslatorTest, TellsWhatItsModelIsAndHowItSearches) {
  const ModelInfo& info = translator_.info();
  EXPECT_EQ(info.architecture, "fake");
  EXPECT_EQ(info.source_vocabulary, kVocabulary);
  EXPECT_EQ(info.target_pieces, kVocabulary);
  EXPECT_EQ(info.max_source_tokens, 64u);
  EXPECT_EQ(info.max_target_tokens, 63u);
  EXPECT_EQ(info.beam_size, 4u);
  EXPECT_EQ(info.max_length, 64u);
  EXPECT_EQ(info.length_penalty, 1);
  EXPECT_EQ(info.length_penalty_form, "power");
  EXPECT_EQ(info.early_stopping, "false");
  EXPECT_TRUE(info.unused_tensors.empty());
  EXPECT_EQ(translator_.threads(), kThreads);
}

using TranslatorLoadTest = FakeTranslator;

TEST_F(TranslatorLoadTest, RefusesGenerationDefaultsOutOfRange) {
  models::ModelInfo info = FakeInfo(kVocabulary);
  info.generation.num_beams = 100;
  LoadedModel folder = {
      std::make_unique<FakeModel>(HashedLogits(1, kVocabulary), info),
      std::make_unique<FakeTokenizer>(kVocabulary)};
  EXPECT_THROW(Access::Make(std::move(folder), {}), Error);
}

TEST_F(TranslatorLoadTest, RefusesATokenizerWithMoreTokensThanEmbeddings) {
  const LoadedModel folder = {
      std::make_unique<FakeModel>(HashedLogits(1, kVocabulary),
                                  FakeInfo(kVocabulary)),
      std::make_unique<FakeTokenizer>(kVocabulary + 1)};
  try {
    CheckFit(folder);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "source vocabulary: want at most 50 tokens, as many as the "
                 "model has embeddings, found 51");
  }
}

TEST_F(TranslatorLoadTest, RefusesATokenizerWithAnEndThatIsNotTheModels) {
  auto tokenizer = std::make_unique<FakeTokenizer>(kVocabulary);
  tokenizer->end = 7;
  models::ModelInfo info = FakeInfo(kVocabulary);
  info.generation.eos_token_ids = {0, 2};
  const LoadedModel folder = {
      std::make_unique<FakeModel>(HashedLogits(1, kVocabulary), info),
      std::move(tokenizer)};
  try {
    CheckFit(folder);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "eos_token: want the id 0 or 2, the eos_token_id of outputs, "
                 "found 7");
  }
}

}  // namespace
}  // namespace tessera::engine
