// The server against clients that err, dawdle, flood or cheat: raw bytes over a
// socket.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/tools/serve/client.h"
#include "tests/tools/serve/running_server.h"

namespace tessera::tools::serve {
namespace {

constexpr const char* kTranslations = "/v1/translations";
constexpr const char* kInput = R"({"input": "5 6"})";

class HttpTest : public ServeTest {
 protected:
  // The answer to bytes, on a connection of their own. The server must still
  // serve others after them.
  Answer AnswerTo(const std::string& bytes) {
    Answer answer;
    {
      Client client(server_.address());
      client.Send(bytes);
      answer = client.Read();
    }
    EXPECT_EQ(Client(server_.address()).Get("/health").status, 200);
    return answer;
  }
  // A request with a body by headers of the caller's making.
  static std::string Framed(const std::string& headers,
                            const std::string& rest) {
    return "POST /v1/translations HTTP/1.1\r\nHost: test\r\n"
           "Content-Type: application/json\r\n" +
           headers + "\r\n" + rest;
  }

  RunningServer server_{{}, Models()};
};

TEST_F(HttpTest, AnswersManyRequestsOfAConnection) {
  Client client(server_.address());
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(client.Get("/health").json(), R"({"status": "ok"})"_json);
    const Answer answer = client.Post(kTranslations, kInput);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers.at("content-type"), "application/json");
    EXPECT_EQ(answer.json()["data"][0]["text"], Expected("5 6"));
  }
}

TEST_F(HttpTest, AnswersPipelinedRequestsInTheirOrder) {
  Client client(server_.address());
  client.Send(PostText(kTranslations, kInput) +
              "GET /health HTTP/1.1\r\nHost: test\r\n\r\n" +
              PostText(kTranslations, kInput));
  EXPECT_TRUE(client.Read().json().contains("data"));
  EXPECT_TRUE(client.Read().json().contains("status"));
  EXPECT_TRUE(client.Read().json().contains("data"));
}

TEST_F(HttpTest, AnswersAllThatAConnectionHoldsAtOnce) {
  constexpr int kRequests = 900;
  std::string requests;
  for (int i = 0; i < kRequests; ++i) {
    requests += "GET /health HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  Client client(server_.address());
  client.Send(requests);
  for (int i = 0; i < kRequests; ++i) EXPECT_EQ(client.Read().status, 200);
}

TEST_F(HttpTest, AnswersHeadWithoutABody) {
  Client client(server_.address());
  client.Send("HEAD /health HTTP/1.1\r\nHost: test\r\n\r\n");
  const Answer answer = client.Read(false);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-length"), "15");
  EXPECT_EQ(client.Get("/health").status, 200);
}

TEST_F(HttpTest, ClosesAConnectionThatAsksForIt) {
  Client client(server_.address());
  client.Send("GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_TRUE(client.IsClosed());
  Client old(server_.address());
  old.Send("GET /health HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.Read().status, 200);
  EXPECT_TRUE(old.IsClosed());
}

TEST_F(HttpTest, TellsUnknownPathsAndMethods) {
  Client client(server_.address());
  EXPECT_EQ(client.Get("/nothing").status, 404);
  EXPECT_EQ(client.Get("/health/").status, 404);
  const Answer answer = client.Get(kTranslations);
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "POST");
  EXPECT_EQ(answer.json()["error"]["type"], "invalid_request_error");
  EXPECT_EQ(client.Post("/health", "").status, 405);
}

TEST_F(HttpTest, ReadsTheBodyOfAGet) {
  Client client(server_.address());
  client.Send(
      "GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nq=abc");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Get("/health").status, 200);
}

TEST_F(HttpTest, GivesBackTheClientsRequestId) {
  Client client(server_.address());
  client.Send(
      "GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: ab-1.2\r\n\r\n");
  EXPECT_EQ(client.Read().headers.at("x-request-id"), "ab-1.2");
  client.Send("GET /health HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\"b\r\n\r\n");
  EXPECT_TRUE(client.Read().headers.at("x-request-id").starts_with("tr-"));
}

TEST_F(HttpTest, RefusesFramingsThatTwoReadersReadDifferently) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  const std::string body = "5\r\nhello\r\n0\r\n\r\n";
  for (const std::string& headers :
       {chunked + "Content-Length: 5\r\n", "Content-Length: 5\r\n" + chunked,
        std::string("Transfer-Encoding: chunked, gzip\r\n"),
        std::string("Transfer-Encoding: gzip, chunked\r\n"),
        std::string("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"),
        std::string("Transfer-Encoding: identity\r\n"),
        std::string("Transfer-Encoding: xchunked\r\n"), chunked + chunked,
        std::string("Transfer-Encoding : chunked\r\n"),
        std::string("Content-Length: 5\r\nContent-Length: 5\r\n"),
        std::string("Content-Length: 5\r\nContent-Length: 6\r\n"),
        std::string("Content-Length: 5, 5\r\n"),
        std::string("Content-Length: -5\r\n"),
        std::string("Content-Length: +5\r\n"),
        std::string("Content-Length: 0x5\r\n"),
        std::string("Content-Length: 5 5\r\n"),
        std::string("Content-Length:\r\n"),
        std::string("Content-Length: 99999999999999999999\r\n"),
        std::string("X: a\r\n\tfolded: b\r\nContent-Length : 5\r\n")}) {
    SCOPED_TRACE(headers);
    EXPECT_EQ(AnswerTo(Framed(headers, body)).status, 400);
  }
  EXPECT_EQ(
      AnswerTo("POST /health HTTP/1.0\r\n" + chunked + "\r\n" + body).status,
      400);
}

TEST_F(HttpTest, ReadsOneRequestWhereTheBodyHoldsAnother) {
  Client client(server_.address());
  client.Send(Framed("Transfer-Encoding: chunked, gzip\r\n",
                     "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpTest, RefusesHeadsThatAreNone) {
  for (const std::string& head :
       {std::string("GET /health\r\n\r\n"),
        std::string("GET /health HTTP/1.1\r\n\r\n"),
        std::string("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        std::string("GET  /health HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET health HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET http://a/health HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /health%00 HTTP/1.1\r\nHost: a\r\n\r\n"),
        std::string("GET /health HTTP/1.1\nHost: a\n\n"),
        std::string("GET /health HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
        std::string("GET /health HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n"),
        std::string("\0\0\0\0\r\n\r\n", 8),
        std::string("\x16\x03\x01\x02\r\n\r\n"),
        std::string("nonsense\r\n\r\n")}) {
    SCOPED_TRACE(head);
    EXPECT_EQ(AnswerTo(head).status, 400);
  }
  const int status = AnswerTo("GET /health HTTP/2.0\r\nHost: a\r\n\r\n").status;
  EXPECT_TRUE(status == 400 || status == 505) << status;
}

TEST_F(HttpTest, RefusesWhatIsTooLong) {
  const std::string get = "GET /health HTTP/1.1\r\nHost: a\r\n";
  const std::string line(20'000, 'a');
  EXPECT_EQ(AnswerTo(get + "X: " + line + "\r\n\r\n").status, 431);
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += "X: a\r\n";
  EXPECT_EQ(AnswerTo(get + lines + "\r\n").status, 431);
  EXPECT_EQ(AnswerTo("GET /" + line + " HTTP/1.1\r\nHost: a\r\n\r\n").status,
            431);
  EXPECT_EQ(AnswerTo("GET /" + std::string(9'000, 'a') +
                     " HTTP/1.1\r\nHost: a\r\n\r\n")
                .status,
            414);
  // Before a byte of the body is there.
  EXPECT_EQ(AnswerTo(Framed("Content-Length: 2000000\r\n", "")).status, 413);
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  EXPECT_EQ(AnswerTo(Framed(chunked, "FFFFFFF0\r\n")).status, 413);
  EXPECT_EQ(AnswerTo(Framed(chunked, "FFFFFFFFFFFFFFFFF\r\n")).status, 400);
  EXPECT_EQ(AnswerTo(Framed(chunked, "-2\r\n")).status, 400);
  EXPECT_EQ(AnswerTo(Framed(chunked, "zz\r\n")).status, 400);
  EXPECT_EQ(AnswerTo(Framed(chunked, "1;" + std::string(100'000, 'x'))).status,
            400);
}

TEST_F(HttpTest, ReadsABodyInTheSmallestChunks) {
  std::string body = R"({"input": "5 6", "time_limit": 60})";
  body.append(100'000, ' ');
  std::string chunks;
  for (const char c : body) chunks += std::string("1\r\n") + c + "\r\n";
  const Answer answer =
      AnswerTo(Framed("Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["data"][0]["text"], Expected("5 6"));
}

TEST_F(HttpTest, RefusesTrailers) {
  const std::string body = kInput;
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  EXPECT_EQ(AnswerTo(Framed("Transfer-Encoding: chunked\r\n",
                            size + body + "\r\n0\r\nX-Key: a\r\n\r\n"))
                .status,
            400);
}

TEST_F(HttpTest, RefusesEncodingsAndExpectationsThatItDoesNotKnow) {
  const std::string length =
      "Content-Length: " + std::to_string(std::string(kInput).size()) + "\r\n";
  EXPECT_EQ(
      AnswerTo(Framed(length + "Content-Encoding: gzip\r\n", kInput)).status,
      415);
  EXPECT_EQ(AnswerTo(Framed(length + "Expect: a miracle\r\n", kInput)).status,
            417);
  EXPECT_EQ(AnswerTo(PostText(kTranslations, kInput, "text/plain")).status,
            415);
}

TEST_F(HttpTest, TellsAClientThatAsksToGoOn) {
  Client client(server_.address());
  const std::string body = kInput;
  client.Send(Framed("Expect: 100-continue\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n",
                     ""));
  EXPECT_EQ(client.Read().status, 100);
  client.Send(body);
  EXPECT_EQ(client.Read().status, 200);
  // Not before the head has been judged.
  client.Send(
      "POST /nothing HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
      "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(client.Read().status, 404);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpTest, LivesThroughNoise) {
  unsigned state = 1;
  for (int i = 0; i < 500; ++i) {
    std::string noise(static_cast<std::size_t>(i), '\0');
    for (char& c : noise) {
      state = state * 1664525 + 1013904223;
      c = static_cast<char>(state >> 24);
    }
    Client client(server_.address());
    client.Send(i % 2 == 0 ? noise
                           : "POST /v1/translations HTTP/1.1\r\n" + noise);
  }
  EXPECT_EQ(Client(server_.address()).Get("/health").status, 200);
}

class HttpLimitsTest : public ServeTest {};

TEST_F(HttpLimitsTest, ClosesAConnectionWhoseHeadTakesTooLong) {
  ServerOptions options;
  options.session.header_time = std::chrono::milliseconds(100);
  const RunningServer server(options, Models());
  Client client(server.address());
  client.Send("GET /health HTT");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpLimitsTest, ClosesAConnectionWhoseBodyTakesTooLong) {
  ServerOptions options;
  options.session.body_time = std::chrono::milliseconds(100);
  const RunningServer server(options, Models());
  Client client(server.address());
  client.Send(
      "POST /v1/translations HTTP/1.1\r\nHost: a\r\n"
      "Content-Length: 100\r\n\r\n{");
  EXPECT_TRUE(client.IsClosed());
}

// Over a Unix socket, whose buffers are small.
TEST_F(HttpLimitsTest, ClosesAConnectionThatReadsNoAnswers) {
  const std::string path = testing::TempDir() + "tessera_reads_no_answers";
  ServerOptions options;
  options.listen.push_back(ParseListenAddress("unix:" + path));
  options.metrics = ParseListenAddress("127.0.0.1:0");
  options.session.write_time = std::chrono::milliseconds(100);
  const RunningServer server(options, Models());
  Client client(server.address());
  std::string requests;
  for (int i = 0; i < 500; ++i) {
    requests += "GET / HTTP/1.1\r\nHost: test\r\n\r\n";
  }
  client.Send(requests);
  // The one that asks for the metrics is a connection, too; a new one each
  // time, for those of many requests are closed.
  constexpr const char* kOneLeft = "\ntessera_connections 1\n";
  while (Client(server.metrics_address()).Get("/metrics").body.find(kOneLeft) ==
         std::string::npos) {
  }
  int answers = 0;
  while (client.Read().status == 200) ++answers;
  EXPECT_LT(answers, 500);
}

TEST_F(HttpLimitsTest, ClosesAnIdleConnection) {
  ServerOptions options;
  options.session.idle_time = std::chrono::milliseconds(100);
  const RunningServer server(options, Models());
  Client fresh(server.address());
  EXPECT_TRUE(fresh.IsClosed());
  Client client(server.address());
  EXPECT_EQ(client.Get("/health").status, 200);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpLimitsTest, ClosesAConnectionAfterItsLastRequest) {
  ServerOptions options;
  options.session.requests = 2;
  const RunningServer server(options, Models());
  Client client(server.address());
  EXPECT_EQ(client.Get("/health").headers.count("connection"), 0u);
  EXPECT_EQ(client.Get("/health").headers.at("connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(HttpLimitsTest, ClosesTheOldestIdleConnectionForANewOne) {
  ServerOptions options;
  options.connections = 2;
  const RunningServer server(options, Models());
  Client first(server.address());
  EXPECT_EQ(first.Get("/health").status, 200);
  Client second(server.address());
  EXPECT_EQ(second.Get("/health").status, 200);
  Client third(server.address());
  EXPECT_EQ(third.Get("/health").status, 200);
  EXPECT_TRUE(first.IsClosed());
  EXPECT_EQ(second.Get("/health").status, 200);
}

TEST_F(HttpLimitsTest, KeepsANewConnectionWhoseRequestIsOnItsWay) {
  ServerOptions options;
  options.connections = 2;
  options.session.fresh_time = std::chrono::hours(1);
  const RunningServer server(options, Models());
  Client first(server.address()), second(server.address());
  Client third(server.address());
  third.Send("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(second.Get("/health").status, 200);
  EXPECT_EQ(third.Read().status, 200);  // in the place of the second
  EXPECT_TRUE(second.IsClosed());
  EXPECT_EQ(first.Get("/health").status, 200);
}

TEST_F(HttpLimitsTest, HoldsNoMoreBodiesThanItHasRoomFor) {
  ServerOptions options;
  options.body_bytes = 1000;
  const RunningServer server(options, Models());
  const std::string head =
      "POST /v1/translations HTTP/1.1\r\nHost: a\r\n"
      "Content-Type: application/json\r\n";
  Client first(server.address());
  first.Send(head + "Expect: 100-continue\r\nContent-Length: 900\r\n\r\n");
  EXPECT_EQ(first.Read().status, 100);
  Client second(server.address());
  second.Send(head + "Content-Length: 200\r\n\r\n");
  const Answer answer = second.Read();
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  first.Send(std::string(900, ' '));
  EXPECT_EQ(first.Read().status, 400);
  EXPECT_EQ(Client(server.address()).Post(kTranslations, kInput).status, 200);
}

}  // namespace
}  // namespace tessera::tools::serve
