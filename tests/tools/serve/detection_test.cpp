// Languages that clients leave open.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"
#include "tools/serve/language_detector.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kEnglish = "Where is the station? It is over there.";
constexpr const char* kFrench = "Où se trouve la gare ? Elle est là-bas.";
constexpr const char* kGerman = "Wo ist der Bahnhof? Er ist dort drüben.";
constexpr const char* kForm = "application/x-www-form-urlencoded";

// Models that know any word, of numbers or not.
class DetectionTest : public ServeTest {
 protected:
  static Translator MakeOfWords() {
    engine::LoadedModel folder = Folder();
    auto tokenizer = std::make_unique<engine::FakeTokenizer>(kVocabulary);
    tokenizer->unknown = 1;
    folder.tokenizer = std::move(tokenizer);
    return engine::Access::Make(
        std::move(folder), {.threads = kThreads, .batch_size = kBatchSize});
  }
  static std::vector<ServedModel> Named(
      std::initializer_list<const char*> names) {
    std::vector<ServedModel> models;
    for (const char* name : names) {
      models.push_back(MakeServedModel(name, MakeOfWords()));
    }
    return models;
  }
  static Answer Post(const RunningServer& server, const std::string& path,
                     const Json& body) {
    return Client(server.address()).Post(path, body.dump());
  }
  static Json Detect(const RunningServer& server, const std::string& text) {
    return Post(server, "/detect", {{"q", text}}).json();
  }
  static Json Translate(const RunningServer& server, const Json& texts,
                        const std::string& target,
                        const std::string& format = "text") {
    return Post(server, "/translate",
                {{"q", texts},
                 {"source", "auto"},
                 {"target", target},
                 {"format", format}})
        .json();
  }
};

// Where languages are detected.
class DetectorTest : public DetectionTest {
 protected:
  void SetUp() override {
    if (!CanDetectLanguages()) GTEST_SKIP() << "want CLD2, found none";
  }
};

TEST_F(DetectionTest, KnowsTheOneSourceThatItsModelsHave) {
  const RunningServer one({}, Named({"en-fr", "en-pt"}));
  const Json wanted = {{{"confidence", 0.0}, {"language", "en"}}};
  Client client(one.address());
  EXPECT_EQ(client.Post("/detect", "q=5", kForm).json(), wanted);
  EXPECT_EQ(client.Post("/detect", "", kForm).status, 400);
  EXPECT_EQ(client.Post("/translate", "q=5&source=auto&target=fr", kForm)
                .json()["detectedLanguage"],
            wanted[0]);
}

TEST_F(DetectionTest, TakesEnglishWhereNobodyCanTell) {
  const RunningServer server({}, Named({"en-fr", "en-pt", "de-fr"}));
  Client client(server.address());
  const Answer detected = client.Post("/detect", "q=5", kForm);
  const Answer translated =
      client.Post("/translate", "q=5&source=auto&target=fr", kForm);
  if (CanDetectLanguages()) {
    EXPECT_EQ(detected.json()[0]["language"], "en");
    EXPECT_EQ(translated.json()["detectedLanguage"]["confidence"], 0.0);
    EXPECT_EQ(translated.json()["detectedLanguage"]["language"], "en");
  } else {
    EXPECT_EQ(detected.status, 400);
    EXPECT_EQ(translated.status, 400);
  }
  EXPECT_EQ(client.Post("/translate", "q=5&source=auto&target=pt", kForm)
                .json()["detectedLanguage"]["language"],
            "en");
}

TEST_F(DetectionTest, LeavesTextsWithoutWordsAsTheyAre) {
  const RunningServer server({}, Named({"en-fr"}));
  const Json answer = Translate(server, {"\U0001F600 !", ""}, "fr");
  EXPECT_EQ(answer["translatedText"], Json({"\U0001F600 !", ""}));
  const Json wanted = {{"confidence", 0.0}, {"language", "en"}};
  EXPECT_EQ(answer["detectedLanguage"], Json({wanted, wanted}));
}

TEST_F(DetectorTest, TellsLanguagesApart) {
  const RunningServer server({}, Named({"en-fr", "de-en"}));
  for (const auto& [text, code] : {std::pair{kEnglish, "en"},
                                   {kFrench, "fr"},
                                   {kGerman, "de"},
                                   {"Hello.", "en"},
                                   {"Привет, мир", "en"}}) {
    const Json found = Detect(server, text);
    EXPECT_EQ(found[0]["language"], code) << text;
  }
  EXPECT_GT(Detect(server, kGerman)[0]["confidence"], 90);
  EXPECT_LT(Detect(server, "Hello.")[0]["confidence"], 50);
  // Known, but to no model.
  EXPECT_EQ(Detect(server, "Привет, мир")[0]["confidence"], 0.0);
}

TEST_F(DetectorTest, TranslatesFromWhatItFinds) {
  const RunningServer server({}, Named({"en-fr", "de-fr"}));
  const Json answer = Translate(server, {kGerman, "5"}, "fr");
  EXPECT_EQ(answer["detectedLanguage"].size(), 2u);
  EXPECT_EQ(answer["detectedLanguage"][0]["language"], "de");
  EXPECT_EQ(answer["detectedLanguage"][1], answer["detectedLanguage"][0]);
  EXPECT_EQ(answer["translatedText"],
            Post(server, "/translate",
                 {{"q", {kGerman, "5"}}, {"source", "de"}, {"target", "fr"}})
                .json()["translatedText"]);
  EXPECT_EQ(Translate(server, kEnglish, "fr")["detectedLanguage"]["language"],
            "en");
}

TEST_F(DetectorTest, LeavesTextsInTheTargetLanguageAsTheyAre) {
  const RunningServer server({}, Named({"en-fr", "de-fr"}));
  const Json answer = Translate(server, kFrench, "fr");
  EXPECT_EQ(answer["translatedText"], kFrench);
  EXPECT_EQ(answer["detectedLanguage"]["language"], "fr");
  const Json deepl = Post(server, "/v2/translate",
                          {{"text", {kFrench}}, {"target_lang", "FR"}})
                         .json()["translations"][0];
  EXPECT_EQ(deepl["text"], kFrench);
  EXPECT_EQ(deepl["detected_source_language"], "FR");
}

TEST_F(DetectorTest, DoesNotReadTags) {
  const RunningServer server({}, Named({"en-fr", "de-fr"}));
  const std::string text = std::string("<p title=\"") + kEnglish + kEnglish +
                           "\">" + kGerman + "</p>";
  EXPECT_EQ(
      Translate(server, text, "fr", "html")["detectedLanguage"]["language"],
      "de");
}

TEST_F(DetectorTest, TellsClientsOfDeepLWhatItFound) {
  const RunningServer server({}, Named({"en-fr", "de-en"}));
  const Answer answer = Post(server, "/v2/translate",
                             {{"text", {kGerman}}, {"target_lang", "EN-GB"}});
  EXPECT_EQ(answer.json()["translations"][0]["detected_source_language"], "DE");
}

TEST_F(DetectorTest, KnowsOtherSpellingsOfACode) {
  const RunningServer server({}, Named({"deu-fra", "eng-fra", "zt-fra"}));
  EXPECT_EQ(Detect(server, kGerman)[0]["language"], "deu");
  EXPECT_EQ(Detect(server, "你好，世界")[0]["language"], "zt");
}

TEST(LanguageDetectorTest, LivesThroughNoise) {
  std::mt19937 random(3);
  for (int i = 0; i < 500; ++i) {
    std::string text;
    for (int n = static_cast<int>(random() % 300); n > 0; --n) {
      text += static_cast<char>(random() % (i % 2 == 0 ? 256 : 128));
    }
    EXPECT_LE(DetectLanguages(text).size(), 3u);
  }
  EXPECT_TRUE(DetectLanguages("").empty());
  EXPECT_TRUE(DetectLanguages("caf\xE9 au lait pour tout le monde").empty());
}

// A character lies across the end of what is read.
TEST_F(DetectorTest, ReadsTheBeginningOfALongText) {
  for (int shift = 0; shift < 4; ++shift) {
    std::string text(static_cast<std::size_t>(shift), 'a');
    while (text.size() < 10'000) text += "дом стоит на горе и ";
    ASSERT_FALSE(DetectLanguages(text).empty()) << shift;
    EXPECT_EQ(DetectLanguages(text)[0].code, "ru");
  }
}

}  // namespace
}  // namespace tessera::tools::serve
