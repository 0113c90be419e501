// Texts told of while they come, and the ends of time limits.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <fstream>
#include <future>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/request/text_growth.h"
#include "tests/engine/fake_translator.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

struct Told {
  std::vector<std::string> texts;
  Ids ids;
  Translation result;

  std::string Text() const {
    std::string text;
    for (const std::string& one : texts) text += one;
    return text;
  }
};

Told Submit(const Translator& translator, const std::string& text,
            const TranslateOptions& options) {
  Told told;
  std::promise<void> done;
  translator.Submit(
      text, options,
      [&](const Growth& growth) {
        told.texts.emplace_back(growth.text);
        told.ids.insert(told.ids.end(), growth.ids.begin(), growth.ids.end());
      },
      [&](Translation result) {
        told.result = std::move(result);
        done.set_value();
      });
  done.get_future().wait();
  return told;
}

void ExpectWhole(const Told& told) {
  ASSERT_TRUE(told.result.ok()) << told.result.error;
  EXPECT_EQ(told.Text(), told.result.text());
  EXPECT_EQ(told.ids, told.result.hypotheses.front().ids);
}

using GrowthTest = FakeTranslator;

TEST_F(GrowthTest, TellsEachTokenOfGreedySearch) {
  for (const std::string& text : Texts(40)) {
    const Told told = Submit(translator_, text, {.beam_size = 1});
    ExpectWhole(told);
    EXPECT_EQ(told.texts.size(), told.ids.size());
  }
}

TEST_F(GrowthTest, TellsWhatAllBeamsHaveInCommon) {
  std::size_t before_the_end = 0;
  for (const std::string& text : Texts(40)) {
    for (const std::size_t beams : {2u, 4u, 9u}) {
      const Told told = Submit(translator_, text, {.beam_size = beams});
      ExpectWhole(told);
      EXPECT_EQ(told.result.hypotheses.front().log_probs,
                translator_.Translate(text, {.beam_size = beams})
                    .hypotheses.front()
                    .log_probs);
      before_the_end += told.texts.size() - 1;
    }
  }
  EXPECT_GT(before_the_end, 0u);
}

TEST_F(GrowthTest, TellsWhatIsDrawnAndWhatAPrefixHas) {
  const std::vector<TranslateOptions> several = {
      {.beam_size = 1, .sample = true},
      {.beam_size = 1, .n_best = 3, .sample = true},
      {.beam_size = 1, .alternatives = 3},
      {.beam_size = 1, .target_prefix = {5, 6}},
      {.beam_size = 1, .sample = true, .target_prefix = {5, 6}},
      {.beam_size = 3, .target_prefix = {5, 6}}};
  for (const std::string& text : Texts(10)) {
    for (const TranslateOptions& options : several) {
      const Told told = Submit(translator_, text, options);
      ExpectWhole(told);
      if (options.beam_size == 1 && options.target_prefix.empty()) {
        EXPECT_EQ(told.texts.size(), told.ids.size());
      }
    }
  }
}

TEST_F(GrowthTest, TellsOfABlankTextAndNothingOfOneThatFails) {
  ExpectWhole(Submit(translator_, "", {}));
  ExpectWhole(Submit(translator_, " \n", {.split = TextSplit::kSentences}));
  const Told told = Submit(translator_, "bad", {});
  EXPECT_FALSE(told.result.ok());
  EXPECT_TRUE(told.texts.empty());
}

TEST_F(GrowthTest, AStopInACallTakesEffectBeforeTheNextToken) {
  std::string text;  // one whose output is long enough
  for (const std::string& one : Texts(40)) {
    const Translation output = translator_.Translate(one, {.beam_size = 1});
    if (output.hypotheses.front().ids.size() > 3) text = one;
  }
  ASSERT_NE(text, "");
  std::stop_source stop;
  std::promise<Translation> done;
  std::size_t calls = 0;
  translator_.Submit(
      text, {.beam_size = 1},
      [&](const Growth&) {
        ++calls;
        stop.request_stop();
      },
      [&](Translation result) { done.set_value(std::move(result)); },
      stop.get_token());
  EXPECT_EQ(done.get_future().get().error_kind, ErrorKind::kCancelled);
  EXPECT_EQ(calls, 1u);
}

class BundledGrowthTest : public testing::Test {
 protected:
  static std::vector<std::string> Sentences() {
    std::ifstream lines(models::GoldenFolder() / "bundled/sentences.txt");
    std::vector<std::string> sentences;
    for (std::string line; std::getline(lines, line);) {
      sentences.push_back(line);
    }
    return sentences;
  }
  const Translator translator_{models::BundledFolder(), {.threads = 2}};
};

TEST_F(BundledGrowthTest, OfRealOutputsIsTheirText) {
  for (const std::string& sentence : Sentences()) {
    for (const std::size_t beams : {1u, 4u}) {
      for (const TextSplit split : {TextSplit::kNone, TextSplit::kSentences}) {
        SCOPED_TRACE(sentence);
        ExpectWhole(Submit(translator_, sentence,
                           {.beam_size = beams, .split = split}));
      }
    }
  }
}

TEST_F(BundledGrowthTest, OfASplitTextComesInItsOrder) {
  const Told told = Submit(
      translator_,
      "  I am tired and I would like to go home now.\tNo. \n Why? Tom left. ",
      {.beam_size = 1});
  ExpectWhole(told);
  EXPECT_GT(told.texts.size(), 10u);
}

// Bytes as tokens, and a mark that takes the space before it away.
class ByteTokens final : public FakeTokenizer {
 public:
  ByteTokens() : FakeTokenizer(256) {}
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string>) const override {
    std::string bytes;
    for (const std::int32_t id : ids) {
      if (id == '.' && bytes.ends_with(' ')) bytes.pop_back();
      bytes += static_cast<char>(id);
    }
    return ReplaceInvalid(bytes, "\xEF\xBF\xBD");
  }
  bool moves_spaces() const override { return true; }
};

TEST(TextGrowthTest, TellsWholeCharactersAndSpacesThatStay) {
  const ByteTokens tokenizer;
  const std::string bytes = "caf\u00E9 \u5C71\u7530 . \U0001F44D it .";
  Ids ids;
  for (const char byte : bytes) {
    ids.push_back(static_cast<unsigned char>(byte));
  }
  std::string told;
  Ids told_ids;
  TextGrowth growth(tokenizer, [&](const Growth& more) {
    EXPECT_EQ(ValidUtf8Prefix(more.text), more.text.size());
    EXPECT_EQ(more.text.find("\xEF\xBF\xBD"), std::string_view::npos);
    told += more.text;
    told_ids.insert(told_ids.end(), more.ids.begin(), more.ids.end());
  });
  for (std::size_t count = 1; count < ids.size(); ++count) {
    growth.Extend(std::span(ids).first(count));
  }
  growth.Finish(ids, tokenizer.Decode(ids));
  EXPECT_EQ(told, "caf\u00E9 \u5C71\u7530. \U0001F44D it.");
  EXPECT_EQ(told_ids, ids);
}

TEST_F(GrowthTest, ATimeLimitEndsATextAndLeavesTheOthersAlone) {
  Gate gate;
  const Translator slow = Make(gate.Wait());
  std::future<Translation> limited =
      slow.Submit("1 2", {.time_limit = std::chrono::milliseconds(1)});
  std::future<Translation> free = slow.Submit("3 4");
  gate.WaitForAStep();
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  gate.Open();
  const Translation given_up = limited.get();
  EXPECT_EQ(given_up.error_kind, ErrorKind::kTimeLimit);
  EXPECT_EQ(given_up.error, "the time limit has passed");
  const Translation kept = free.get();
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept.hypotheses.front().log_probs,
            translator_.Translate("3 4").hypotheses.front().log_probs);
  EXPECT_TRUE(slow.Translate("1 2").ok());
}

TEST_F(GrowthTest, ATimeLimitIsAboveZeroAndMayBeLong) {
  EXPECT_THROW(translator_.Check({.time_limit = std::chrono::milliseconds(0)}),
               Error);
  EXPECT_TRUE(
      translator_.Translate("1", {.time_limit = std::chrono::hours(24)}).ok());
}

}  // namespace
}  // namespace tessera::engine
