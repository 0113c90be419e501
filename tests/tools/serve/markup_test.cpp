// Texts with tags: what is cut out of them, where the tags go, and that none is
// ever lost.
#include "tools/serve/markup/markup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"
#include "tools/serve/markup/placement.h"
#include "tools/serve/markup/references.h"
#include "tools/serve/markup/words.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;
using Strings = std::vector<std::string>;

const MarkupRules kXml = {.kind = MarkupKind::kXml};

Strings Texts(const Markup& markup) {
  Strings texts;
  for (const Run& run : markup.runs()) texts.push_back(run.text);
  return texts;
}

Strings Texts(const std::string& text, const MarkupRules& rules = {}) {
  return Texts(Markup(text, rules));
}

// A translation of as many words, the last one first.
Translation Reversed(const std::string& text) {
  Strings words = {""};
  for (const char c : text) {
    if (c == ' ') {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  Translation translation;
  translation.source_pieces = words;
  Hypothesis output;
  for (std::size_t i = words.size(); i-- > 0;) {
    output.text += (output.text.empty() ? "" : " ") + words[i];
    output.pieces.push_back(words[i]);
    output.alignment.push_back(static_cast<std::int32_t>(i));
  }
  translation.hypotheses.push_back(output);
  return translation;
}

std::string PutReversed(const std::string& text,
                        const MarkupRules& rules = {}) {
  const Markup markup(text, rules);
  std::vector<Translation> translations;
  for (const Run& run : markup.runs()) {
    translations.push_back(Reversed(run.text));
  }
  return markup.Put(translations);
}

// Every "<...>" that ends, sorted. Of texts whose attributes and comments have
// no '>'.
Strings Tags(const std::string& text) {
  Strings tags;
  for (std::size_t at = text.find('<'); at != std::string::npos;
       at = text.find('<', at + 1)) {
    const std::size_t end = text.find('>', at);
    if (end == std::string::npos) break;
    tags.push_back(text.substr(at, end - at + 1));
  }
  std::ranges::sort(tags);
  return tags;
}

TEST(MarkupTest, BlocksCutATextAndInlineTagsDoNot) {
  EXPECT_EQ(Texts("<p>One <b>two</b>.</p><ul><li>Three<li>Four</ul>Five"),
            (Strings{"One two.", "Three", "Four", "Five"}));
  EXPECT_EQ(Texts("a<br>b<BR/>c<hr>d"), (Strings{"a", "b", "c", "d"}));
  EXPECT_EQ(Texts("<title>A &lt; <b></title>x"), (Strings{"A < <b>", "x"}));
  EXPECT_EQ(Texts("<x-y>one</x-y> two"), (Strings{"one two"}));
  EXPECT_EQ(Texts("plain"), (Strings{"plain"}));
  EXPECT_TRUE(Texts("").empty());
  EXPECT_TRUE(Texts("<p> &nbsp; </p>\n<br>").empty());
}

TEST(MarkupTest, WhiteSpaceIsOneSpaceButForPreformattedText) {
  EXPECT_EQ(Texts("<p>\n one\n  two\t<b> three</b>\n</p>"),
            (Strings{"one two three"}));
  EXPECT_EQ(Texts("<pre>\n one\n  two\n</pre>"), (Strings{"one\n  two"}));
  EXPECT_EQ(PutReversed("<p>\n one\n  two\t</p>\n"), "<p>\n two one\t</p>\n");
}

TEST(MarkupTest, LeavesAloneWhatNobodyTranslates) {
  EXPECT_EQ(Texts("<script>if (a<b) \"</p>\"</script>one<style>p{}</style>"),
            (Strings{"one"}));
  EXPECT_EQ(Texts("<pre translate=no>a <pre>b</pre> c</pre>one"),
            (Strings{"one"}));
  EXPECT_EQ(Texts("<div class='x notranslate y'>a<div>b</div>c</div>one"),
            (Strings{"one"}));
  EXPECT_EQ(Texts("use <code>a < b</code> here"), (Strings{"use here"}));
  EXPECT_EQ(Texts("<svg><a/><svg><text>x</text></svg></svg>one"),
            (Strings{"one"}));
  EXPECT_EQ(Texts("<span translate=\"NO\">a<span>b</span>c</span> d"),
            (Strings{"d"}));
  EXPECT_EQ(Texts("<p translate=no>a"), Strings{});
  const std::string untouched =
      "<!DOCTYPE html><!-- a > b --><script>x = '<p>'</script>"
      "<pre translate=no>\n a\n</pre><?php echo ?><img alt='a > b'>";
  EXPECT_EQ(PutReversed(untouched), untouched);
}

TEST(MarkupTest, ReadsReferencesAndEscapesWhatItWrites) {
  EXPECT_EQ(Texts("caf&eacute; &#233; &#xE9; &amp; &lt;b&gt; &euro; &#128;"),
            (Strings{"café é é & <b> € €"}));
  EXPECT_EQ(Texts("&copy 2020 a & b &; AT&T &notit;"),
            (Strings{"© 2020 a & b &; AT&T"}));
  EXPECT_EQ(Texts("a &#0; &#xD800; &#x110000; &#99999999999; b"),
            (Strings{"a b"}));
  EXPECT_EQ(PutReversed("a &lt;b&gt; &amp;"), "&amp; &lt;b&gt; a");
  EXPECT_EQ(PutReversed("a < b"), "b &lt; a");
  // One that is not known is placed as a tag would be.
  EXPECT_EQ(PutReversed("one &rarrw; two &rarrw;"), "&rarrw; two one &rarrw;");
}

TEST(MarkupTest, TagsFollowTheirWords) {
  EXPECT_EQ(PutReversed("<p>one <b>two</b> three four</p>"),
            "<p>four three <b>two</b> one</p>");
  EXPECT_EQ(PutReversed("<a href=\"x y\">one <i>two</i></a> three"),
            "three <a href=\"x y\"><i>two</i> one</a>");
  EXPECT_EQ(PutReversed("<b><i>one two</i></b>"), "<b><i>two one</i></b>");
  EXPECT_EQ(PutReversed("one <img src=a> two"), "<img src=a> two one");
  EXPECT_EQ(PutReversed("one <code>x</code>"), "one <code>x</code>");
  EXPECT_EQ(PutReversed("one two<wbr>"), "two one<wbr>");
  EXPECT_EQ(PutReversed("one <i></i>two"), "<i></i>two one");
  EXPECT_EQ(PutReversed("<!-- a -->one two<!-- b -->"),
            "<!-- a -->two one<!-- b -->");
}

// An element goes round a stretch without a hole.
TEST(MarkupTest, AnElementHasTheStretchWithMostOfItsWords) {
  const serve::Run run = {
      .text = "a b c",
      .marks = {{Mark::Kind::kStart, "<b>", 0}, {Mark::Kind::kEnd, "</b>", 3}}};
  // Words of the output look at: a, c, c, a, b.
  const std::vector<OutputWord> words = {
      {0, 1, 0}, {2, 3, 4}, {4, 5, 4}, {6, 7, 0}, {8, 9, 2}};
  EXPECT_EQ(PlaceMarks(run, "1 2 3 4 5", words), "1 2 3 <b>4 5</b>");
  const std::vector<OutputWord> unaligned = {{0, 1, {}}, {2, 3, {}}};
  EXPECT_EQ(PlaceMarks(run, "1 2", unaligned), "<b>1</b> 2");
  EXPECT_EQ(PlaceMarks(run, "", {}), "<b></b>");
}

TEST(MarkupTest, TagsWithoutPartnersStay) {
  for (const char* text :
       {"<b>one <i>two</b> three</i>", "one</b> two", "<b>one two",
        "<b>one <p>two</b> three</p>", "</i></i>one", "<a><b><c></a>one</b>",
        "<b><b><b>one</b>"}) {
    const std::string put = PutReversed(text);
    EXPECT_EQ(Tags(put), Tags(text)) << put;
  }
}

TEST(MarkupTest, OfXmlElementsBesideTextArePartOfIt) {
  EXPECT_EQ(Texts("<d><p>one <b>two</b></p><p>three</p></d>", kXml),
            (Strings{"one two", "three"}));
  EXPECT_EQ(Texts("one <p>two</p>", kXml), (Strings{"one two"}));
  EXPECT_EQ(Texts("<x>a</x><Code>b</Code>",
                  {.kind = MarkupKind::kXml, .ignored = {"Code"}}),
            (Strings{"a"}));
  EXPECT_EQ(Texts("one <par>two</par> three",
                  {.kind = MarkupKind::kXml, .splitting = {"par"}}),
            (Strings{"one", "two", "three"}));
  EXPECT_EQ(Texts("<d><t>one</t><t>two</t></d>",
                  {.kind = MarkupKind::kXml, .outline = false}),
            (Strings{"onetwo"}));
  EXPECT_EQ(PutReversed("<d><x id='1'/>one <e/>two<![CDATA[<]]></d>", kXml),
            "<d><x id='1'/><e/>two one<![CDATA[<]]></d>");
  EXPECT_EQ(Texts("<d>a &eacute; &own; b</d>", kXml), (Strings{"a é b"}));
  for (const char* text :
       {"<a>", "</a>", "<a></b>", "<a><b></a></b>", "<a></A>", "a</a>"}) {
    EXPECT_THROW(Texts(text, kXml), Error) << text;
  }
}

std::string Nested(std::size_t depth, const std::string& tag) {
  std::string text;
  for (std::size_t i = 0; i < depth; ++i) text += "<" + tag + ">";
  text += "one two";
  for (std::size_t i = 0; i < depth; ++i) text += "</" + tag + ">";
  return text;
}

TEST(MarkupTest, BoundsTheDepth) {
  for (const auto& rules : {MarkupRules{}, kXml}) {
    EXPECT_EQ(Tags(PutReversed(Nested(500, "b"), rules)),
              Tags(Nested(500, "b")));
    EXPECT_THROW(Texts(Nested(100'000, "b"), rules), Error);
  }
  // Blocks are not looked into: they may be as deep as they like.
  const std::string blocks = Nested(100'000, "div");
  EXPECT_EQ(PutReversed(blocks).size(), blocks.size());
  std::string unfinished, quotes, untouched;
  for (int i = 0; i < 100'000; ++i) {
    unfinished += "<!-";
    quotes += "<b \"";
    untouched += "<code>";
  }
  EXPECT_EQ(PutReversed(unfinished), unfinished);
  EXPECT_EQ(PutReversed(quotes), quotes);
  EXPECT_EQ(PutReversed(untouched), untouched);
}

constexpr const char* kPage =
    "<!DOCTYPE html><html lang=en><head><title>A &amp; b</title>"
    "<script>if (a < b) { c = \"</p>\"; }</script></head><body>\n"
    "<h1 class=\"x y\">One two</h1><p>Three <a href='q?a=1&amp;b=2'>four "
    "<em>five</em></a>, six.<br/>Seven &copy; <img src=i alt='j'> eight</p>"
    "<!-- nine --><ul><li>Ten <code>x &lt; y</code> eleven<li>Twelve</ul>"
    "<pre translate=no>  a\n  b</pre><svg><path d='M0'/></svg></body></html>";

TEST(MarkupTest, ATextCutAnywhereLosesNoTag) {
  const std::string page = kPage;
  for (std::size_t size = 0; size <= page.size(); ++size) {
    const std::string cut = page.substr(0, size);
    EXPECT_EQ(Tags(PutReversed(cut)), Tags(cut)) << cut;
    try {
      EXPECT_EQ(Tags(PutReversed(cut, kXml)), Tags(cut)) << cut;
    } catch (const Error&) {  // not well-formed
    }
  }
}

// Any bytes between tags of all kinds.
TEST(MarkupTest, HostileTagsAreNeitherLostNorMade) {
  const Strings parts = {"<b>",     "</b>",      "<i>",     "</i>",  "<p>",
                         "</p>",    "one ",      "two",     " ",     "<br>",
                         "&amp;",   "<x y='z'>", "</x>",    "<img>", "<code>",
                         "</code>", "three. ",   "<!-- -->"};
  std::uint32_t random = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      random = random * 1664525 + 1013904223;
      text += parts[(random >> 16) % parts.size()];
    }
    const std::string put = PutReversed(text);
    ASSERT_EQ(Tags(put), Tags(text)) << text << "\n" << put;
  }
}

// Closing tags close what was opened last.
bool IsNested(const std::string& text) {
  Strings open;
  for (std::size_t at = text.find('<'); at != std::string::npos;
       at = text.find('<', at + 1)) {
    const std::string name = text.substr(at + 1, text.find('>', at) - at - 1);
    if (name.front() != '/') {
      open.push_back(name);
    } else if (open.empty() || "/" + open.back() != name) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

std::string RandomTree(std::uint32_t& random, int depth) {
  std::string text;
  for (int i = 0; i < 3; ++i) {
    random = random * 1664525 + 1013904223;
    const std::uint32_t choice = (random >> 16) % 4;
    const std::string name(1, static_cast<char>('b' + choice));
    if (choice < 3 && depth > 0) {
      text +=
          "<" + name + ">" + RandomTree(random, depth - 1) + "</" + name + "> ";
    } else {
      text += name + std::to_string(random >> 20) + " ";
    }
  }
  return text;
}

TEST(MarkupTest, WhatIsNestedStaysNested) {
  std::uint32_t random = 7;
  for (int round = 0; round < 500; ++round) {
    const std::string text = RandomTree(random, 3);
    ASSERT_TRUE(IsNested(text));
    const std::string put = PutReversed(text);
    ASSERT_TRUE(IsNested(put)) << text << "\n" << put;
    ASSERT_EQ(Tags(put), Tags(text));
  }
}

TEST(PieceOffsetsTest, ReadsAlong) {
  using Offsets = std::vector<std::size_t>;
  EXPECT_EQ(PieceOffsets("Where is it?", {"▁Where", "▁is", "▁it", "?", "</s>"}),
            (Offsets{0, 6, 9, 11, 12}));
  EXPECT_EQ(PieceOffsets("low er", {">>fra<<", "lo@@", "w", "er</w>"}),
            (Offsets{0, 0, 2, 4}));
  // What the tokenizer has normalised is passed over.
  EXPECT_EQ(PieceOffsets("a … bcd", {"▁a", "▁...", "▁bcd"}),
            (Offsets{0, 2, 6}));
  EXPECT_EQ(PieceOffsets("", {"x", ""}), (Offsets{0, 0}));
}

// The model turns strings of digits round, and so it does their tags.
class MarkupRequestsTest : public testing::Test {
 protected:
  static std::vector<ServedModel> Models() {
    std::vector<ServedModel> models;
    models.push_back(MakeServedModel(
        "en-fr", Translator(TESSERA_SOURCE_DIR "/models/bundled/digits-vanilla",
                            {.threads = 1, .precision = Precision::kF32})));
    return models;
  }
  Answer LibreTranslate(Json body) {
    body.update({{"source", "en"}, {"target", "fr"}, {"format", "html"}});
    return Client(server_.address()).Post("/translate", body.dump());
  }
  Answer DeepL(Json body) {
    body["target_lang"] = "FR";
    return Client(server_.address()).Post("/v2/translate", body.dump());
  }

  RunningServer server_{{}, Models()};
};

TEST_F(MarkupRequestsTest, LibreTranslatesHtml) {
  EXPECT_EQ(LibreTranslate({{"q", "<p>3 <b>1</b> 4</p>\n<p>5</p>"}}).json(),
            Json({{"translatedText", "<p>4 <b>1</b> 3</p>\n<p>5</p>"}}));
  EXPECT_EQ(
      LibreTranslate(
          {{"q", {"<b>3</b> 1 4 1", "<br>", "9"}}, {"alternatives", 1}})
          .json(),
      Json({{"translatedText", {"1 4 1 <b>3</b>", "<br>", "9"}},
            {"alternatives", {Json::array(), Json::array(), Json::array()}}}));
  EXPECT_EQ(LibreTranslate({{"q", "<hr>"}}).json(),
            Json({{"translatedText", "<hr>"}}));
}

TEST_F(MarkupRequestsTest, DeepLsHtmlAndXml) {
  const Json answer =
      DeepL({{"text", {"<p>3 <b>1</b> 4</p>"}}, {"tag_handling", "html"}})
          .json();
  EXPECT_EQ(answer["translations"][0]["text"], "<p>4 <b>1</b> 3</p>");
  EXPECT_EQ(answer["translations"][0]["billed_characters"], 19);
  EXPECT_EQ(DeepL({{"text", {"<d>3 <n>7</n><x/> 1</d>"}},
                   {"tag_handling", "xml"},
                   {"ignore_tags", "m,n"}})
                .json()["translations"][0]["text"],
            "<d><n>7</n><x/> 1 3</d>");
}

TEST_F(MarkupRequestsTest, SaysWhatIsWrongInTheFormOfEach) {
  std::string tags;
  for (int i = 0; i < 600; ++i) tags += "<b>";
  EXPECT_EQ(LibreTranslate({{"q", tags}}).status, 400);
  EXPECT_EQ(LibreTranslate({{"q", tags}}).json()["error"],
            "html: want elements at most 512 deep, found deeper ones");
  const Answer xml = DeepL({{"text", {"<a>3</b>"}}, {"tag_handling", "xml"}});
  EXPECT_EQ(xml.status, 400);
  EXPECT_EQ(xml.json()["message"],
            "xml: want an end for each start of an element, found \"</b>\"");
  Json many = Json::array();
  std::string runs;
  for (int i = 0; i < 1000; ++i) runs += "3<br>";
  for (int i = 0; i < 5; ++i) many.push_back(runs);
  EXPECT_EQ(LibreTranslate({{"q", many}}).json()["error"],
            "markup: want at most 4096 stretches of text, found 5000");
  many.clear();
  std::string marks = "3";
  for (int i = 0; i < 1999; ++i) marks += "<wbr>";
  for (int i = 0; i < 9; ++i) many.push_back(marks);
  EXPECT_EQ(LibreTranslate({{"q", many}}).json()["error"],
            "markup: want at most 16384 tags inside of them, found 17991");
}

}  // namespace
}  // namespace tessera::tools::serve
