// The files of the page for people, and what browsers are told of them.
#include <gtest/gtest.h>

#include <string>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

class PageTest : public ServeTest {
 protected:
  Answer Get(const std::string& target) {
    return Client(server_.address()).Get(target);
  }

  RunningServer server_{{}, Models()};
};

TEST_F(PageTest, HasItsFiles) {
  const std::pair<const char*, const char*> files[] = {
      {"/", "text/html; charset=utf-8"},
      {"/page.css", "text/css; charset=utf-8"},
      {"/attention.js", "text/javascript; charset=utf-8"},
      {"/page.js", "text/javascript; charset=utf-8"}};
  for (const auto& [path, type] : files) {
    SCOPED_TRACE(path);
    const Answer answer = Get(path);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), type);
    EXPECT_EQ(answer.headers.at("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.headers.at("referrer-policy"), "no-referrer");
    EXPECT_FALSE(answer.body.empty());
  }
  EXPECT_EQ(Get("/page.html").status, 404);
}

// Nothing inline, which the policy would refuse, and nothing from elsewhere.
TEST_F(PageTest, NeedsNothingButItself) {
  const Answer answer = Get("/");
  const std::string& policy = answer.headers.at("content-security-policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self'"));
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  for (const char* foreign : {"http:", "https:", " style=", " onclick="}) {
    EXPECT_EQ(answer.body.find(foreign), std::string::npos) << foreign;
  }
  EXPECT_EQ(Get("/page.js").body.find("innerHTML"), std::string::npos);
}

}  // namespace
}  // namespace tessera::tools::serve
