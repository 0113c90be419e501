// Two models for a direction that no model has.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;
using Names = std::vector<const char*>;

class PivotTest : public ServeTest {
 protected:
  static std::vector<ServedModel> Named(const Names& names) {
    std::vector<ServedModel> models;
    for (const char* name : names) {
      models.push_back(MakeServedModel(name, Make()));
    }
    return models;
  }
  static Answer Translate(const RunningServer& server, Json body) {
    return Client(server.address()).Post("/translate", body.dump());
  }

  RunningServer server_{{}, Named({"en-fr", "fr-de", "de-pt"})};
};

TEST_F(PivotTest, TranslatesTheTranslation) {
  const Json answer =
      Translate(server_,
                {{"q", {"5 6", "7", ""}}, {"source", "en"}, {"target", "de"}})
          .json();
  EXPECT_EQ(answer["translatedText"],
            Json({Expected(Expected("5 6")), Expected(Expected("7")), ""}));
  const Json deepl =
      Client(server_.address())
          .Post("/v2/translate", R"({"text": ["5 6"], "source_lang": "EN",
                                     "target_lang": "DE"})")
          .json();
  EXPECT_EQ(deepl["translations"][0]["text"], Expected(Expected("5 6")));
  EXPECT_EQ(deepl["translations"][0]["detected_source_language"], "EN");
}

TEST_F(PivotTest, GivesAlternativesOfTheLastModel) {
  const Json answer = Translate(server_, {{"q", "5 6"},
                                          {"source", "en"},
                                          {"target", "de"},
                                          {"alternatives", 3}})
                          .json();
  const Translation wanted =
      translator_.Translate(Expected("5 6"), {.beam_size = 4});
  EXPECT_EQ(answer["translatedText"], wanted.text());
  EXPECT_EQ(answer["alternatives"][0], wanted.hypotheses[1].text);
}

TEST_F(PivotTest, ListsWhatTwoModelsReachAndNoMore) {
  Client client(server_.address());
  const Json languages = client.Get("/languages").json();
  ASSERT_EQ(languages.size(), 4u);
  EXPECT_EQ(languages[1]["code"], "en");
  EXPECT_EQ(languages[1]["targets"], Json({"de", "fr"}));
  EXPECT_EQ(languages[2]["targets"], Json({"de", "pt"}));
  EXPECT_EQ(Translate(server_, {{"q", "5"}, {"source", "en"}, {"target", "pt"}})
                .json()["error"],
            "Portuguese (pt) is not available as a target language from "
            "English (en)");
  EXPECT_EQ(Translate(server_, {{"q", "5"}, {"source", "en"}, {"target", "en"}})
                .status,
            400);
}

TEST_F(PivotTest, GoesThroughEnglishIfThatIsAWay) {
  // Of the models only the one that is called tells of itself, in metrics.
  ServerOptions options;
  options.metrics = ParseListenAddress("127.0.0.1:0");
  const RunningServer server(
      options, Named({"fr-de", "de-pt", "fr-en", "en-pt", "pt-fr"}));
  EXPECT_EQ(Translate(server, {{"q", "5"}, {"source", "fr"}, {"target", "pt"}})
                .status,
            200);
  const std::string metrics =
      Client(server.metrics_address()).Get("/metrics").body;
  EXPECT_NE(metrics.find("model=\"fr-en\",outcome=\"ok\"} 1"),
            std::string::npos);
  EXPECT_NE(metrics.find("model=\"en-pt\",outcome=\"ok\"} 1"),
            std::string::npos);
  EXPECT_EQ(metrics.find("model=\"fr-de\",outcome=\"ok\"} 1"),
            std::string::npos);
}

TEST_F(PivotTest, TellsOfAFailureOnTheWay) {
  const Answer answer =
      Translate(server_, {{"q", "bad"}, {"source", "en"}, {"target", "de"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_TRUE(answer.json()["error"].is_string());
}

// The second model is asked when the first is done, whatever waits by then.
TEST_F(PivotTest, KeepsItsPlaceBetweenTheModels) {
  ServerOptions options;
  options.admission.requests = 1;
  const RunningServer server(options, Named({"en-fr", "fr-de"}));
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(
        Translate(server, {{"q", "5"}, {"source", "en"}, {"target", "de"}})
            .status,
        200);
  }
}

TEST_F(PivotTest, TakesTagsAlong) {
  std::vector<ServedModel> models;
  for (const char* name : {"en-fr", "fr-de"}) {
    models.push_back(MakeServedModel(
        name, Translator(TESSERA_SOURCE_DIR "/models/bundled/digits-vanilla",
                         {.threads = 1, .precision = Precision::kF32})));
  }
  const RunningServer server({}, std::move(models));
  EXPECT_EQ(Translate(server, {{"q", "<p>3 <b>1</b> 4 1</p><br>"},
                               {"source", "en"},
                               {"target", "de"},
                               {"format", "html"}})
                .json()["translatedText"],
            "<p>3 <b>1</b> 4 1</p><br>");
}

}  // namespace
}  // namespace tessera::tools::serve
