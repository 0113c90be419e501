// `tessera serve` and `tessera health` as an operator runs them.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/process.h"
#include "tests/tools/serve/client.h"
#include "tools/serve/listen_address.h"

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::json;

constexpr std::chrono::seconds kStart{60};

// The address that a server tells when it is ready.
std::string AddressOf(Conversation& server) {
  std::string line = server.ReadLine(kStart);
  EXPECT_TRUE(line.starts_with("listening on ")) << line;
  return line.substr(13, line.size() - 14);
}

TEST(ServeProgramTest, TranslatesAsTheProgramDoes) {
  const std::string input =
      "Where is the station?\nI have no idea.\nThank you very much.\n\nNo.\n";
  const Outcome wanted = RunTessera({"translate", "--format", "json"}, input);
  Conversation server({"serve", "--quiet", "--listen", "127.0.0.1:0"});
  const std::string address = AddressOf(server);
  std::vector<std::string> texts;
  for (const std::string& line : Lines(input)) texts.push_back(line);
  const Json body = {{"input", texts}, {"return", {"tokens"}}};
  const Answer answer = Client(address).Post("/v1/translations", body.dump());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::vector<std::string> lines = Lines(wanted.out);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Json line = Json::parse(lines[i]);
    EXPECT_EQ(answer.json()["data"][i]["translations"], line["translations"]);
  }
  server.Signal(SIGTERM);
  EXPECT_EQ(server.Wait(), 0);
}

TEST(ServeProgramTest, ListensOnAUnixSocketAndTellsItsHealth) {
  const TestFolder folder;
  const std::string name = "unix:" + folder.Path("socket");
  EXPECT_EQ(RunTessera({"health", "--address", name}).code, 2);
  for (int round = 0; round < 2; ++round) {
    Conversation server({"serve", "--quiet", "--listen", name});
    EXPECT_EQ(AddressOf(server), name);
    EXPECT_EQ(RunTessera({"health", "--address", name}).code, 0);
    EXPECT_EQ(Client(name).Get("/health").status, 200);
    // Killed at first: the file that is left must not be in the way.
    server.Signal(round == 0 ? SIGKILL : SIGTERM);
    EXPECT_EQ(server.Wait(), round == 0 ? 128 + SIGKILL : 0);
    EXPECT_EQ(access(folder.Path("socket").c_str(), F_OK) == 0, round == 0);
  }
}

// As systemd does it: the socket is descriptor 3, the variables name the
// process.
TEST(ServeProgramTest, ListensOnASocketThatItIsPassed) {
  const ListenAddress address = ParseListenAddress("127.0.0.1:0");
  const int socket = Listen(address);
  const std::string name = NameOf(socket);
  const pid_t child = fork();
  if (child == 0) {
    fcntl(dup2(socket, 3), F_SETFD, 0);  // kept by exec, also if it was 3
    setenv("LISTEN_PID", std::to_string(getpid()).c_str(), 1);
    setenv("LISTEN_FDS", "1", 1);
    execl(TESSERA_PROGRAM, TESSERA_PROGRAM, "serve", "--quiet", nullptr);
    _exit(127);
  }
  close(socket);
  // The connection waits in the socket's queue until the program is there.
  EXPECT_EQ(Client(name).Get("/health").status, 200);
  kill(child, SIGTERM);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(ServeProgramTest, RefusesWhatItCannotServe) {
  const std::pair<std::vector<std::string>, const char*> cases[] = {
      {{"--listen", "8080"}, "HOST:PORT"},
      {{"--listen", "unix:"}, "unix:PATH"},
      {{"--listen", "0.0.0.0:0"}, "--no-keys"},
      {{"--listen", "unix:/nonexistent/socket"}, "want to listen"},
      {{"--cors", "example.org"}, "an origin"},
      {{"--model", "en-fr"}, "NAME=DIR"},
      {{"--model", "a/b=c"}, "NAME=DIR"},
      {{"--model", "a=/nonexistent"}, "/nonexistent"},
      {{"--model", "a=b", "--model", "a=c"}, "each name once"},
      {{"--time-limit", "-1"}, "--time-limit"}};
  for (const auto& [options, message] : cases) {
    std::vector<std::string> arguments = {"serve"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const Outcome outcome = RunTessera(arguments);
    EXPECT_EQ(outcome.code, 2) << message;
    EXPECT_NE(outcome.err.find(message), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace tessera::tools::serve
