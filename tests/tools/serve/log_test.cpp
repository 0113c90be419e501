// Lines of requests, and whose trace they belong to.
#include "tools/serve/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/serve/client.h"
#include "tests/tools/serve/hex.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr const char* kInput = R"({"input": "5 6"})";

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

}  // namespace
}  // namespace tessera::tools::serve
