// Unknown tokens of outputs, and words that take their place.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <string>
#include <vector>

#include "tests/engine/fake_translator.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

constexpr std::int32_t kUnknown = 7;

class ReplaceUnknownTest : public FakeTranslator {
 protected:
  static LoadedModel FolderWithUnknown() {
    LoadedModel folder = Folder();
    auto tokenizer = std::make_unique<FakeTokenizer>(kVocabulary);
    tokenizer->unknown = kUnknown;
    folder.tokenizer = std::move(tokenizer);
    return folder;
  }

  // Outputs have the unknown token often.
  static TranslateOptions Often(std::size_t beams) {
    TranslateOptions options = {.beam_size = beams, .max_new_tokens = 8};
    options.sequence_bias = {{.tokens = {kUnknown}, .bias = 3}};
    options.replace_unknown = true;
    return options;
  }

  const Translator translator_ =
      Access::Make(FolderWithUnknown(), {.threads = 2, .batch_size = 4});
};

// The text of an output with the word of the largest weight for each.
std::string Expected(const Hypothesis& output,
                     const std::vector<std::string>& words) {
  const std::size_t columns = output.attention.size() / output.ids.size();
  std::string text;
  for (std::size_t row = 0; row < output.ids.size(); ++row) {
    if (output.ids[row] == 0) continue;
    const auto weights =
        output.attention.begin() + static_cast<std::ptrdiff_t>(row * columns);
    const auto best =
        std::max_element(weights,
                         weights + static_cast<std::ptrdiff_t>(words.size())) -
        weights;
    text.append(text.empty() ? "" : " ")
        .append(output.ids[row] == kUnknown
                    ? words[static_cast<std::size_t>(best)]
                    : std::to_string(output.ids[row]));
  }
  return text;
}

TEST_F(ReplaceUnknownTest, TheyBecomeTheWordsThatTheyLookAtMost) {
  std::size_t replaced = 0;
  for (const std::size_t beams : {1u, 4u}) {
    for (int i = 1; i < 20; ++i) {
      const std::string number = std::to_string(20 + i);
      const std::string text = number + " snow 5  man";
      TranslateOptions options = Often(beams);
      const Translation plain = translator_.Translate(text, options);
      options.alignments = true;
      const Translation aligned = translator_.Translate(text, options);
      ASSERT_EQ(plain.hypotheses.size(), aligned.hypotheses.size());
      for (std::size_t k = 0; k < plain.hypotheses.size(); ++k) {
        const Hypothesis& output = aligned.hypotheses[k];
        EXPECT_EQ(output.text, Expected(output, {number, "snow", "5", "man"}));
        EXPECT_EQ(plain.hypotheses[k].text, output.text);
        EXPECT_EQ(plain.hypotheses[k].ids, output.ids);
        EXPECT_TRUE(plain.hypotheses[k].attention.empty());
        EXPECT_TRUE(plain.hypotheses[k].alignment.empty());
        replaced +=
            static_cast<std::size_t>(std::ranges::count(output.ids, kUnknown));
      }
      EXPECT_TRUE(plain.source_pieces.empty());
    }
  }
  EXPECT_GT(replaced, 50u);
}

TEST_F(ReplaceUnknownTest, WithoutTheOptionTheyStay) {
  TranslateOptions options = Often(1);
  options.replace_unknown = false;
  const Translation result = translator_.Translate("21 snow", options);
  EXPECT_NE(result.text().find("7"), std::string_view::npos);
  EXPECT_EQ(result.text().find("snow"), std::string_view::npos);
}

TEST_F(ReplaceUnknownTest, WhatIsToldOfAnOutputIsItsText) {
  std::size_t replaced = 0;
  for (int i = 1; i < 20; ++i) {
    std::string told;
    std::promise<Translation> done;
    translator_.Submit(
        std::to_string(i + 20) + " snow", Often(i % 2 == 0 ? 1 : 4),
        [&](const Growth& growth) { told += growth.text; },
        [&](Translation result) { done.set_value(std::move(result)); });
    const Translation result = done.get_future().get();
    EXPECT_EQ(told, result.text());
    replaced += result.text().find("snow") != std::string_view::npos ? 1u : 0u;
  }
  EXPECT_GT(replaced, 5u);
}

TEST_F(ReplaceUnknownTest, UnknownWordsOfATextAreTold) {
  const Translation result = translator_.Translate("21 snow 5  man");
  ASSERT_EQ(result.unknown.size(), 2u);
  EXPECT_EQ(result.unknown[0].text, "snow");
  EXPECT_EQ(result.unknown[0].begin, 3u);
  EXPECT_EQ(result.unknown[1].text, "man");
  EXPECT_EQ(result.unknown[1].end, 14u);
  EXPECT_TRUE(translator_.Translate("21 5").unknown.empty());
}

TEST_F(ReplaceUnknownTest, OfSentencesTheyStandInTheText) {
  const std::string text = "21 snow. A man 5 comes.";
  const Translation result =
      translator_.Translate(text, {.split = TextSplit::kSentences});
  ASSERT_EQ(result.sentences.size(), 2u);
  std::vector<std::string> words;
  for (const UnknownWord& word : result.unknown) {
    EXPECT_EQ(word.text, text.substr(word.begin, word.end - word.begin));
    words.push_back(word.text);
  }
  EXPECT_EQ(words, (std::vector<std::string>{"snow.", "A", "man", "comes."}));
}

// Pieces of SentencePiece: the word joins what stands beside it.
TEST(ReplaceUnknownOfBundledTest, AWordTakesThePlaceOfAPiece) {
  const Translator translator(models::BundledFolder());
  constexpr std::int32_t kUnk = 1;
  TranslateOptions options = {.beam_size = 1, .max_new_tokens = 12};
  options.target_prefix = {kUnk};
  options.replace_unknown = true;
  const Translation result = translator.Translate("☃", options);
  ASSERT_TRUE(result.ok()) << result.error;
  EXPECT_TRUE(result.unknown.empty());  // there are tokens of its bytes
  EXPECT_TRUE(result.text().starts_with("☃")) << result.text();
  EXPECT_EQ(result.hypotheses.front().pieces.front(), "<unk>");
}

}  // namespace
}  // namespace tessera::engine
