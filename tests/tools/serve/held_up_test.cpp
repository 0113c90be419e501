// Who waits, who is refused, who goes: requests while the model stands still.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/requests.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

// Where nothing moves until the gate opens.
class HeldUpTest : public ServeTest {
 protected:
  engine::Gate gate_;
};

TEST_F(HeldUpTest, AnswersOthersWhileTextsAreTranslated) {
  const RunningServer server({}, Models(gate_.Wait()));
  Client busy(server.address());
  busy.Send(PostText(kPath, Input("5 6")));
  gate_.WaitForAStep();
  EXPECT_EQ(Client(server.address()).Get("/health").status, 200);
  gate_.Open();
  EXPECT_EQ(busy.Read().json()["data"][0]["text"], Expected("5 6"));
}

TEST_F(HeldUpTest, RefusesWhatIsBeyondItsRoom) {
  ServerOptions options;
  options.admission.requests = 2;
  const RunningServer server(options, Models(gate_.Wait()));
  Client first(server.address()), second(server.address());
  first.Send(PostText(kPath, Input("5 6")));
  gate_.WaitForAStep();
  second.Send(PostText(kPath, Input("7")));
  Client third(server.address());
  const Answer refused = AskWhile(504, third);  // until the second is in
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.json()["error"]["type"], "rate_limit_error");
  // Before its body is read as JSON: a refusal is cheap.
  EXPECT_EQ(third.Post(kPath, "{").status, 429);
  const int wait = std::stoi(refused.headers.at("retry-after"));
  EXPECT_GE(wait, 1);
  EXPECT_LE(wait, 60);
  gate_.Open();
  EXPECT_EQ(first.Read().json()["data"][0]["text"], Expected("5 6"));
  EXPECT_EQ(second.Read().json()["data"][0]["text"], Expected("7"));
  EXPECT_EQ(third.Post(kPath, Input("8")).status, 200);
}

TEST_F(HeldUpTest, BoundsTheTokensThatWait) {
  ServerOptions options;
  options.admission.cost = 100;
  const RunningServer server(options, Models(gate_.Wait()));
  std::string longer = "1";
  for (int i = 0; i < 40; ++i) longer += " 10";
  // One that is alone may be as long as it likes.
  Client first(server.address());
  first.Send(PostText(kPath, Json({{"input", {longer, longer}}}).dump()));
  gate_.WaitForAStep();
  EXPECT_EQ(Client(server.address())
                .Post(kPath, Json({{"input", {longer, longer}}}).dump())
                .status,
            429);
  gate_.Open();
  EXPECT_EQ(first.Read().status, 200);
}

TEST_F(HeldUpTest, GivesUpWhatTakesLongerThanAsked) {
  const RunningServer server({}, Models(gate_.Wait()));
  Client client(server.address());
  const Answer answer =
      client.Post(kPath, R"({"input": ["5", "6"], "time_limit": 0.05})");
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.json()["error"]["type"], "timeout_error");
  gate_.Open();
  EXPECT_EQ(client.Post(kPath, Input("5")).status, 200);
}

// Requests that wait for a slot of one take it when their turn comes; those of
// clients that have left must not.
TEST_F(HeldUpTest, FreesTheSlotOfAClientThatHasLeft) {
  for (const bool half : {false, true}) {
    engine::Gate gate;
    ServerOptions options;
    options.admission.requests = 1;
    const RunningServer server(options, Models(gate.Wait()));
    auto leaving = std::make_unique<Client>(server.address());
    leaving->Send(PostText(kPath, Input("5 6")));
    gate.WaitForAStep();
    if (half) {
      leaving->CloseOutput();
      EXPECT_TRUE(leaving->IsClosed());
    }
    leaving.reset();
    // Its step is still held up, its slot is not.
    Client client(server.address());
    EXPECT_EQ(AskWhile(429, client).status, 504);
    gate.Open();
    EXPECT_EQ(client.Post(kPath, Input("7")).json()["data"][0]["text"],
              Expected("7"));
  }
}

TEST_F(HeldUpTest, SeesAClientLeaveBehindAPipelinedRequest) {
  ServerOptions options;
  options.admission.requests = 1;
  const RunningServer server(options, Models(gate_.Wait()));
  auto leaving = std::make_unique<Client>(server.address());
  leaving->Send(PostText(kPath, Input("5 6")) + PostText(kPath, Input("7")));
  gate_.WaitForAStep();
  leaving.reset();
  Client client(server.address());
  EXPECT_EQ(AskWhile(429, client).status, 504);
  gate_.Open();
}

// A request of many texts and then one of a single text, which does not wait
// for all of the first's.
TEST_F(HeldUpTest, TakesRequestsInTurn) {
  ServerOptions options;
  options.admission.texts_per_thread = 1;
  const RunningServer server(options, Models(gate_.Wait()));
  Client many(server.address()), one(server.address());
  many.Send(PostText(kPath, Json({{"input", Texts(64)}}).dump()));
  gate_.WaitForAStep();
  one.Send(PostText(kPath, Input("7")));
  gate_.Open();
  EXPECT_EQ(one.Read().json()["data"][0]["text"], Expected("7"));
  EXPECT_EQ(many.Read().json()["data"].size(), 64u);
}

TEST_F(HeldUpTest, DrainsWithoutLosingARequest) {
  RunningServer server({}, Models(gate_.Wait()));
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<Client>(server.address()));
    clients.back()->Send(PostText(kPath, Input("5 6")));
  }
  Client idle(server.address());
  EXPECT_EQ(idle.Get("/health").status, 200);
  gate_.WaitForAStep();
  server.Drain();
  EXPECT_TRUE(idle.IsClosed());
  EXPECT_THROW(Client{server.address()}, Error);  // nobody listens
  gate_.Open();
  for (const auto& client : clients) {
    const Answer answer = client->Read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("connection"), "close");
    EXPECT_EQ(answer.json()["data"][0]["text"], Expected("5 6"));
  }
  clients.clear();
  server.WaitForTheEnd();
}

TEST_F(HeldUpTest, SaysThatItDrainsWhileItStillAccepts) {
  ServerOptions options;
  options.drain_delay = std::chrono::hours(1);
  RunningServer server(options, Models());
  Client client(server.address());
  EXPECT_EQ(client.Get("/v2/health/ready").status, 200);
  server.Drain();
  while (client.Get("/v2/health/ready").status == 200) {
  }
  EXPECT_EQ(client.Get("/health").status, 503);
  EXPECT_EQ(client.Get("/v2/health/live").status, 200);
  EXPECT_EQ(Client(server.address()).Post(kPath, Input("5")).status, 200);
  server.Drain();  // at once
  server.WaitForTheEnd();
}

TEST_F(HeldUpTest, EndsAtOnceWhenToldTwice) {
  RunningServer server({}, Models(gate_.Wait()));
  Client client(server.address());
  client.Send(PostText(kPath, Input("5 6")));
  gate_.WaitForAStep();
  server.Drain();
  server.Drain();
  server.WaitForTheEnd();
  gate_.Open();
}

}  // namespace
}  // namespace tessera::tools::serve
