// Spans that come through whatever the model does.
#include <gtest/gtest.h>
#include <tessera/stream.h>
#include <tessera/translator.h>

#include <future>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/request/keep_patterns.h"
#include "tests/engine/fake_translator.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

// Text, spans of all kinds, and no space or one between.
std::string RandomText(std::mt19937& random) {
  constexpr const char* kParts[] = {"Where is the station?",
                                    "Tom",
                                    "likes",
                                    "We are late.",
                                    "the garden",
                                    "is not",
                                    "my book.",
                                    "Hello!",
                                    "three",
                                    "of them",
                                    "Dr. Smith",
                                    "..."};
  constexpr const char* kSpans[] = {
      "%s",
      "%d",
      "%1$s",
      "%(name)s",
      "%%",
      "{name}",
      "{0}",
      "{}",
      "${x}",
      "$1",
      "<b>",
      "</b>",
      "<br/>",
      "<a href=\"/help. Now\">",
      "{\\an8}",
      "https://docs.python.org/3/library/re.html#re.sub",
      "http://10.0.0.1:8080/x?y=%20z",
      "jane.doe+x@mail.example.co.uk",
      "{n, plural, one {# file. No} other {# files}}",
      "\u20AC{\u8A9E}"};
  std::string text;
  const std::size_t count = 1 + random() % 9;
  for (std::size_t i = 0; i < count; ++i) {
    text += random() % 3 == 0 ? kSpans[random() % std::size(kSpans)]
                              : kParts[random() % std::size(kParts)];
    if (random() % 5 != 0) text += random() % 8 == 0 ? "\n " : " ";
  }
  return text;
}

// Under AddressSanitizer, 20 times slower, fewer.
std::size_t TextCount() {
#ifdef __SANITIZE_ADDRESS__
  return 25;
#else
  return 240;
#endif
}

std::vector<std::string> RandomTexts() {
  std::mt19937 random(5);
  std::vector<std::string> texts;
  while (texts.size() < TextCount()) texts.push_back(RandomText(random));
  return texts;
}

class KeptTextTest : public testing::Test {
 protected:
  static void ExpectKept(const std::string& text, const Translation& result,
                         const TranslateOptions& options) {
    SCOPED_TRACE(text);
    ASSERT_TRUE(result.ok()) << result.error;
    ASSERT_FALSE(result.hypotheses.empty());
    const auto patterns = KeepPatterns::Of(options);
    const auto kept = TextsOf(text, patterns->Find(text));
    for (const Hypothesis& output : result.hypotheses) {
      EXPECT_TRUE(patterns->AreKept(kept, output.text)) << output.text;
    }
  }

  const Translator translator_{models::BundledFolder(), {.threads = 2}};
};

TEST_F(KeptTextTest, KeepsEverySpanUnderEveryOption) {
  const std::vector<TranslateOptions> several = {
      {.beam_size = 1, .max_new_tokens = 60},
      {.beam_size = 3, .max_new_tokens = 60, .split = TextSplit::kNone},
      {.beam_size = 2, .max_new_tokens = 60, .n_best = 2, .alignments = true},
      {.beam_size = 1, .max_new_tokens = 60, .sample = true, .seed = 7},
      {.beam_size = 2, .max_new_tokens = 3},
      {.beam_size = 1,
       .max_new_tokens = 60,
       .keep = {"\\bTom\\b", "a", "^\\w+"}},
  };
  const std::vector<std::string> texts = RandomTexts();
  for (std::size_t i = 0; i < several.size(); ++i) {
    TranslateOptions options = several[i];
    if (options.keep.empty()) options.keep_placeholders = true;
    SCOPED_TRACE(i);
    std::vector<std::string> share;  // each option has some, the first has all
    for (std::size_t at = i; at < texts.size(); at += i == 0 ? 1 : 4) {
      share.push_back(texts[at]);
    }
    const auto results = translator_.TranslateAll(share, options);
    for (std::size_t k = 0; k < share.size(); ++k) {
      ExpectKept(share[k], results[k], options);
    }
  }
}

TEST_F(KeptTextTest, ATextGivesTheSameAloneAndStreamed) {
  const TranslateOptions options = {
      .beam_size = 2, .max_new_tokens = 60, .keep_placeholders = true};
  std::vector<std::string> texts = RandomTexts();
  texts.resize(std::min<std::size_t>(texts.size(), 40));
  const auto together = translator_.TranslateAll(texts, options);
  Stream stream(translator_, options);
  for (const std::string& text : texts) stream.Push(text);
  stream.Close();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    EXPECT_EQ(stream.Next()->text(), together[i].text());
    if (i % 4 != 0) continue;
    std::string grown;
    std::promise<Translation> done;
    translator_.Submit(
        texts[i], options, [&](const Growth& growth) { grown += growth.text; },
        [&](Translation result) { done.set_value(std::move(result)); });
    const Translation alone = done.get_future().get();
    EXPECT_EQ(alone.text(), together[i].text());
    EXPECT_EQ(alone.hypotheses[0].score, together[i].hypotheses[0].score);
    EXPECT_EQ(grown, alone.text());
  }
}

TEST_F(KeptTextTest, TakesTheModelsOwnOutputWhereItKeepsAll) {
  const std::string text = "You have %d new messages. Hello, {name}!";
  const Translation free = translator_.Translate(text);
  const Translation kept =
      translator_.Translate(text, {.keep_placeholders = true});
  EXPECT_EQ(kept.text(), free.text());
  EXPECT_EQ(kept.hypotheses[0].ids, free.hypotheses[0].ids);
  EXPECT_EQ(kept.text(), "Vous avez %d nouveaux messages. Bonjour, {name} !");
}

TEST_F(KeptTextTest, RequiresASpanThatIsLost) {
  const std::string url = "https://docs.python.org/3/library/re.html#re.sub";
  const Translation kept = translator_.Translate("He smiled back. " + url,
                                                 {.keep = {"https?://\\S+"}});
  EXPECT_EQ(kept.text(), "Il sourit. " + url);
}

TEST_F(KeptTextTest, CopiesWhatTheVocabularyCannotWrite) {
  const Translation kept = translator_.Translate(
      "Where is \u2192\u8A9E\u2190 now?",
      {.split = TextSplit::kNone, .keep = {"\u2192.\u2190"}});
  ASSERT_TRUE(kept.ok());
  EXPECT_NE(kept.text().find(" \u2192\u8A9E\u2190 "), std::string::npos)
      << kept.text();
}

TEST_F(KeptTextTest, ATextThatIsAllSpansStaysAsItIs) {
  for (const char* text : {"%s", " {a}\n{b} ", "<b></b>"}) {
    EXPECT_EQ(translator_.Translate(text, {.keep_placeholders = true}).text(),
              text);
  }
}

TEST_F(KeptTextTest, FailsATextThatAnExpressionCannotSearch) {
  const std::vector<std::string> texts = {"Hello!", std::string(4000, 'a')};
  const auto results = translator_.TranslateAll(texts, {.keep = {"(a*)*b"}});
  EXPECT_TRUE(results[0].ok());
  EXPECT_EQ(results[1].error_kind, ErrorKind::kBadText);
  EXPECT_EQ(results[1].error,
            "want a text that the regular expressions can search, found one at "
            "which ICU gives up: U_REGEX_TIME_OUT");
  EXPECT_EQ(
      translator_.Translate("caf\xC3 %s", {.keep_placeholders = true}).error,
      "want UTF-8, found byte 0xC3 at offset 3");
}

// The words are required, and what is asked for besides is finished, while the
// translator ends.
TEST_F(KeptTextTest, ATranslatorThatEndsFinishesWhatItHas) {
  std::vector<std::future<Translation>> results;
  const std::string text = "The file $1 was not found.";
  {
    const Translator own(models::BundledFolder(), {.threads = 2});
    for (int i = 0; i < 8; ++i) {
      results.push_back(own.Submit(text, {.keep_placeholders = true}));
    }
  }
  const Translation alone =
      translator_.Translate(text, {.keep_placeholders = true});
  for (auto& result : results) EXPECT_EQ(result.get().text(), alone.text());
}

TEST_F(KeptTextTest, ObeysStopAndTimeLimit) {
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(
      translator_
          .Submit("%s is here.", {.keep_placeholders = true}, stop.get_token())
          .get()
          .error_kind,
      ErrorKind::kCancelled);
}

}  // namespace
}  // namespace tessera::engine
