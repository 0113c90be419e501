// POST /v1/translations: what comes out, what is refused.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"
#include "tools/serve/translation_json.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

class TranslationsTest : public ServeTest {
 protected:
  Answer Post(const std::string& body) {
    return Client(server_.address()).Post(kPath, body);
  }
  // The field that is to blame for a refusal.
  std::string Refusal(const std::string& body, int status = 400) {
    const Answer answer = Post(body);
    EXPECT_EQ(answer.status, status) << body;
    const Json error = answer.json()["error"];
    EXPECT_FALSE(error["message"].get<std::string>().empty());
    return error["param"].is_null() ? "" : error["param"].get<std::string>();
  }

  RunningServer server_{{}, Models()};
};

TEST_F(TranslationsTest, TranslatesOneTextOrMany) {
  const Json one = Post(R"({"input": "5 6"})").json();
  EXPECT_EQ(one["object"], "list");
  EXPECT_EQ(one["model"], "en-fr");
  ASSERT_EQ(one["data"].size(), 1u);
  EXPECT_EQ(one["data"][0]["text"], Expected("5 6"));
  EXPECT_TRUE(one["data"][0]["error"].is_null());
  EXPECT_GT(one["usage"]["output_tokens"], 0);

  const std::vector<std::string> texts = Texts(64);
  const Json many = Post(Json({{"input", texts}}).dump()).json();
  ASSERT_EQ(many["data"].size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(many["data"][i]["index"], i);
    EXPECT_EQ(many["data"][i]["text"], Expected(texts[i]));
  }
}

TEST_F(TranslationsTest, HasTheBitsOfTheLibraryWhateverElseIsInFlight) {
  const std::vector<std::string> texts = Texts(40);
  std::vector<std::thread> clients;
  std::vector<Json> answers(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    clients.emplace_back([&, i] {
      const Json body = {{"input", texts[i]},
                         {"beam_size", i % 4 + 1},
                         {"return", {"tokens"}}};
      answers[i] = Post(body.dump()).json();
    });
  }
  for (std::thread& client : clients) client.join();
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Translation alone =
        translator_.Translate(texts[i], {.beam_size = i % 4 + 1});
    const Json& outputs = answers[i]["data"][0]["translations"];
    ASSERT_EQ(outputs.size(), alone.hypotheses.size());
    for (std::size_t k = 0; k < outputs.size(); ++k) {
      const Hypothesis& wanted = alone.hypotheses[k];
      EXPECT_EQ(outputs[k]["text"], wanted.text);
      EXPECT_EQ(outputs[k]["score"], wanted.score);
      EXPECT_EQ(outputs[k]["ids"], wanted.ids);
      EXPECT_EQ(outputs[k]["pieces"], wanted.pieces);
      EXPECT_EQ(outputs[k]["log_probs"].get<std::vector<float>>(),
                wanted.log_probs);
    }
  }
}

TEST_F(TranslationsTest, TakesTheOptionsOfTheLibrary) {
  const TranslateOptions options = {.beam_size = 4,
                                    .length_penalty = 0.5,
                                    .max_length = 9,
                                    .n_best = 2,
                                    .no_repeat_ngram_size = 2,
                                    .suppress_tokens = {{3, 4}}};
  const Json answer =
      Post(R"({"input": "5 6", "beam_size": 4, "length_penalty": 0.5,
               "max_length": 9, "n_best": 2, "no_repeat_ngram_size": 2,
               "suppress_tokens": [3, 4]})")
          .json();
  const Translation wanted = translator_.Translate("5 6", options);
  const Json& outputs = answer["data"][0]["translations"];
  ASSERT_EQ(outputs.size(), 2u);
  EXPECT_EQ(outputs[0]["text"], wanted.hypotheses[0].text);
  EXPECT_EQ(outputs[1]["text"], wanted.hypotheses[1].text);
  EXPECT_EQ(outputs[0].count("ids"), 0u);
  EXPECT_EQ(Post(R"({"input": "5", "early_stopping": "never",
                     "length_decay": [3, 1.5], "bad_words": [[1, 2], [3]],
                     "sequence_bias": [[[4, 5], -2]], "sample": false,
                     "truncate": true, "beam_groups": 2, "beam_size": 4,
                     "diversity_penalty": 1})")
                .status,
            200);
  EXPECT_EQ(Post(R"({"input": "5", "sample": true, "beam_size": 1, "seed": 3,
                     "temperature": 0.5, "top_k": 4, "top_p": 0.5})")
                .status,
            200);
}

TEST_F(TranslationsTest, NamesTheFieldThatItRefuses) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "input"},
      {R"({"input": 5})", "input"},
      {R"({"input": null})", "input"},
      {R"({"input": []})", "input"},
      {R"({"input": ["5", 6]})", "input[1]"},
      {R"({"input": "5", "beam_size": 17})", "beam_size"},
      {R"({"input": "5", "beam_size": 0})", "beam_size"},
      {R"({"input": "5", "beam_size": 1.5})", "beam_size"},
      {R"({"input": "5", "beam_size": "4"})", "beam_size"},
      {R"({"input": "5", "beam_size": null})", "beam_size"},
      {R"({"input": "5", "beam_size": 1e300})", "beam_size"},
      {R"({"input": "5", "n_best": 9})", "n_best"},
      {R"({"input": "5", "alternatives": 9})", "alternatives"},
      {R"({"input": "5", "max_length": 1})", "max_length"},
      {R"({"input": "5", "length_penalty": 11})", "length_penalty"},
      {R"({"input": "5", "early_stopping": "often"})", "early_stopping"},
      {R"({"input": "5", "suppress_tokens": [-1]})", "suppress_tokens"},
      {R"({"input": "5", "suppress_tokens": [50]})", "suppress_tokens"},
      {R"({"input": "5", "length_decay": [1]})", "length_decay"},
      {R"({"input": "5", "time_limit": 0})", "time_limit"},
      {R"({"input": "5", "time_limit": "1 s"})", "time_limit"},
      {R"({"input": "5", "return": ["all"]})", "return[0]"},
      {R"({"input": "5", "source_lang": "de"})", "target_lang"},
      {R"({"input": "5", "num_beams": 4})", "num_beams"},
      {R"({"input": "5", "temperature": 0.5})", "temperature"}};
  for (const auto& [body, field] : cases) {
    const std::string found = Refusal(body);
    if (field == std::string("temperature")) continue;  // and "sample"
    EXPECT_EQ(found, field) << body;
  }
  EXPECT_EQ(Refusal(R"({"input": "5", "model": "de-en"})", 404), "model");
  EXPECT_EQ(Refusal(R"({"input": "5", "model": "en-fr",
                        "source_lang": "de"})"),
            "source_lang");
  EXPECT_EQ(Post(R"({"input": "5", "model": "en-fr", "source_lang": "en",
                     "target_lang": "fr"})")
                .status,
            200);
}

TEST_F(TranslationsTest, RefusesTextsBeyondTheLimits) {
  EXPECT_EQ(Refusal(Json({{"input", Texts(65)}}).dump()), "input");
  EXPECT_EQ(Refusal(Input(std::string(10'001, '1'))), "input");
}

TEST_F(TranslationsTest, RefusesBodiesThatAreNoJson) {
  for (const char* body :
       {"", "5", "[]", "nonsense", R"({"input": "5")", R"({"input": "5"} x)",
        R"({"input": "5", "input": "6"})", R"({"input": 1e400})",
        R"({"input": NaN})", R"({'input': '5'})", R"({"input": "5",})",
        "\xEF\xBB\xBF{\"input\": \"5\"}", "{\"input\": \"\xC3\"}",
        R"({"input": "\ud800"})"}) {
    Refusal(body);
  }
  std::string deep = R"({"input": )";
  for (int i = 0; i < 40; ++i) deep += "[";
  Refusal(deep);
  Refusal(R"({"input": )" + std::string(500'000, '['));
}

TEST_F(TranslationsTest, TellsWhichTextFailed) {
  const Answer answer = Post(R"({"input": ["5", "bad", "6"]})");
  EXPECT_EQ(answer.status, 200);
  const Json data = answer.json()["data"];
  EXPECT_EQ(data[0]["text"], Expected("5"));
  EXPECT_EQ(data[1]["text"], "");
  EXPECT_EQ(data[1]["error"]["type"], "invalid_request_error");
  EXPECT_TRUE(data[1]["translations"].empty());
  EXPECT_EQ(data[2]["text"], Expected("6"));
  EXPECT_EQ(Post(R"({"input": ["bad", "bad"]})").status, 400);
}

TEST(TranslationJsonTest, TellsWordsThatTheTokenizerLacks) {
  Translation translation;
  EXPECT_FALSE(ToJson(translation, 0, {}).contains("unknown"));
  translation.unknown.push_back({.text = "b", .begin = 2, .end = 3});
  EXPECT_EQ(ToJson(translation, 0, {})["unknown"].dump(),
            R"([{"text":"b","begin":2,"end":3}])");
}

TEST_F(TranslationsTest, ListsItsModels) {
  Client client(server_.address());
  const Json list = client.Get("/v1/models").json();
  EXPECT_EQ(list["object"], "list");
  ASSERT_EQ(list["data"].size(), 1u);
  EXPECT_EQ(list["data"][0]["id"], "en-fr");
  EXPECT_EQ(list["data"][0]["object"], "model");
  EXPECT_EQ(list["data"][0]["source_lang"], "en");
  EXPECT_EQ(list["data"][0]["limits"]["texts"], 64);
  EXPECT_EQ(client.Get("/v1/models/en-fr").json(), list["data"][0]);
  EXPECT_EQ(client.Get("/v1/models/fr-en").status, 404);
  EXPECT_EQ(client.Get("/v2/health/ready").status, 200);
  EXPECT_EQ(client.Get("/v2/health/live").json()["live"], true);
  EXPECT_EQ(client.Get("/v2/models/en-fr/ready").status, 200);
  EXPECT_EQ(client.Get("/v2/models/en-fr/versions/1/ready").status, 200);
  EXPECT_EQ(client.Get("/v2/models/fr-en/ready").status, 404);
  EXPECT_EQ(client.Get("/v2/models/en-fr").json()["name"], "en-fr");
  EXPECT_EQ(client.Get("/v2").json()["name"], "tessera");
}

TEST_F(TranslationsTest, ChoosesOfManyModelsByNameOrLanguages) {
  std::vector<ServedModel> models = Models();
  models.push_back(MakeServedModel("en-de", Make()));
  const RunningServer server({}, std::move(models));
  Client client(server.address());
  const auto model = [&](const char* body) {
    return client.Post(kPath, body).json()["model"];
  };
  EXPECT_EQ(model(R"({"input": "5", "model": "en-de"})"), "en-de");
  EXPECT_EQ(model(R"({"input": "5", "target_lang": "fr"})"), "en-fr");
  EXPECT_EQ(client.Post(kPath, R"({"input": "5"})").status, 400);
  EXPECT_EQ(client.Post(kPath, R"({"input": "5", "source_lang": "en"})").status,
            400);
}

}  // namespace
}  // namespace tessera::tools::serve
