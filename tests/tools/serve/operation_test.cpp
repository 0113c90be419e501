// What operators rely on: keys and quotas, metrics, logs.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"
#include "tools/serve/keys.h"
#include "tools/serve/log.h"
#include "tools/serve/sha256.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kPath = "/v1/translations";
constexpr const char* kInput = R"({"input": "5 6"})";
constexpr const char* kForm = "application/x-www-form-urlencoded";

std::string Hex(const Digest& digest) {
  std::string text;
  for (const std::uint8_t byte : digest) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", byte);
    text += digits;
  }
  return text;
}

TEST(Sha256Test, HasTheDigestsOfTheStandard) {
  EXPECT_EQ(Hex(Sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(
      Hex(Sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Hex(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(KeysTest, FindsHoldersByTheirKeys) {
  Keys keys =
      Keys::Parse("keys", "# who\n\n" + Hex(Sha256("one")) + " ann\n  " +
                              Hex(Sha256("two")) + "\tbob 1000\r\n");
  ASSERT_NE(keys.Find("one"), nullptr);
  EXPECT_EQ(keys.Find("one")->name(), "ann");
  EXPECT_EQ(keys.Find("two")->name(), "bob");
  EXPECT_EQ(keys.Find("three"), nullptr);
  EXPECT_EQ(keys.Find(""), nullptr);
  EXPECT_TRUE(Keys::Parse("keys", "\n#\n").empty());
}

TEST(KeysTest, NamesTheLineThatIsWrong) {
  const std::string digest = Hex(Sha256("one"));
  for (const std::string& line :
       {std::string("secret ann"), digest, digest + " ann 0",
        digest + " ann many", digest + " ann 5 6", digest.substr(1) + " ann",
        std::string("g").append(digest.substr(1)).append(" ann")}) {
    try {
      Keys::Parse("keys", std::string("\n").append(line).append("\n"));
      ADD_FAILURE() << line;
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("keys:2: ")) << line;
    }
  }
}

TEST(KeysTest, LetsAHolderSpendWhatAMinuteGives) {
  Holder holder("ann", {}, 60);
  const auto now = Holder::Clock::now() + std::chrono::hours(1);
  EXPECT_FALSE(holder.Spend(50, now));
  EXPECT_FALSE(holder.Spend(30, now));  // into debt by 20
  EXPECT_EQ(holder.Spend(1, now), std::chrono::seconds(21));
  EXPECT_TRUE(holder.Spend(1, now + std::chrono::seconds(20)));
  EXPECT_FALSE(holder.Spend(1, now + std::chrono::seconds(21)));
  Holder free("bob", {}, 0);
  EXPECT_FALSE(free.Spend(1'000'000'000, now));
}

class KeyTest : public ServeTest {
 protected:
  static ServerOptions Options() {
    ServerOptions options;
    options.keys = Keys::Parse("keys", Hex(Sha256("one")) + " ann\n" +
                                           Hex(Sha256("two")) + " bob 10\n");
    return options;
  }
  // The answer to a request with this line among its headers.
  Answer Post(const std::string& header, const std::string& target = kPath,
              const std::string& body = kInput) {
    Client client(server_.address());
    std::string request = PostText(target, body);
    request.insert(request.find("\r\n") + 2, header + "\r\n");
    client.Send(request);
    return client.Read();
  }

  RunningServer server_{Options(), Models()};
};

TEST_F(KeyTest, AnswersThoseWithAKey) {
  EXPECT_EQ(Post("Authorization: Bearer one").status, 200);
  EXPECT_EQ(Post("Authorization: bearer one").status, 200);
  for (const char* header :
       {"X: y", "Authorization: Bearer three", "Authorization: Bearer",
        "Authorization: Bearer ", "Authorization: Basic one",
        "Authorization: one", "Authorization: DeepL-Auth-Key three"}) {
    const Answer answer = Post(header);
    EXPECT_EQ(answer.status, 401) << header;
    EXPECT_EQ(answer.headers.at("www-authenticate"), "Bearer");
    EXPECT_EQ(answer.json()["error"]["type"], "authentication_error");
  }
  const std::string body = R"({"text": ["5"], "target_lang": "FR"})";
  EXPECT_EQ(
      Post("Authorization: DeepL-Auth-Key one", "/v2/translate", body).status,
      200);
  const Answer refused =
      Post("Authorization: DeepL-Auth-Key no", "/v2/translate", body);
  EXPECT_EQ(refused.status, 403);
  EXPECT_TRUE(refused.json()["message"].is_string());
}

// Not after: a stranger's body is not read.
TEST_F(KeyTest, RefusesBeforeTheBody) {
  Client client(server_.address());
  client.Send(
      "POST /v1/translations HTTP/1.1\r\nHost: a\r\n"
      "Expect: 100-continue\r\nContent-Length: 500000\r\n\r\n");
  EXPECT_EQ(client.Read().status, 401);
}

TEST_F(KeyTest, ReadsTheKeyOfLibreTranslateFromItsField) {
  const auto post = [&](const std::string& key) {
    return Client(server_.address())
        .Post("/translate", "q=5&source=en&target=fr" + key, kForm);
  };
  EXPECT_EQ(post("&api_key=one").status, 200);
  const Answer wrong = post("&api_key=three");
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.json(), Json({{"error", "Invalid API key"}}));
  EXPECT_EQ(post("").status, 400);
  EXPECT_EQ(post("&api_key=").status, 400);
  const std::string body = R"({"q": "5", "source": "en", "target": "fr"})";
  EXPECT_EQ(Post("Authorization: Bearer one", "/translate", body).status, 200);
  EXPECT_EQ(Post("Authorization: Bearer no", "/translate", body).status, 403);
}

TEST_F(KeyTest, LeavesHealthAndLanguagesOpen) {
  Client client(server_.address());
  for (const char* path : {"/health", "/v2/health/live", "/v2/health/ready",
                           "/languages", "/frontend/settings"}) {
    EXPECT_EQ(client.Get(path).status, 200) << path;
  }
  EXPECT_EQ(client.Get("/frontend/settings").json()["keyRequired"], true);
  EXPECT_EQ(client.Get("/v1/models").status, 401);
  EXPECT_EQ(client.Get("/v2/usage").status, 403);
}

TEST_F(KeyTest, TellsWhenAQuotaIsSpent) {
  const std::string input = R"({"input": "10 11 12 13"})";
  EXPECT_EQ(Post("Authorization: Bearer two", kPath, input).status, 200);
  const Answer answer = Post("Authorization: Bearer two", kPath, input);
  EXPECT_EQ(answer.status, 429);
  EXPECT_GE(std::stoi(answer.headers.at("retry-after")), 1);
  EXPECT_EQ(Post("Authorization: Bearer one", kPath, input).status, 200);
  const Json slow =
      Client(server_.address())
          .Post("/translate", "q=5&source=en&target=fr&api_key=two", kForm)
          .json();
  EXPECT_TRUE(slow["error"].get<std::string>().starts_with("Slowdown:"));
}

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

class LogTest : public ServeTest {};

TEST_F(LogTest, WritesALineForEachRequestAndNoText) {
  const TestFolder folder;
  const std::string path = folder.Write("log", "");
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  {
    ServerOptions options;
    options.log_descriptor = file;
    options.keys = Keys::Parse("keys", Hex(Sha256("one")) + " ann\n");
    RunningServer server(options, Models());
    Client client(server.address());
    std::string request = PostText("/v1/translations?secret=1", kInput);
    request.insert(
        request.find("\r\n") + 2,
        "Authorization: Bearer one\r\nX-Request-Id: r1\r\ntraceparent: "
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n");
    client.Send(request);
    EXPECT_EQ(client.Read().status, 200);
    client.Get("/secret");
    server.Drain();
    server.WaitForTheEnd();
  }
  close(file);
  const std::string text = ReadFile(path);
  const std::vector<std::string> lines = Lines(text);
  ASSERT_EQ(lines.size(), 2u);
  const Json first = Json::parse(lines[0]);
  EXPECT_EQ(first["request_id"], "r1");
  EXPECT_EQ(first["trace_id"], "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(first["endpoint"], kPath);
  EXPECT_EQ(first["status"], 200);
  EXPECT_EQ(first["model"], "en-fr");
  EXPECT_EQ(first["key"], "ann");
  EXPECT_EQ(first["texts"], 1);
  EXPECT_GT(first["output_tokens"], 0);
  EXPECT_EQ(Json::parse(lines[1])["status"], 404);
  for (const char* secret : {"secret", "5 6", "one"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << text;
  }
}

TEST_F(LogTest, ServesWhereNothingCanBeLogged) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ServerOptions options;
  options.log_descriptor = full;
  options.metrics = ParseListenAddress("127.0.0.1:0");
  {
    const RunningServer server(options, Models());
    EXPECT_EQ(Client(server.address()).Post(kPath, kInput).status, 200);
    const std::string text =
        Client(server.metrics_address()).Get("/metrics").body;
    EXPECT_NE(text.find("tessera_log_lines_dropped_total 1\n"),
              std::string::npos);
  }
  close(full);
}

TEST(TraceTest, IsThatOfTheStandardOrNone) {
  EXPECT_EQ(TraceId(""), "");
  EXPECT_EQ(TraceId("00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            "");
  EXPECT_EQ(TraceId("00-0af7651916cd43dd8448eb211c80319c"), "");
}

class CorsTest : public ServeTest {
 protected:
  static ServerOptions Options(std::vector<std::string> origins) {
    ServerOptions options;
    options.cors = Cors(std::move(origins));
    return options;
  }
  // A request of a page's, or the question before it.
  static Answer Ask(const RunningServer& server, const std::string& method,
                    const std::string& origin) {
    Client client(server.address());
    client.Send(method + " " + kPath +
                " HTTP/1.1\r\nHost: a\r\nOrigin: " + origin +
                "\r\nContent-Type: application/json\r\n"
                "Access-Control-Request-Method: POST\r\nContent-Length: 16"
                "\r\n\r\n{\"input\": \"5 6\"}");
    return client.Read();
  }
  static constexpr const char* kAllowed = "access-control-allow-origin";
};

TEST_F(CorsTest, LetsNamedOriginsIn) {
  const RunningServer server(Options({"https://a.example", "http://b:81"}),
                             Models());
  for (const char* origin : {"https://a.example", "http://b:81"}) {
    const Answer asked = Ask(server, "OPTIONS", origin);
    EXPECT_EQ(asked.status, 200);
    EXPECT_EQ(asked.headers.at(kAllowed), origin);
    EXPECT_EQ(asked.headers.at("access-control-allow-methods"), "GET, POST");
    EXPECT_EQ(asked.headers.count("access-control-allow-credentials"), 0u);
    const Answer answer = Ask(server, "POST", origin);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at(kAllowed), origin);
    EXPECT_EQ(answer.headers.at("vary"), "Origin");
  }
  EXPECT_EQ(Ask(server, "OPTIONS", "https://c.example").status, 405);
  EXPECT_EQ(Ask(server, "POST", "null").headers.count(kAllowed), 0u);
}

TEST_F(CorsTest, IsOffUnlessAskedFor) {
  const RunningServer server({}, Models());
  EXPECT_EQ(Ask(server, "OPTIONS", "https://a.example").status, 405);
  const Answer answer = Ask(server, "POST", "https://a.example");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.count(kAllowed), 0u);
  EXPECT_EQ(answer.headers.count("vary"), 0u);
  const RunningServer open(Options({"*"}), Models());
  EXPECT_EQ(Ask(open, "POST", "https://a.example").headers.at(kAllowed),
            "https://a.example");
}

TEST_F(CorsTest, RefusesWhatIsNoOrigin) {
  for (const char* text : {"", "a.example", "https://", "https://a/",
                           "https://a, https://b", "HTTPS://a", "://a"}) {
    EXPECT_THROW(Cors({text}), Error) << text;
  }
}

}  // namespace
}  // namespace tessera::tools::serve
