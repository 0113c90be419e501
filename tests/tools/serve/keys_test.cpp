// Who may use a server, and how much.
#include "tools/serve/keys.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/hex.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kInput = R"({"input": "5 6"})";
constexpr const char* kForm = "application/x-www-form-urlencoded";

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

}  // namespace
}  // namespace tessera::tools::serve
