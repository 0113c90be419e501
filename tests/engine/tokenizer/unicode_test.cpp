// Lower case and the Latin script.
#include <gtest/gtest.h>

#include "engine/tokenizer/text.h"

namespace tessera::engine {
namespace {

TEST(UnicodeTest, LowersWithTheFullMapping) {
  EXPECT_EQ(LowerCase(""), "");
  EXPECT_EQ(LowerCase("aBC 1É\u0416"), "abc 1é\u0436");
  EXPECT_EQ(LowerCase("\u0130I\u0131"), "i\u0307i\u0131");  // as no Turk would
  EXPECT_EQ(LowerCase("\u1E9E\u00DF"), "\u00DF\u00DF");
  EXPECT_EQ(LowerCase("\u01C5\U00010400"), "\u01C6\U00010428");
}

TEST(UnicodeTest, LowersAFinalSigmaToItsFinalForm) {
  EXPECT_EQ(LowerCase("ΟΔΥΣΣΕΥΣ"), "οδυσσευς");
  EXPECT_EQ(LowerCase("ΑΣ. ΑΣ-Β"), "ας. ας-β");
  EXPECT_EQ(LowerCase("Σ"), "σ");                  // no letter before it
  EXPECT_EQ(LowerCase("ΑΣ\u0301Β"), "ασ\u0301β");  // accents do not count
}

TEST(UnicodeTest, KeepsTheLatinScriptSpaceAndApostrophe) {
  EXPECT_EQ(KeepLatin("It's 3 o'clock, d'Été: ok."), "It's  o'clock d'Été ok");
  EXPECT_EQ(KeepLatin("абв abc αβγ 山 x\u00B2 _-"), " abc   x ");
  EXPECT_EQ(KeepLatin("\u00AA\u2167\uFF21"), "\u00AA\u2167\uFF21");
  EXPECT_EQ(KeepLatin("e\u0301"),
            "e");  // accents of their own are of no script
}

TEST(UnicodeTest, TakesSpaceForWhatUnicodeDoes) {
  EXPECT_EQ(KeepLatin("a\tb\u00A0\u0085c\u3000d"), "a\tb\u00A0\u0085c\u3000d");
  EXPECT_EQ(KeepLatin("a\x1C\x1D\x1E\x1F"
                      "b\u200Bc"),
            "abc");
}

}  // namespace
}  // namespace tessera::engine
