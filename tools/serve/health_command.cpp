// `tessera health`: asks a server whether it takes work, for containers without
// curl.
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "models/files/message.h"
#include "tools/serve/listen_address.h"
#include "tools/tessera/commands.h"

namespace tessera::tools {
namespace {

struct Arguments {
  std::string address = "127.0.0.1:8080";
  unsigned timeout = 5;
};

// The first line of the answer to a request.
std::string FirstLine(int socket, std::string_view request) {
  std::string answer;
  if (send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    char part[512];
    ssize_t bytes = 0;
    while (answer.find('\n') == std::string::npos && answer.size() < 4096 &&
           (bytes = recv(socket, part, sizeof part, 0)) > 0) {
      answer.append(part, static_cast<std::size_t>(bytes));
    }
  }
  return answer.substr(0, answer.find_first_of("\r\n"));
}

int CheckHealth(const Arguments& arguments) {
  const int socket =
      serve::Connect(serve::ParseListenAddress(arguments.address));
  const timeval timeout = {.tv_sec = static_cast<time_t>(arguments.timeout),
                           .tv_usec = 0};
  setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  const std::string line =
      FirstLine(socket,
                "GET /v2/health/ready HTTP/1.1\r\nHost: tessera\r\n"
                "Connection: close\r\n\r\n");
  close(socket);
  if (line.starts_with("HTTP/1.1 200")) return 0;
  models::Refuse(arguments.address, "a server that is ready",
                 line.empty() ? "no answer" : models::QuoteText(line));
}

}  // namespace

RunCommand AddHealthCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "health", "Ask a server whether it is ready: exit code 0, or 2");
  command.add_option("--address", arguments->address, "HOST:PORT or unix:PATH")
      ->type_name("ADDRESS")
      ->capture_default_str();
  command
      .add_option("--timeout", arguments->timeout, "how long to wait for it")
      ->check(CLI::Range(1u, 3600u))
      ->type_name("SECONDS")
      ->capture_default_str();
  return [arguments] { return CheckHealth(*arguments); };
}

}  // namespace tessera::tools
