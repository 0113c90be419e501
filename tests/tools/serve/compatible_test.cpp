// The endpoints of LibreTranslate and DeepL, as their clients call them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kForm = "application/x-www-form-urlencoded";

class CompatibleTest : public ServeTest {
 protected:
  static std::vector<ServedModel> TwoModels() {
    std::vector<ServedModel> models = Models();
    models.push_back(MakeServedModel("en-pt", Make()));
    return models;
  }
  Answer Post(const std::string& target, const std::string& body,
              const std::string& type = "application/json") {
    return Client(server_.address()).Post(target, body, type);
  }
  Answer Get(const std::string& target) {
    return Client(server_.address()).Get(target);
  }

  RunningServer server_{{}, TwoModels()};
};

using LibreTranslateTest = CompatibleTest;
using DeepLTest = CompatibleTest;

TEST_F(LibreTranslateTest, ReadsAllEncodings) {
  const Json wanted = {{"translatedText", Expected("5 6")}};
  EXPECT_EQ(
      Post("/translate", R"({"q": "5 6", "source": "en", "target": "fr"})")
          .json(),
      wanted);
  EXPECT_EQ(Post("/translate", "q=5+6&source=en&target=fr", kForm).json(),
            wanted);
  EXPECT_EQ(Post("/translate", "q=%35%20%36&source=EN&target=FR",
                 std::string(kForm) + "; charset=utf-8")
                .json(),
            wanted);
  EXPECT_EQ(Post("/translate?q=5%206&source=en&target=fr", "", "").json(),
            wanted);
  EXPECT_EQ(
      Post("/translate?q=5%206&source=en&target=fr", "x", "text/plain").json(),
      wanted);
  const std::string parts =
      "--b-1\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\n5 6\r\n"
      "--b-1\r\ncontent-disposition: form-data; name=\"source\"\r\n"
      "Content-Type: text/plain\r\n\r\nen\r\n"
      "--b-1\r\nContent-Disposition: form-data; name=target\r\n\r\nfr\r\n"
      "--b-1--\r\n";
  EXPECT_EQ(
      Post("/translate", parts, "multipart/form-data; boundary=b-1").json(),
      wanted);
  EXPECT_EQ(
      Post("/translate", parts, "multipart/form-data; boundary=\"b-1\"").json(),
      wanted);
}

TEST_F(LibreTranslateTest, IgnoresWhatItDoesNotKnow) {
  EXPECT_EQ(Post("/translate",
                 R"({"q": "5", "source": "en", "target": "fr", "secret": "x",
                     "api_key": null, "extra": {"a": [1]}, "format": "text"})")
                .status,
            200);
}

TEST_F(LibreTranslateTest, TranslatesAList) {
  const Json answer =
      Post("/translate",
           R"({"q": ["5", "", "6 7"], "source": "auto", "target": "fr",
               "alternatives": 2})")
          .json();
  EXPECT_EQ(answer["translatedText"],
            Json({Expected("5"), "", Expected("6 7")}));
  ASSERT_EQ(answer["alternatives"].size(), 3u);
  EXPECT_LE(answer["alternatives"][0].size(), 2u);
  EXPECT_TRUE(answer["alternatives"][1].empty());
  ASSERT_EQ(answer["detectedLanguage"].size(), 3u);
  EXPECT_EQ(answer["detectedLanguage"][0],
            Json({{"confidence", 0.0}, {"language", "en"}}));
}

TEST_F(LibreTranslateTest, GivesOtherOutputsAsAlternatives) {
  const Json answer =
      Post("/translate",
           R"({"q": "5 6", "source": "en", "target": "fr", "alternatives": 3})")
          .json();
  const Translation wanted = translator_.Translate("5 6", {.beam_size = 4});
  EXPECT_EQ(answer["translatedText"], wanted.text());
  ASSERT_FALSE(answer["alternatives"].empty());
  EXPECT_EQ(answer["alternatives"][0], wanted.hypotheses[1].text);
}

TEST_F(LibreTranslateTest, SaysWhatIsWrongInItsOwnForm) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"source": "en", "target": "fr"})",
       "Invalid request: missing q parameter"},
      {R"({"q": "", "source": "en", "target": "fr"})",
       "Invalid request: missing q parameter"},
      {R"({"q": [], "source": "en", "target": "fr"})",
       "Invalid request: missing q parameter"},
      {R"({"q": "5", "target": "fr"})",
       "Invalid request: missing source parameter"},
      {R"({"q": "5", "source": "en"})",
       "Invalid request: missing target parameter"},
      {R"({"q": "5", "source": "en", "target": "zz"})", "zz is not supported"},
      {R"({"q": "5", "source": "zz", "target": "fr"})", "zz is not supported"},
      {R"({"q": "5", "source": "fr", "target": "en"})",
       "English (en) is not available as a target language from French (fr)"},
      {R"({"q": "5", "source": "en", "target": "fr", "format": "pdf"})",
       "format: want text or html"},
      {R"({"q": [5], "source": "en", "target": "fr"})",
       "q: want a list of strings, found 5"},
      {R"({"q": "5", "source": "en", "target": "fr", "alternatives": 9})",
       "alternatives: want 0 to 8, found \"9\""}};
  for (const auto& [body, message] : cases) {
    const Answer answer = Post("/translate", body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.json(), Json({{"error", message}}));
  }
  EXPECT_EQ(Post("/translate", "{", "application/json").status, 400);
  EXPECT_EQ(Post("/translate", "q=%z", kForm).status, 400);
  EXPECT_EQ(Post("/translate", "q=%4", kForm).status, 400);
}

TEST_F(LibreTranslateTest, RefusesPartsThatAreNone) {
  for (const char* body :
       {"", "--b", "--b--", "--b\r\n", "--b\r\nx\r\n--b--", "x--b\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=q\r\n\r\nx"}) {
    EXPECT_EQ(
        Post("/translate", body, "multipart/form-data; boundary=b").status, 400)
        << body;
  }
  EXPECT_EQ(Post("/translate", "--\r\n", "multipart/form-data").status, 400);
}

TEST_F(LibreTranslateTest, ListsLanguagesAndSettings) {
  const Json languages = Get("/languages").json();
  ASSERT_EQ(languages.size(), 3u);
  EXPECT_EQ(
      languages[0],
      Json({{"code", "en"}, {"name", "English"}, {"targets", {"fr", "pt"}}}));
  EXPECT_EQ(languages[1]["name"], "French");
  EXPECT_TRUE(languages[1]["targets"].empty());
  const Json settings = Get("/frontend/settings").json();
  EXPECT_EQ(settings["charLimit"], 10000);
  EXPECT_EQ(settings["keyRequired"], false);
  EXPECT_EQ(settings["language"]["source"]["code"], "en");
  EXPECT_EQ(settings["language"]["target"]["name"], "French");
  EXPECT_EQ(Post("/languages", "").status, 405);
  EXPECT_EQ(Get("/detect").status, 405);
  EXPECT_TRUE(Get("/translate").json()["error"].is_string());
}

TEST_F(LibreTranslateTest, SaysWhatIsNotOffered) {
  for (const char* path : {"/suggest", "/translate_file"}) {
    const Answer answer = Post(path, "");
    EXPECT_EQ(answer.status, 403);
    EXPECT_TRUE(answer.json()["error"].is_string());
  }
  EXPECT_EQ(Get("/download_file/x").status, 403);
}

TEST_F(DeepLTest, TranslatesWithTheCharactersThatItsClientsCount) {
  const Json answer =
      Post("/v2/translate", R"({"text": ["5 6", "7"], "target_lang": "FR"})")
          .json();
  const Json wanted = {{{"detected_source_language", "EN"},
                        {"text", Expected("5 6")},
                        {"billed_characters", 3}},
                       {{"detected_source_language", "EN"},
                        {"text", Expected("7")},
                        {"billed_characters", 1}}};
  EXPECT_EQ(answer, Json({{"translations", wanted}}));
  EXPECT_EQ(Get("/v2/usage").json()["character_count"], 4);
  EXPECT_GT(Get("/v2/usage").json()["character_limit"], 4);
  EXPECT_EQ(
      Post("/v2/translate", "text=5+6&text=7&target_lang=FR", kForm).json(),
      answer);
}

TEST_F(DeepLTest, TakesARegionForItsLanguage) {
  for (const char* target : {"PT-BR", "PT-PT", "pt"}) {
    const Json body = {{"text", {"5"}},
                       {"source_lang", "EN"},
                       {"target_lang", target},
                       {"split_sentences", "nonewlines"},
                       {"formality", "prefer_more"},
                       {"context", "numbers"}};
    EXPECT_EQ(Post("/v2/translate", body.dump()).status, 200) << target;
  }
}

TEST_F(DeepLTest, RefusesWhatItCannotDo) {
  for (const char* field :
       {R"("glossary_id": "a")", R"("formality": "more")",
        R"("tag_handling": "markdown")", R"("split_sentences": "2")",
        R"("target_lang": "DE")", R"("source_lang": "FR")",
        R"("target_lang": "")", R"("text": [])"}) {
    Json body = Json::parse(R"({"text": ["5"], "target_lang": "FR"})");
    body.update(Json::parse(std::string("{") + field + "}"));
    const Answer answer = Post("/v2/translate", body.dump());
    EXPECT_EQ(answer.status, 400) << field;
    EXPECT_TRUE(answer.json()["message"].is_string());
  }
}

TEST_F(DeepLTest, ListsLanguages) {
  const Json sources = Get("/v2/languages").json();
  ASSERT_EQ(sources.size(), 1u);
  EXPECT_EQ(sources[0]["language"], "EN");
  // Its client of Python sends the type in the body of a GET.
  Client client(server_.address());
  client.Send("GET /v2/languages HTTP/1.1\r\nHost: a\r\nContent-Type: " +
              std::string(kForm) + "\r\nContent-Length: 11\r\n\r\ntype=target");
  const Json targets = client.Read().json();
  ASSERT_EQ(targets.size(), 3u);
  EXPECT_EQ(targets[0]["language"], "FR");
  EXPECT_EQ(targets[1]["language"], "PT-BR");
  EXPECT_EQ(targets[2]["language"], "PT-PT");
  EXPECT_EQ(Get("/v2/languages?type=target").json(), targets);
  EXPECT_EQ(Get("/v2/languages?type=x").status, 400);
}

}  // namespace
}  // namespace tessera::tools::serve
