// JsonObject: what is refused, and what messages say.
#include "models/files/json.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

using namespace std::string_literals;

JsonObject Parse(const std::string& text) {
  return JsonObject::Parse("config.json", text);
}

void ExpectRefused(const std::string& text, std::string_view why) {
  ExpectError([&] { Parse(text); }, {"config.json: ", why}, text);
}

std::string Nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') +
         "}";
}

TEST(JsonTest, ReadsEveryKindOfValue) {
  const JsonObject object = Parse(
      R"({"i": -3, "f": 1.5, "b": true, "s": "été", "n": null,
          "list": [1, 2], "lists": [[1], [], [2, 3]], "o": {"x": 7}})");
  EXPECT_EQ(object.Integer("i", {-5, 5}), -3);
  EXPECT_EQ(object.Number("f"), 1.5);
  EXPECT_EQ(object.Number("i"), -3.0);
  EXPECT_TRUE(object.Boolean("b"));
  EXPECT_EQ(object.String("s"), "été");
  EXPECT_EQ(object.Integers("list"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(object.IntegerOrIntegers("list"),
            (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(object.IntegerOrIntegers("i", {-5, 5}),
            (std::vector<std::int64_t>{-3}));
  EXPECT_EQ(object.IntegerLists("lists"),
            (std::vector<std::vector<std::int64_t>>{{1}, {}, {2, 3}}));
  EXPECT_EQ(object.Object("o", "config.json: o").Integer("x"), 7);
}

TEST(JsonTest, TellsAbsentFromNull) {
  const JsonObject object = Parse(R"({"n": null, "z": 0})");
  EXPECT_TRUE(object.Contains("n"));
  EXPECT_FALSE(object.IsSet("n"));
  EXPECT_TRUE(object.IsSet("z"));
  EXPECT_FALSE(object.Contains("absent"));
  EXPECT_EQ(object.IntegerOr("absent", 5), 5);
  EXPECT_EQ(object.BooleanOr("absent", true), true);
  EXPECT_EQ(object.StringOr("absent", "x"), "x");
  ExpectError([&] { object.IntegerOr("n", 5); },
              {R"(config.json: key "n": want an integer)", "found null"});
}

TEST(JsonTest, SaysWhichKeyWhatIsWantedAndWhatIsFound) {
  const JsonObject object = Parse(
      R"({"d_model": "abc", "f": 2.0, "big": 9007199254740993, "neg": -1,
          "huge": 123456789012345678901234567890, "list": [1, "2"]})");
  ExpectError(
      [&] {
        object.Integer("d_model", {1, 9});
      },
      {R"(config.json: key "d_model": want an integer in [1, 9], found "abc")"});
  ExpectError([&] { object.Integer("f"); }, {"want an integer", "found 2.0"});
  ExpectError([&] { object.Integer("big"); }, {"found 9007199254740993"});
  ExpectError([&] { object.Integer("neg"); }, {"found -1"});
  ExpectError([&] { object.Integer("huge"); }, {"found 1.23456789"});
  ExpectError([&] { object.Integer("absent"); }, {"found no such key"});
  ExpectError([&] { object.Integers("list"); }, {"a list of integers", "[1,"});
  ExpectError([&] { object.Boolean("f"); }, {"want true or false"});
  ExpectError([&] { object.String("f"); }, {"want a string"});
  ExpectError([&] { object.Number("d_model"); }, {"want a number"});
  ExpectError([&] { object.Object("f", "config.json: f"); },
              {"config.json: f: want a JSON object, found 2.0"});
}

TEST(JsonTest, QuotesLongOrOddValuesOnOneShortLine) {
  const JsonObject object = Parse(R"({"long": ")" + std::string(10'000, 'x') +
                                  R"(", "odd": "a\nb"})");
  try {
    object.Integer("long");
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_LT(std::string(error.what()).size(), 200u);
  }
  ExpectError([&] { object.Integer("odd"); }, {R"(found "a\nb")"});
}

TEST(JsonTest, AcceptsWhitespaceRoundTheObject) {
  EXPECT_EQ(Parse(" \t\r\n{\"a\": 1} \n\t ").Integer("a"), 1);
}

TEST(JsonTest, RefusesWhatIsNotAnObject) {
  ExpectRefused("[1]", "want a JSON object, found [1]");
  ExpectRefused("3", "want a JSON object, found 3");
  ExpectRefused("null", "want a JSON object");
}

TEST(JsonTest, RefusesLaxSyntax) {
  ExpectRefused("", "want valid JSON");
  ExpectRefused("{", "want valid JSON");
  ExpectRefused("{\"a\": 1,}", "want valid JSON");
  ExpectRefused("{\"a\": [1,]}", "want valid JSON");
  ExpectRefused("{\"a\": 1} x", "want valid JSON");
  ExpectRefused("{\"a\": 1}{}", "want valid JSON");
  ExpectRefused("{/* c */\"a\": 1}", "want valid JSON");
  ExpectRefused("// c\n{\"a\": 1}", "want valid JSON");
  ExpectRefused("{'a': 1}", "want valid JSON");
  ExpectRefused("{a: 1}", "want valid JSON");
  ExpectRefused("{\"a\": NaN}", "want valid JSON");
  ExpectRefused("{\"a\": Infinity}", "want valid JSON");
  ExpectRefused("{\"a\": 1e400}", "want valid JSON");
  ExpectRefused("{\"a\": 01}", "want valid JSON");
  ExpectRefused("{\"a\": +1}", "want valid JSON");
  ExpectRefused("{\"a\": \"x\ny\"}", "want valid JSON");
}

TEST(JsonTest, RefusesBadUtf8NulAndByteOrderMark) {
  ExpectRefused("{\"a\": \"\xff\"}", "ill-formed UTF-8");
  ExpectRefused("{\"a\": \"\xc0\xaf\"}", "ill-formed UTF-8");      // overlong
  ExpectRefused("{\"a\": \"\xed\xa0\x80\"}", "ill-formed UTF-8");  // surrogate
  ExpectRefused("{\"a\": \"\xe2\x82\"}", "ill-formed UTF-8");      // cut
  ExpectRefused("{\"a\": \xc3\xa9}", "want valid JSON");
  ExpectRefused("{\"a\": \"\\ud800\"}", "want valid JSON");
  ExpectRefused("\xEF\xBB\xBF{}", "byte order mark");
  ExpectRefused("{}\0"s, "NUL at byte 2");
  ExpectRefused("{\"a\0\": 1}"s, "NUL at byte 3");
  ExpectRefused(R"({"a": "x\u0000y"})", "NUL");
  ExpectRefused(R"({"a\u0000": 1})", "NUL");
}

TEST(JsonTest, RefusesTheSameKeyTwiceInOneObject) {
  ExpectRefused(R"({"a": 1, "a": 1})", R"(key "a": want each key once)");
  ExpectRefused(R"({"a": 1, "\u0061": 2})", R"(key "a")");
  ExpectRefused(R"({"o": {"b": 1, "b": 2}})", R"(key "b")");
  EXPECT_EQ(Parse(R"({"a": {"a": 1}, "b": {"a": 1}})").Keys().size(), 2u);
}

TEST(JsonTest, ReadsFilesAsPythonDoes) {
  const TestFolder folder;
  const auto read = [&](std::string_view text) {
    return JsonObject::Read(folder.Write("a.json", text));
  };
  const JsonObject object = read(
      R"({"b": 1, "a": {"c": 1, "d": 2, "c": 3}, "b": {"x": 1}, "b": [2]})");
  EXPECT_EQ(object.Keys(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(object.KeysInOrder(), (std::vector<std::string>{"b", "a"}));
  EXPECT_EQ(object.Integers("b"), (std::vector<std::int64_t>{2}));
  EXPECT_EQ(object.Object("a", "a").Integer("c"), 3);
  EXPECT_EQ(read(R"({"a": "\ud800x"})").String("a"), "\xF4\x8F\xA0\x80x");
  for (const char* text :
       {R"({"a": "\ud80"})", R"({"a": "\ud80g"})", R"({"a": "\ud800\u"})",
        R"({"a": "\ud800)", R"({"a": "\ud800\)", R"({"a\u0000": "\ud800"})"}) {
    EXPECT_THROW(read(text), Error) << text;
  }
}

// Python's json writes them where a float has no JSON.
TEST(JsonTest, ReadsConstantsOfPythonWhichAreNoNumbers) {
  const TestFolder folder;
  const auto object = JsonObject::Read(folder.Write(
      "config.json",
      R"({"a": NaN, "b": [Infinity,-Infinity], "c": "NaN, \"Infinity", "d": 3,)"
      R"( "e\\": Infinity, "f": NaN})"));
  EXPECT_EQ(object.Integer("d"), 3);
  EXPECT_EQ(object.String("c"), "NaN, \"Infinity");
  EXPECT_TRUE(object.IsSet("f"));
  for (const char* key : {"a", "b", "e\\", "f"}) {
    ExpectError([&] { object.Number(key); }, {"want a number, found "});
  }
  for (const char* text : {R"({"a": NaNa})", R"({"a": 3NaN})", R"({NaN})",
                           R"({"a": Infinit})", R"({"a": +Infinity})"}) {
    ExpectError([&] { JsonObject::Read(folder.Write("c.json", text)); },
                {"c.json: want valid JSON"}, text);
  }
}

TEST(JsonTest, RefusesDeepNestingWithoutRecursion) {
  EXPECT_NO_THROW(Parse(Nested(8)));
  ExpectRefused(Nested(9), "nested at most 8 deep");
  ExpectError([] { Parse("{\"a\":" + std::string(100'000, '[')); },
              {"nested at most 8 deep"});
}

TEST(JsonTest, RefusesTooManyKeysOrValues) {
  const JsonLimits limits = {.max_depth = 8, .max_keys = 3, .max_values = 5};
  const auto parse = [&](const std::string& text) {
    return JsonObject::Parse("f", text, limits);
  };
  EXPECT_NO_THROW(parse(R"({"a": 1, "b": 2, "c": 3})"));
  ExpectError([&] { parse(R"({"a": 1, "b": {"c": 3, "d": 4}})"); },
              {"at most 3 JSON keys"});
  EXPECT_NO_THROW(parse(R"({"a": [1, 2, 3]})"));
  ExpectError([&] { parse(R"({"a": [1, 2, 3, 4]})"); },
              {"at most 5 JSON values"});
}

TEST(JsonTest, ReadsAFileAndNamesItByItsBaseName) {
  const TestFolder folder;
  const auto file = folder.Write("vocab.json", R"({"a": 1})");
  EXPECT_EQ(JsonObject::Read(file).where(), "vocab.json");
  ExpectError([&] { JsonObject::Read(file, {}, 7); },
              {"vocab.json", "want at most 7 bytes, found 8"});
  ExpectError([&] { JsonObject::Read(folder.path() / "none.json"); },
              {"none.json", "No such file"});
}

}  // namespace
}  // namespace tessera::models
