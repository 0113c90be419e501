// Sentences: where they end, and that what stands between them stays.
#include "engine/request/sentences.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tessera::engine {
namespace {

using List = std::vector<std::string>;

List Split(std::string_view text) {
  List sentences;
  for (const std::string_view one : SplitSentences(text)) {
    sentences.emplace_back(one);
  }
  return sentences;
}

void ExpectWhole(std::initializer_list<std::string_view> texts) {
  for (const std::string_view text : texts) {
    EXPECT_EQ(Split(text), List{std::string(text)}) << text;
  }
}

TEST(SentencesTest, EndAtFullStopsQuestionAndExclamationMarks) {
  EXPECT_EQ(Split("I am tired. Tom left! Where is the station?"),
            (List{"I am tired.", "Tom left!", "Where is the station?"}));
  EXPECT_EQ(Split("Wait... What? No way!! Really?!"),
            (List{"Wait...", "What?", "No way!!", "Really?!"}));
  EXPECT_EQ(
      Split("\"Stop.\" (He left.) \u201CWhy?\u201D Tom asked."),
      (List{"\"Stop.\"", "(He left.)", "\u201CWhy?\u201D", "Tom asked."}));
}

TEST(SentencesTest, BeginWithTheirOpeningBrackets) {
  EXPECT_EQ(Split("He left.(So what?) [Why.]«Non.»"),
            (List{"He left.", "(So what?)", "[Why.]", "«Non.»"}));
  EXPECT_EQ(Split("„Halt.“ Er ging."), (List{"„Halt.“", "Er ging."}));
  EXPECT_EQ(Split("行こう。（早く。）"), (List{"行こう。", "（早く。）"}));
}

TEST(SentencesTest, KeepNoWhiteSpaceRoundThem) {
  EXPECT_EQ(Split("  Tom left.\t\u00A0 Mary too. "),
            (List{"Tom left.", "Mary too."}));
  EXPECT_EQ(Split(""), List{});
  EXPECT_EQ(Split(" \t\u3000\n"), List{});
}

TEST(SentencesTest, EndWithTheirLine) {
  for (const char* end :
       {"\n", "\r", "\r\n", "\n\n", " \n ", "\u0085", "\u2028", "\u2029"}) {
    EXPECT_EQ(Split("a title" + std::string(end) + "and more"),
              (List{"a title", "and more"}))
        << end;
  }
}

TEST(SentencesTest, GoOnBehindAbbreviations) {
  ExpectWhole({"Mr. Smith met Mrs. Jones and Dr. Brown at St. Mary's.",
               "J. R. R. Tolkien and George W. Bush never met.",
               "I. Newton wrote it.",
               "The U.S. Army and the U.N. Council disagree.",
               "See No. 5, Fig. 3 and pp. 7 of Vol. 2.",
               "It was on Jan. 5 or Sept. 11.", "He has a Ph.D. Nobody knows.",
               "Smith et al. wrote it, e.g. in Nature, i.e. A to Z.",
               "At 5 p.m. Tom left.", "M. Dupont et Mme. Martin vivent ici.",
               "Das ist z. B. Eis, d. h. Wasser, vgl. Kap. 3.",
               "Am 5. Januar kam Prof. Huber.",
               "El Sr. López y la Sra. García viven aquí.",
               "А. С. Пушкин и проф. Иванов."});
}

TEST(SentencesTest, EndBehindWordsThatOnlyLookLikeAbbreviations) {
  EXPECT_EQ(Split("So do I. Tom does not."),
            (List{"So do I.", "Tom does not."}));
  EXPECT_EQ(Split("No. Tom left."), (List{"No.", "Tom left."}));
  EXPECT_EQ(Split("He was born in 1990. Tom was not."),
            (List{"He was born in 1990.", "Tom was not."}));
  EXPECT_EQ(Split("Books, pens, etc. Tom has all."),
            (List{"Books, pens, etc.", "Tom has all."}));
  EXPECT_EQ(Split("See www.example.com. Tom wrote it."),
            (List{"See www.example.com.", "Tom wrote it."}));
}

TEST(SentencesTest, HaveALetter) {
  ExpectWhole({"1. Introduction", "3.14. Then what?", "2024! 2025! 2026!",
               "Well done! \U0001F44D", "Well done. ... -- !"});
  EXPECT_EQ(Split("1.\nTom left."), (List{"1.", "Tom left."}));
}

TEST(SentencesTest, OfScriptsWithoutSpaces) {
  EXPECT_EQ(Split("我累了。汤姆走了！车站在哪里？"),
            (List{"我累了。", "汤姆走了！", "车站在哪里？"}));
  EXPECT_EQ(Split("疲れた。　トムは行った。「行こう。」と彼は言った。早く。"),
            (List{"疲れた。", "トムは行った。", "「行こう。」と彼は言った。",
                  "早く。"}));
}

TEST(SentencesTest, OfOtherScripts) {
  EXPECT_EQ(Split("मैं थक गया हूँ। टॉम चला गया। स्टेशन कहाँ है?"),
            (List{"मैं थक गया हूँ।", "टॉम चला गया।", "स्टेशन कहाँ है?"}));
  EXPECT_EQ(Split("أنا متعب. أين المحطة؟ ذهب توم."),
            (List{"أنا متعب.", "أين المحطة؟", "ذهب توم."}));
  EXPECT_EQ(Split("Я устал. Где вокзал? Том ушёл!"),
            (List{"Я устал.", "Где вокзал?", "Том ушёл!"}));
  EXPECT_EQ(Split("나는 피곤하다. 역은 어디입니까? 톰은 떠났다."),
            (List{"나는 피곤하다.", "역은 어디입니까?", "톰은 떠났다."}));
  EXPECT_EQ(Split("Ես հոգնած եմ։ Թոմը գնաց։"),
            (List{"Ես հոգնած եմ։", "Թոմը գնաց։"}));
}

TEST(SentencesTest, CopeWithControlsAndLongRuns) {
  const std::string nul("Tom\0left. Mary too.", 19);
  EXPECT_EQ(Split(nul), (List{std::string("Tom\0left.", 9), "Mary too."}));
  EXPECT_EQ(Split(std::string(1 << 20, '.')).size(), 1u);
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "1! ";
  EXPECT_EQ(Split(many).size(), 1u);
  many.clear();
  for (int i = 0; i < 100'000; ++i) many += "A!";
  EXPECT_EQ(Split(many).size(), 100'000u);
}

std::string Joined(std::string_view text, std::vector<std::string> become) {
  return JoinSentences(text, SplitSentences(text), become);
}

TEST(JoinSentencesTest, KeepsWhatStandsBetween) {
  EXPECT_EQ(Joined(" Tom left.\t \nMary too. ", {"X", "Y"}), " X\t \nY ");
  EXPECT_EQ(Joined(" \n", {}), " \n");
}

TEST(JoinSentencesTest, PutsASpaceWhereTheNewScriptWantsOne) {
  EXPECT_EQ(Joined("我累了。汤姆走了。", {"I am tired.", "Tom left."}),
            "I am tired. Tom left.");
  EXPECT_EQ(Joined("我累了。汤姆走了。", {"疲れた。", "トムは行った。"}),
            "疲れた。トムは行った。");
  EXPECT_EQ(Joined("我累了。汤姆走了。", {"", "Tom left."}), "Tom left.");
  std::vector<std::string> become = {"A.", "B."};
  const std::string_view text = "我累了。汤姆走了。";
  JoinSentences(text, SplitSentences(text), become);
  EXPECT_EQ(become, (std::vector<std::string>{"A.", " B."}));
}

}  // namespace
}  // namespace tessera::engine
