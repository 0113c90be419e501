// Texts of several sentences: results, errors, and documents put together.
#include <gtest/gtest.h>
#include <tessera/stream.h>

#include <random>
#include <string>
#include <vector>

#include "tests/engine/fake_translator.h"

namespace tessera::engine {
namespace {

// Takes any text; an output is its ids in double brackets.
class BracketTokenizer final : public FakeTokenizer {
 public:
  using FakeTokenizer::FakeTokenizer;

  EncodedText Encode(std::string_view text) const override {
    CheckText(text);
    EncodedText encoded;
    for (const std::string_view word : SplitSpace(text)) {
      if (word == "bad") throw TextError(ErrorKind::kBadText, "found bad");
      encoded.ids.push_back(static_cast<std::int32_t>(1 + word.size() % 40));
    }
    encoded.empty = encoded.ids.empty();
    encoded.ids.push_back(0);
    return encoded;
  }
  std::string DecodeWith(std::span<const std::int32_t> ids,
                         std::span<const std::string> words) const override {
    return "\u27E6" + FakeTokenizer::DecodeWith(ids, words) + "\u27E7";
  }
};

class SplitTest : public FakeTranslator {
 protected:
  static Translator MakeSplitting(models::TextSplit split) {
    HashedLogits logits(11, kVocabulary);
    logits.eos_bias = 2;
    models::ModelInfo info = FakeInfo(kVocabulary);
    info.generation.split = split;
    return Access::Make({std::make_unique<FakeModel>(logits, info),
                         std::make_unique<BracketTokenizer>(kVocabulary)},
                        {.threads = kThreads, .batch_size = kBatchSize});
  }

  const TranslateOptions whole_ = {.split = TextSplit::kNone};

  Translator splits_ = MakeSplitting(models::TextSplit::kSentences);
};

TEST_F(SplitTest, TranslatesEachSentenceByItself) {
  const std::string text = " Tom left.  Mary is here, too.\nWhy? ";
  const Translation whole = splits_.Translate(text);
  ASSERT_TRUE(whole.ok());
  std::vector<std::string> parts;
  for (const char* one : {"Tom left.", "Mary is here, too.", "Why?"}) {
    parts.emplace_back(splits_.Translate(one, whole_).text());
  }
  EXPECT_EQ(whole.text(),
            " " + parts[0] + "  " + parts[1] + "\n" + parts[2] + " ");
  ASSERT_EQ(whole.sentences.size(), 3u);
  EXPECT_EQ(whole.sentences[0].begin, 1u);
  EXPECT_EQ(whole.sentences[0].end, 10u);
  EXPECT_EQ(whole.sentences[2].hypotheses[0].text, parts[2]);
}

TEST_F(SplitTest, PutsIdsAndScoresOfTheSentencesTogether) {
  const Translation whole =
      splits_.Translate("Tom left. Why?", {.beam_size = 3});
  const Translation first = splits_.Translate("Tom left.", {.beam_size = 3});
  const Translation second = splits_.Translate("Why?", {.beam_size = 3});
  ASSERT_EQ(whole.hypotheses.size(), 3u);
  for (std::size_t rank = 0; rank < 3; ++rank) {
    const Hypothesis& found = whole.hypotheses[rank];
    const Hypothesis& a = first.hypotheses[rank];
    const Hypothesis& b = second.hypotheses[rank];
    auto ids = a.ids;
    ids.insert(ids.end(), b.ids.begin(), b.ids.end());
    EXPECT_EQ(found.ids, ids);
    EXPECT_EQ(found.pieces.size(), ids.size());
    EXPECT_EQ(found.log_probs.size(), ids.size());
    EXPECT_EQ(found.score, a.score + b.score);
    EXPECT_EQ(found.text, a.text + " " + b.text);
  }
}

TEST_F(SplitTest, OneSentenceIsTranslatedAsItIsUnsplit) {
  const Translation split = splits_.Translate("Tom left.");
  const Translation whole = splits_.Translate("Tom left.", whole_);
  EXPECT_TRUE(split.sentences.empty());
  ASSERT_EQ(split.hypotheses.size(), whole.hypotheses.size());
  EXPECT_EQ(split.hypotheses[0].text, whole.hypotheses[0].text);
  EXPECT_EQ(split.hypotheses[0].log_probs, whole.hypotheses[0].log_probs);
  EXPECT_EQ(split.hypotheses[0].score, whole.hypotheses[0].score);
}

TEST_F(SplitTest, ReadsATextWholeWhoseOutputIsToHaveSomething) {
  const std::vector<TranslateOptions> several = {
      {.beam_size = 2, .target_prefix = {5}},
      {.beam_size = 2, .required_words = {{5}}},
      {.beam_size = 1, .alternatives = 2}};
  for (TranslateOptions options : several) {
    const Translation read = splits_.Translate("Tom left. Why?", options);
    EXPECT_TRUE(read.sentences.empty());
    options.split = TextSplit::kSentences;
    EXPECT_THROW(splits_.Translate("Tom left.", options), Error);
  }
}

TEST_F(SplitTest, KeepsATextOfWhiteSpace) {
  for (const char* text : {"", " ", " \t\n\u3000"}) {
    const Translation blank = splits_.Translate(text);
    ASSERT_TRUE(blank.ok());
    EXPECT_TRUE(blank.hypotheses.front().ids.empty());
    EXPECT_EQ(blank.hypotheses.front().score, 0);
    EXPECT_TRUE(blank.sentences.empty());
  }
  EXPECT_EQ(translator_.Translate(" \n").text(), "");
}

TEST_F(SplitTest, TheCallerOverridesTheModel) {
  const Translator whole = MakeSplitting(models::TextSplit::kNone);
  const std::string text = "Tom left. Why?";
  EXPECT_TRUE(whole.Translate(text).sentences.empty());
  EXPECT_EQ(
      whole.Translate(text, {.split = TextSplit::kSentences}).sentences.size(),
      2u);
  EXPECT_EQ(splits_.Translate(text).sentences.size(), 2u);
  EXPECT_TRUE(splits_.Translate(text, whole_).sentences.empty());
  EXPECT_THROW(whole.Translate(text, {.split = static_cast<TextSplit>(7)}),
               Error);
}

TEST_F(SplitTest, ASentenceThatFailsFailsItsText) {
  const auto results = splits_.TranslateAll(
      {"Tom left. Why? This is bad . No.", "Tom left. Why?", "caf\xC3. No."});
  EXPECT_EQ(results[0].error_kind, ErrorKind::kBadText);
  EXPECT_EQ(results[0].error, "sentence 3: found bad");
  EXPECT_TRUE(results[0].hypotheses.empty());
  EXPECT_TRUE(results[1].ok());
  EXPECT_EQ(results[2].error, "want UTF-8, found byte 0xC3 at offset 3");
}

TEST_F(SplitTest, TakesTextsThatAreTooLongAsOne) {
  std::string text;
  while (text.size() <= 2 * kMaxTextBytes) text += "Tom left in a hurry. ";
  const Translation split = splits_.Translate(text);
  EXPECT_TRUE(split.ok());
  EXPECT_GT(split.sentences.size(), 6000u);
  EXPECT_EQ(splits_.Translate(text, whole_).error_kind, ErrorKind::kTooLong);
}

TEST_F(SplitTest, ATextOfTooManySentencesIsNotSplit) {
  std::string text;
  for (std::size_t i = 0; i <= kMaxSentences; ++i) text += "A! A ";
  EXPECT_EQ(splits_.Translate(text).error_kind, ErrorKind::kTooLong);
}

// Lines of eight languages: sentences with all sorts of space between.
class DocumentsTest : public SplitTest,
                      public testing::WithParamInterface<const char*> {
 protected:
  struct Line {
    std::string text;
    std::string separators;  // the text without its sentences
  };

  Line Draw() {
    static const std::vector<std::string> kSpaces = {
        " ", "  ", "\t", "\u00A0", "\u3000", " \u2028", "\u0085", " \v "};
    const std::vector<std::string> own = Sentences();
    Line line;
    const auto space = [&](int chance) {
      if (Below(4) >= chance) return;
      const std::string& one = kSpaces[static_cast<std::size_t>(Below(8))];
      line.text += one;
      line.separators += one;
    };
    space(1);
    for (int count = Below(5); count > 0; --count) {
      line.text +=
          own[static_cast<std::size_t>(Below(static_cast<int>(own.size())))];
      space(4);
      space(1);
    }
    return line;
  }

 private:
  static std::vector<std::string> Sentences() {
    std::vector<std::string> sentences;
    std::string rest = GetParam();
    for (std::size_t bar; (bar = rest.find('|')) != std::string::npos;) {
      sentences.push_back(rest.substr(0, bar));
      rest.erase(0, bar + 1);
    }
    sentences.push_back(rest);
    return sentences;
  }
  int Below(int limit) {
    return static_cast<int>(random_() % static_cast<unsigned>(limit));
  }

  std::mt19937 random_{7};
};

// What is left of a text when each of its parts is taken out, in order.
std::string Without(std::string text, const std::vector<std::string>& parts) {
  std::size_t at = 0;
  for (const std::string& part : parts) {
    at = text.find(part, at);
    if (at == std::string::npos) return "a part is not there: " + part;
    text.erase(at, part.size());
  }
  return text;
}

TEST_P(DocumentsTest, KeepEveryByteBetweenTheirSentences) {
  std::vector<std::string> texts, separators;
  for (int i = 0; i < 300; ++i) {
    Line line = Draw();
    texts.push_back(std::move(line.text));
    separators.push_back(std::move(line.separators));
  }
  const auto results = splits_.TranslateAll(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    ASSERT_TRUE(results[i].ok());
    std::vector<std::string> parts;
    for (const Sentence& sentence : results[i].sentences) {
      parts.push_back(sentence.hypotheses.front().text);
    }
    if (parts.empty()) {
      parts.push_back(std::string(StripSpace(results[i].text())));
    }
    const bool blank = StripSpace(texts[i]).empty();
    if (blank) parts = {"\u27E6\u27E7"};
    EXPECT_EQ(Without(std::string(results[i].text()), parts), separators[i]);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Languages, DocumentsTest,
    testing::Values(
        "I am tired.|Where is Mr. Smith?|Stop!|It costs $3.50.|\"Go!\"",
        "Je suis fatigué.|Où est la gare ?|Arrête !|M. Dupont dort.",
        "Ich bin müde.|Am 5. Januar kam er.|Halt!|Das ist z. B. Eis.",
        "Я устал.|Где вокзал?|А. С. Пушкин жил здесь.|Стой!",
        "我累了。|车站在哪里？|停！|他说：“好。”",
        "疲れた。|駅はどこですか？|「行こう。」と言った。|止まれ！",
        "أنا متعب.|أين المحطة؟|توقف!|ذهب توم إلى البيت.",
        "मैं थक गया हूँ।|स्टेशन कहाँ है?|रुको!|टॉम चला गया।"));

}  // namespace
}  // namespace tessera::engine
