// The protocols of sd_notify(3) and sd_listen_fds(3).
#include "tools/serve/notify.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::optional<long long> Number(const std::string& text) {
  long long number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool Listens(int socket) {
  int type = 0, listens = 0;
  socklen_t size = sizeof type;
  if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &size) != 0 ||
      type != SOCK_STREAM) {
    return false;
  }
  size = sizeof listens;
  return getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
         listens != 0;
}

}  // namespace

void Notify(std::string_view state) {
  const std::string path = Variable("NOTIFY_SOCKET");
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (path.size() < 2 || path.size() >= sizeof name.sun_path) return;
  std::memcpy(name.sun_path, path.data(), path.size());
  if (path[0] == '@') name.sun_path[0] = '\0';  // no file: an abstract name
  const int out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (out < 0) return;
  const auto size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  sendto(out, state.data(), state.size(), MSG_NOSIGNAL,
         reinterpret_cast<const sockaddr*>(&name), size);
  close(out);
}

std::optional<std::chrono::milliseconds> WatchdogInterval() {
  const auto process = Number(Variable("WATCHDOG_PID"));
  if (process && *process != getpid()) return std::nullopt;
  const auto microseconds = Number(Variable("WATCHDOG_USEC"));
  if (!microseconds || *microseconds < 2000) return std::nullopt;
  return std::chrono::milliseconds(*microseconds / 2000);
}

std::vector<int> PassedSockets() {
  const auto process = Number(Variable("LISTEN_PID"));
  const auto count = Number(Variable("LISTEN_FDS"));
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) {
    unsetenv(name);
  }
  std::vector<int> sockets;
  if (process != getpid() || !count) return sockets;
  constexpr int kFirst = 3;
  constexpr long long kMost = 64;
  for (int socket = kFirst; socket < kFirst + *count; ++socket) {
    if (*count > kMost || !Listens(socket)) {
      models::Refuse("LISTEN_FDS", "stream sockets that listen",
                     models::Cat("others at descriptor ", socket));
    }
    fcntl(socket, F_SETFD, FD_CLOEXEC);
    fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
    sockets.push_back(socket);
  }
  return sockets;
}

}  // namespace tessera::tools::serve
