// What tokens look at: alignments of POST /v1/translations, POST /v1/attention.
#include <gtest/gtest.h>
#include <tessera/attention_report.h>

#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kFolder =
    TESSERA_SOURCE_DIR "/models/bundled/digits-vanilla";

class AlignmentsTest : public testing::Test {
 protected:
  static Translator Load() {
    return Translator(kFolder, {.threads = 1, .precision = Precision::kF32});
  }
  static std::vector<ServedModel> Models() {
    std::vector<ServedModel> models;
    models.push_back(MakeServedModel("digits", Load()));
    return models;
  }
  Answer Translate(const std::string& body) {
    return Client(server_.address()).Post("/v1/translations", body);
  }
  Answer Attention(const std::string& body) {
    return Client(server_.address()).Post("/v1/attention", body);
  }
  static std::string Param(const Answer& answer) {
    EXPECT_EQ(answer.status, 400) << answer.body;
    return answer.json()["error"]["param"].get<std::string>();
  }

  Translator translator_ = Load();
  RunningServer server_{{}, Models()};
};

TEST_F(AlignmentsTest, AreThoseOfTheLibraryForEachOutput) {
  const Json data = Translate(R"({"input": "3 1 4", "beam_size": 3, "n_best": 2,
                    "return": ["alignments", "attention"],
                    "alignment_layer": 1, "alignment_head": 0})")
                        .json()["data"][0];
  const Translation wanted =
      translator_.Translate("3 1 4", {.beam_size = 3,
                                      .n_best = 2,
                                      .alignments = true,
                                      .alignment_layer = 1,
                                      .alignment_head = 0});
  EXPECT_EQ(data["source_pieces"], wanted.source_pieces);
  ASSERT_EQ(data["translations"].size(), 2u);
  for (std::size_t k = 0; k < 2; ++k) {
    const Json& output = data["translations"][k];
    const Hypothesis& hypothesis = wanted.hypotheses[k];
    EXPECT_EQ(output["pieces"], hypothesis.pieces);
    EXPECT_EQ(output.count("ids"), 0u);
    Json pairs = Json::array();
    for (std::size_t i = 0; i < hypothesis.alignment.size(); ++i) {
      if (hypothesis.alignment[i] < 0) continue;
      pairs.push_back({hypothesis.alignment[i], i});
    }
    EXPECT_EQ(output["alignment"], pairs);
    std::vector<float> weights;
    for (const Json& row : output["attention"]) {
      EXPECT_EQ(row.size(), wanted.source_pieces.size());
      for (const Json& weight : row) weights.push_back(weight.get<float>());
    }
    EXPECT_EQ(weights, hypothesis.attention);
  }
}

TEST_F(AlignmentsTest, AreLeftOutUnlessAskedFor) {
  const Json plain = Translate(R"({"input": "3 1"})").json()["data"][0];
  EXPECT_EQ(plain.count("source_pieces"), 0u);
  EXPECT_EQ(plain["translations"][0].count("alignment"), 0u);
  const Json pairs = Translate(R"({"input": "3 1", "return": ["alignments"]})")
                         .json()["data"][0]["translations"][0];
  EXPECT_FALSE(pairs["alignment"].empty());
  EXPECT_EQ(pairs.count("attention"), 0u);
}

TEST_F(AlignmentsTest, OfSentencesStandBehindOneAnother) {
  const Json data = Translate(R"({"input": "3 1\n4 1 5", "split": "sentences",
                    "n_best": 1, "return": ["alignments", "attention"]})")
                        .json()["data"][0];
  ASSERT_EQ(data["sentences"].size(), 2u);
  EXPECT_EQ(data["source_pieces"].size(),
            data["sentences"][0]["source_pieces"].size() +
                data["sentences"][1]["source_pieces"].size());
  EXPECT_EQ(data["translations"][0].count("attention"), 0u);
  EXPECT_EQ(data["sentences"][1]["translations"][0]["attention"].size(),
            data["sentences"][1]["translations"][0]["pieces"].size());
}

TEST_F(AlignmentsTest, ComeInStreamsToo) {
  const Answer answer = Translate(
      R"({"input": "3 1", "stream": true, "return": ["alignments"]})");
  EXPECT_NE(answer.body.find("\"alignment\":[["), std::string::npos);
}

TEST_F(AlignmentsTest, NameTheFieldThatIsToBlame) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"input": "3", "alignment_layer": 1})", "alignment_layer"},
      {R"({"input": "3", "return": ["alignments"], "alignment_layer": 2})",
       "alignment_layer"},
      {R"({"input": "3", "return": ["alignments"], "alignment_head": -1})",
       "alignment_head"},
      {R"({"input": ["3", "1"], "return": ["attention"], "beam_size": 3})",
       "return"},
      {R"({"input": "3", "return": ["alignment"]})", "return[0]"}};
  for (const auto& [body, field] : cases) {
    EXPECT_EQ(Param(Translate(body)), field) << body;
  }
}

TEST_F(AlignmentsTest, AttentionHasAllThatTheModelLooksAt) {
  const Json answer = Attention(R"({"input": "3 1 4", "beam_size": 2})").json();
  const AttentionReport wanted =
      Explain(translator_, "3 1 4", {.beam_size = 2});
  EXPECT_EQ(answer["model"], "digits");
  EXPECT_EQ(answer["text"], "3 1 4");
  EXPECT_EQ(answer["translation"], wanted.output.text);
  EXPECT_EQ(answer["score"], wanted.output.score);
  ASSERT_EQ(answer["attentions"].size(), 3u);
  const Json& cross = answer["attentions"]["cross"];
  EXPECT_EQ(cross["queries"], wanted.cross.queries);
  EXPECT_EQ(cross["keys"], wanted.cross.keys);
  EXPECT_EQ(cross["shape"], Json({2, 4, wanted.cross.queries.size(),
                                  wanted.cross.keys.size()}));
  EXPECT_NEAR(cross["weights"][1][2][0][1].get<double>(),
              static_cast<double>(wanted.cross.Weight(1, 2, 0, 1)), 1e-6);
}

TEST_F(AlignmentsTest, AttentionHasTheChosenHeadAlone) {
  const Json answer =
      Attention(R"({"input": "3 1 4", "attention": "decoder", "layer": 2,
                    "head": 4})")
          .json();
  ASSERT_EQ(answer["attentions"].size(), 1u);
  EXPECT_EQ(answer["attentions"]["decoder"]["layers"], Json({2}));
  EXPECT_EQ(answer["attentions"]["decoder"]["heads"], Json({4}));
}

TEST_F(AlignmentsTest, AttentionNamesTheFieldThatItRefuses) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "input"},
      {R"({"input": ["3"]})", "input"},
      {R"({"input": "3", "attention": "self"})", "attention"},
      {R"({"input": "3", "layer": 0})", "layer"},
      {R"({"input": "3", "layer": 3})", "layer"},
      {R"({"input": "3", "attention": "cross", "head": 5})", "head"},
      {R"({"input": "3", "beam_size": 17})", "beam_size"},
      {R"({"input": "3", "stream": true})", "stream"}};
  for (const auto& [body, field] : cases) {
    EXPECT_EQ(Param(Attention(body)), field) << body;
  }
  EXPECT_EQ(Attention(R"({"input": ""})").status, 400);
  EXPECT_EQ(Attention(R"({"input": "3 x"})").status,
            Translate(R"({"input": "3 x"})").status);
  EXPECT_EQ(Client(server_.address()).Get("/v1/attention").status, 405);
  EXPECT_EQ(Client(server_.address())
                .Post("/v1/attention", R"({"input": "3"})", "text/plain")
                .status,
            415);
}

// What is in the hands of the side thread when the server ends.
TEST_F(AlignmentsTest, AttentionMayBeUnderWayAtTheEnd) {
  RunningServer server({}, Models());
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(std::make_unique<Client>(server.address()));
    clients.back()->Send(
        PostText("/v1/attention", R"({"input": "3 1 4 1 5 9 2 6"})"));
  }
  EXPECT_EQ(clients.front()->Read().status, 200);
}

}  // namespace
}  // namespace tessera::tools::serve
