// Catalogues of gettext in, catalogues out.
#include "tools/tessera/formats/po.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <string>
#include <vector>

#include "tests/tools/blocks.h"
#include "tests/tools/process.h"
#include "tests/tools/refusal.h"
#include "tools/tessera/formats/po_text.h"

namespace tessera::tools {
namespace {

using Words = std::vector<std::string>;

std::vector<Block> Parse(const std::string& bytes) {
  return BlocksOf("po", bytes);
}

Words Errors(const std::string& bytes) {
  Words errors;
  for (const Block& block : Parse(bytes)) {
    if (block.error.empty()) continue;
    errors.push_back(std::to_string(block.line) + ": " + block.error);
  }
  return errors;
}

constexpr const char* kHeader = R"(# A catalogue.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"

)";

TEST(PoTest, FillsWhatIsEmptyAndLeavesTheRest) {
  const std::string entries = R"(# A translator's comment.
#. extracted
#: main.c:3
#, c-format
#| msgid "old"
msgctxt "menu"
msgid "Hello %s\n"
msgstr ""

msgid ""
"One\n"
"two\ttabs \"q\" \\ \x41\102"
msgstr ""
msgid "Done"
msgstr "Fait"

#, fuzzy
msgid "Guess"
msgstr "Devine"

#, fuzzy
msgid "Open"
msgstr ""

msgid "%d file"
msgid_plural "%d files"
msgstr[0] ""
msgstr[1] ""

msgid "..."
msgstr ""

#~ msgid "Gone"
#~ msgstr ""
)";
  EXPECT_EQ(Bracketed("po", kHeader + entries),
            kHeader + std::string(R"(# A translator's comment.
#. extracted
#: main.c:3
#, fuzzy, c-format
#| msgid "old"
msgctxt "menu"
msgid "Hello %s\n"
msgstr "[Hello %s]\n"

#, fuzzy
msgid ""
"One\n"
"two\ttabs \"q\" \\ \x41\102"
msgstr ""
"[One\n"
"two\ttabs \"q\" \\ AB]"
msgid "Done"
msgstr "Fait"

#, fuzzy
msgid "Guess"
msgstr "Devine"

#, fuzzy
msgid "Open"
msgstr "[Open]"

#, fuzzy
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "[%d file]"
msgstr[1] "[%d files]"

msgid "..."
msgstr ""

#~ msgid "Gone"
#~ msgstr ""
)"));
}

TEST(PoTest, HasAsManyPluralsAsTheHeaderSays) {
  const std::string entry =
      "msgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"";
  const auto header = [](const std::string& forms) {
    return "msgid \"\"\nmsgstr \"nplurals=" + forms + ";\"\n";
  };
  EXPECT_EQ(Bracketed("po", header("1") + entry),
            header("1") +
                "#, fuzzy\nmsgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] \"[b]\"");
  EXPECT_EQ(Bracketed("po", header("3") + entry),
            header("3") +
                "#, fuzzy\nmsgid \"a\"\nmsgid_plural \"b\"\nmsgstr[0] "
                "\"[a]\"\nmsgstr[1] \"[b]\"\nmsgstr[2] \"[b]\"");
  EXPECT_TRUE(Bracketed("po", header("INTEGER") + entry)
                  .ends_with("msgstr[1] \"[b]\""));
}

TEST(PoTest, KeepsLineEndsOfTheFile) {
  EXPECT_EQ(Bracketed("po", "\xEF\xBB\xBFmsgid \"a\"\r\nmsgstr \"\"\r\n\r\n"),
            "\xEF\xBB\xBF#, fuzzy\r\nmsgid \"a\"\r\nmsgstr \"[a]\"\r\n\r\n");
}

TEST(PoTest, NamesDamagedEntriesAndReadsTheOthers) {
  const std::string bytes =
      "msgid \"a\"\n\n"
      "msgid \"b\nmsgstr \"\"\n\n"
      "msgid \"c\\q\"\nmsgstr \"\"\n\n"
      "\"loose\"\n\n"
      "msgid \"d\"\nmsgstr[0] \"\"\n\n"
      "nonsense\n\n"
      "msgid \"e\"\nmsgstr \"\"\n"
      "msgctxt \"x\"\n";
  EXPECT_EQ(
      Errors(bytes),
      (Words{"3: want msgstr, found msgid",
             "3: want a string in quotes with escapes of C, found \"\\\"b\"",
             "6: want a string in quotes with escapes of C, found "
             "\"\\\"c\\\\q\\\"\"",
             "9: want a word before a string, found \"\\\"loose\\\"\"",
             "12: want msgid, msgstr or a comment, found \"msgstr[0] "
             "\\\"\\\"\"",
             "14: want msgid, msgstr or a comment, found \"nonsense\"",
             "18: want msgid and msgstr, found the end"}));
  EXPECT_NE(Bracketed("po", bytes).find("msgid \"e\"\nmsgstr \"[e]\"\n"),
            std::string::npos);
}

TEST(PoTest, RefusesAnotherCharset) {
  try {
    Parse("msgid \"\"\nmsgstr \"charset=ISO-8859-1\\n\"\n\nmsgid \"a\"\n");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "line 1: want charset=UTF-8, found \"ISO-8859-1\"; msgconv -t "
                 "UTF-8 makes the one of the other");
  }
  EXPECT_NO_THROW(Parse("msgid \"\"\nmsgstr \"charset=utf-8\\n\"\n\n"));
}

TEST(PoTest, WritesStringsThatItReads) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (const std::string& text :
       {all, std::string("a\nb"), std::string("a\n"), std::string("\n\n"),
        std::string(), std::string("\0011", 2), std::string("\"\\\"")}) {
    std::string read;
    std::string field = PoField("msgstr", text, "\n");
    field.erase(0, std::string("msgstr ").size());
    for (const std::string& line : Lines(field)) read += PoUnquote(line);
    EXPECT_EQ(read, text);
  }
}

// Wherever a file breaks off, or whatever stands in it, all of it is there.
TEST(PoTest, TakesAFileThatBreaksOffAnywhere) {
  const std::string file =
      std::string(kHeader) +
      "#, c-format\nmsgctxt \"c\"\nmsgid \"\"\n\"a \\x41\\n\"\nmsgid_plural "
      "\"b\"\nmsgstr[0] \"\"\nmsgstr[1] \"\"\n\n#~ msgid \"x\"\n#~ msgstr "
      "\"\"\nmsgid \"y\"\nmsgstr \"\"\n";
  for (std::size_t size = 0; size <= file.size(); ++size) {
    for (const char damage : {'\0', '\x15', '\x7F'}) {
      std::string bytes = file.substr(0, size);
      if (damage != '\0') {
        bytes = file;
        if (size < file.size()) bytes[size] ^= damage;
      }
      std::string all;
      try {
        for (const Block& block : Parse(bytes)) {
          all += block.bytes;
          EXPECT_TRUE(block.error.empty() || block.line > 0);
          if (!block.texts.empty()) {
            EXPECT_NE(block.write(block.texts), "");
          }
        }
        EXPECT_EQ(all, bytes);
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("charset"), std::string::npos)
            << error.what();
      }
    }
  }
}

TEST(PoTest, TranslatesACatalogue) {
  const Outcome outcome = RunTessera(
      {"translate", "--input-format", "po"},
      std::string(kHeader) +
          "#, c-format\nmsgid \"You have %d new messages.\\n\"\nmsgstr \"\"\n\n"
          "msgid \"bad\\q\"\nmsgstr \"\"\n\n"
          "msgid \"\"\n\"Hello, {name}!\\n\"\n\"\\n\"\n\"I am "
          "tired.\"\nmsgstr \"\"\n");
  EXPECT_EQ(outcome.code, 3);
  EXPECT_EQ(outcome.err,
            "tessera: line 11: want a string in quotes with escapes of C, "
            "found \"\\\"bad\\\\q\\\"\"\n");
  EXPECT_EQ(
      outcome.out,
      std::string(kHeader) +
          "#, fuzzy, c-format\nmsgid \"You have %d new messages.\\n\"\nmsgstr "
          "\"Vous avez %d nouveaux messages.\\n\"\n\n"
          "msgid \"bad\\q\"\nmsgstr \"\"\n\n"
          "#, fuzzy\nmsgid \"\"\n\"Hello, {name}!\\n\"\n\"\\n\"\n\"I am "
          "tired.\"\nmsgstr \"\"\n\"Bonjour, {name} !\\n\"\n\"\\n\"\n\"Je suis "
          "fatigu\u00E9.\"\n");
}

// What a format takes for a conversion is there as often, in its order.
TEST(PoTest, KeepsConversionsOfFormats) {
  const std::string entries[] = {
      "#, c-format\nmsgid \"%s: 20%off and % d of %<PRIu64> for "
      "%%.\"\nmsgstr \"\"\n",
      "#, qt-format\nmsgid \"Copy %1 to %2 and %n.\"\nmsgstr \"\"\n",
      "#, python-format\nmsgid \"%(count) d cats of %(name)s\"\nmsgstr \"\"\n",
      "msgid \"%s: 20%% off, \\\"%s\\\" <b>%5.2f</b>\"\nmsgstr \"\"\n"};
  const std::vector<Words> conversions = {
      {"%s", "%o", "% d", "%<PRIu64>", "%%"},
      {"%1", "%2", "%n"},
      {"%(count) d", "%(name)s"},
      {"%s", "%%", "\\\"%s\\\"", "<b>%5.2f</b>"}};
  for (std::size_t i = 0; i < conversions.size(); ++i) {
    const std::string out =
        RunTessera({"translate", "--input-format", "po"}, entries[i]).out;
    const std::string text = out.substr(out.find("msgstr"));
    for (const std::string& conversion : conversions[i]) {
      EXPECT_NE(text.find(conversion), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace tessera::tools
