// Answers that come bit by bit.
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/serve/client.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"
#include "tools/serve/notify.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kDone = "data: [DONE]\n\n";

// The events of a stream, without its end.
std::vector<Json> Events(std::string_view body) {
  EXPECT_TRUE(body.ends_with(kDone)) << body;
  body.remove_suffix(kDone.size());
  std::vector<Json> events;
  while (!body.empty()) {
    const std::size_t end = body.find("\n\n");
    EXPECT_TRUE(body.starts_with("data: ")) << body;
    events.push_back(Json::parse(body.substr(6, end - 6)));
    body.remove_prefix(end + 2);
  }
  return events;
}

class StreamingTest : public ServeTest {
 protected:
  static std::string Body(const Json& input) {
    return Json({{"input", input}, {"stream", true}}).dump();
  }
};

TEST_F(StreamingTest, TellsWhatTextsGrowByAndWhatTheyAre) {
  const RunningServer server({}, Models());
  Client client(server.address());
  const std::vector<std::string> texts = {"5 6", "7", "", "8 9 10", "bad"};
  for (int round = 0; round < 2; ++round) {  // the connection is kept
    const Answer answer = client.Post(kPath, Body(texts));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "text/event-stream");
    std::map<std::size_t, std::string> grown, whole;
    for (const Json& event : Events(answer.body)) {
      const std::size_t index = event["index"];
      if (event.contains("delta")) {
        EXPECT_FALSE(whole.contains(index));
        grown[index] += event["delta"].get<std::string>();
      } else {
        whole[index] = event["text"];
        EXPECT_EQ(event["error"].is_null(), index != 4);
      }
    }
    ASSERT_EQ(whole.size(), texts.size());
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_EQ(whole[i], Expected(texts[i]));
      EXPECT_EQ(grown[i], whole[i]);
    }
  }
}

TEST_F(StreamingTest, EndsWithTheConnectionOfAnOldClient) {
  const RunningServer server({}, Models());
  Client client(server.address());
  std::string request = PostText(kPath, Body("5 6"));
  request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
  client.Send(request);
  EXPECT_FALSE(client.Read().headers.contains("transfer-encoding"));
  EXPECT_NE(client.ReadRest().find(kDone), std::string::npos);
}

TEST_F(StreamingTest, RefusesAsOtherAnswersDo) {
  const RunningServer server({}, Models());
  Client client(server.address());
  EXPECT_EQ(client.Post(kPath, R"({"input": "5", "stream": 1})").status, 400);
  EXPECT_EQ(
      client.Post(kPath, R"({"input": "5", "stream": true, "beam_size": 0})")
          .status,
      400);
}

TEST_F(StreamingTest, TellsThatTheTimeLimitPassed) {
  engine::Gate gate;
  const RunningServer server({}, Models(gate.Wait()));
  Client client(server.address());
  const Answer answer = client.Post(
      kPath, R"({"input": "5 6", "stream": true, "time_limit": 0.05})");
  EXPECT_EQ(answer.status, 200);  // it was told before
  const std::vector<Json> events = Events(answer.body);
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0]["error"]["type"], "timeout_error");
  gate.Open();
}

TEST_F(StreamingTest, FreesTheSlotOfAClientThatHasLeft) {
  engine::Gate gate;
  ServerOptions options;
  options.admission.requests = 1;
  const RunningServer server(options, Models(gate.Wait()));
  {
    Client leaving(server.address());
    leaving.Send(PostText(kPath, Body("5 6")));
    EXPECT_EQ(leaving.Read(false).status, 200);  // the head, at once
    gate.WaitForAStep();
  }
  Client client(server.address());
  EXPECT_EQ(AskWhile(429, client).status, 504);
  gate.Open();
}

TEST(NotifyTest, TellsSystemd) {
  const TestFolder folder;
  const std::string path = folder.Path("notify");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&name), sizeof name),
            0);
  Notify("READY=1");  // to nobody
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  Notify("WATCHDOG=1");
  unsetenv("NOTIFY_SOCKET");
  char text[32];
  const ssize_t bytes = recv(socket, text, sizeof text, MSG_DONTWAIT);
  close(socket);
  ASSERT_GT(bytes, 0);
  EXPECT_EQ(std::string(text, static_cast<std::size_t>(bytes)), "WATCHDOG=1");
}

TEST(NotifyTest, KnowsHowOftenTheWatchdogAsks) {
  EXPECT_FALSE(WatchdogInterval());
  setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(WatchdogInterval(), std::chrono::milliseconds(15'000));
  setenv("WATCHDOG_PID", "1", 1);  // somebody else's
  EXPECT_FALSE(WatchdogInterval());
  unsetenv("WATCHDOG_PID");
  setenv("WATCHDOG_USEC", "nonsense", 1);
  EXPECT_FALSE(WatchdogInterval());
  unsetenv("WATCHDOG_USEC");
}

}  // namespace
}  // namespace tessera::tools::serve
