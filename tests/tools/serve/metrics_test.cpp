// What a server counts.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

constexpr const char* kInput = R"({"input": "5 6"})";

class MetricsTest : public ServeTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.metrics = ParseListenAddress("127.0.0.1:0");
    return options;
  }
  static std::string Metrics(const RunningServer& server) {
    const Answer answer = Client(server.metrics_address()).Get("/metrics");
    EXPECT_TRUE(answer.headers.at("content-type").starts_with("text/plain"));
    return answer.body;
  }
  // The value of a sample by its name and labels as they are written.
  static std::string Sample(const std::string& text, const std::string& name) {
    const std::string line = std::string("\n").append(name).append(" ");
    const std::size_t at = text.find(line);
    if (at == std::string::npos) return "none";
    const std::size_t begin = at + line.size();
    return text.substr(begin, text.find('\n', begin) - begin);
  }
};

TEST_F(MetricsTest, CountsEachRequestOnce) {
  const RunningServer server(Options(), Models());
  Client client(server.address());
  for (int i = 0; i < 3; ++i) client.Post(kPath, R"({"input": ["5", "bad"]})");
  client.Post(kPath, "nonsense");
  client.Get("/v1/models/en-fr");
  client.Get("/health");
  client.Get("/some/secret/path");
  client.Send("no request\r\n\r\n");
  EXPECT_EQ(client.Read().status, 400);
  const std::string text = Metrics(server);
  const auto requests = [&](const std::string& labels) {
    return Sample(text, "tessera_requests_total{" + labels + "}");
  };
  EXPECT_EQ(requests(R"(endpoint="/v1/translations",code="200")"), "3");
  EXPECT_EQ(requests(R"(endpoint="/v1/translations",code="400")"), "1");
  EXPECT_EQ(requests(R"(endpoint="/v1/models/*",code="200")"), "1");
  EXPECT_EQ(requests(R"(endpoint="other",code="404")"), "1");
  EXPECT_EQ(requests(R"(endpoint="other",code="400")"), "1");
  EXPECT_EQ(
      Sample(text,
             R"(tessera_request_seconds_count{endpoint="/v1/translations"})"),
      "4");
  EXPECT_EQ(Sample(text, R"(tessera_request_seconds_bucket{)"
                         R"(endpoint="/v1/translations",le="+Inf"})"),
            "4");
  EXPECT_EQ(Sample(text, R"(tessera_texts_total{model="en-fr",outcome="ok"})"),
            "3");
  EXPECT_EQ(
      Sample(text, R"(tessera_texts_total{model="en-fr",outcome="failed"})"),
      "3");
  EXPECT_EQ(Sample(text, "tessera_in_flight"), "0");
  EXPECT_EQ(Sample(text, "tessera_waiting_tokens"), "0");
  EXPECT_EQ(Sample(text, "tessera_running_texts"), "0");
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_EQ(Client(server.address()).Get("/metrics").status, 404);
}

TEST_F(MetricsTest, ShowsWhatIsInFlightAndWhatWasGivenUp) {
  engine::Gate gate;
  const RunningServer server(Options(), Models(gate.Wait()));
  auto leaving = std::make_unique<Client>(server.address());
  leaving->Send(PostText(kPath, kInput));
  gate.WaitForAStep();
  EXPECT_EQ(Sample(Metrics(server), "tessera_in_flight"), "1");
  EXPECT_EQ(Sample(Metrics(server), "tessera_running_texts"), "1");
  EXPECT_EQ(Client(server.address())
                .Post(kPath, R"({"input": "7", "time_limit": 0.001})")
                .status,
            504);
  leaving.reset();
  while (Sample(Metrics(server), "tessera_in_flight") != "0") {
  }
  const std::string text = Metrics(server);
  EXPECT_EQ(Sample(text, R"(tessera_cancelled_total{reason="disconnect"})"),
            "1");
  EXPECT_EQ(Sample(text, R"(tessera_cancelled_total{reason="time_limit"})"),
            "1");
  EXPECT_EQ(Sample(text, R"(tessera_requests_total{endpoint=")" +
                             std::string(kPath) + R"(",code="499"})"),
            "1");
  gate.Open();
  while (Sample(Metrics(server), "tessera_running_texts") != "0") {
  }
}

TEST_F(MetricsTest, TellsOfModelsThatWereLoadedAnew) {
  RunningServer server(Options(), Models());
  bool fails = true;
  server.server().OnReload([&] {
    if (fails) throw Error("no model");
    std::vector<ServedModel> models = Models();
    models.push_back(MakeServedModel("en-de", Make()));
    return models;
  });
  const auto wait_for = [&](const char* outcome) {
    server.server().Reload();
    const std::string name =
        std::string("tessera_reloads_total{outcome=\"") + outcome + "\"}";
    while (Sample(Metrics(server), name) != "1") {
    }
  };
  Client client(server.address());
  wait_for("failed");
  EXPECT_EQ(client.Get("/v1/models").json()["data"].size(), 1u);
  fails = false;
  wait_for("ok");
  EXPECT_EQ(client.Get("/v1/models").json()["data"].size(), 2u);
  EXPECT_EQ(client.Post(kPath, R"({"input": "5", "model": "en-de"})")
                .json()["data"][0]["text"],
            Expected("5"));
}

}  // namespace
}  // namespace tessera::tools::serve
