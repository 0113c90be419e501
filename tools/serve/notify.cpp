// The protocol of sd_notify(3) is a datagram: no library is needed.
#include "tools/serve/notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

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

}  // namespace tessera::tools::serve
