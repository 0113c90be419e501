// Pages of other origins.
#include "tools/serve/cors.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

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
