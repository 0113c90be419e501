// Where there is no room the queue of the system keeps connections.
#include "tools/serve/listener.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <limits>
#include <utility>

#include "tools/serve/listen_address.h"

namespace tessera::tools::serve {
namespace {

namespace asio = boost::asio;

// When descriptors or memory run out: how long to leave new connections alone.
constexpr std::chrono::milliseconds kAcceptPause{100};
// Accepted in a row before others have their turn.
constexpr int kAcceptBurst = 64;

int FamilyOf(int socket) {
  int family = 0;
  socklen_t size = sizeof family;
  getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

}  // namespace

Listener::Listener(AsioLoop& loop, int socket, std::string path,
                   ListenerHost host)
    : loop_(loop),
      socket_(loop.io, socket),
      family_(FamilyOf(socket)),
      name_(NameOf(socket)),
      path_(std::move(path)),
      host_(std::move(host)) {}

void Listener::AcceptAll() { Accept(std::numeric_limits<int>::max()); }

void Listener::Close() {
  if (!socket_.is_open()) return;
  socket_.close();
  if (!path_.empty()) unlink(path_.c_str());
}

void Listener::Await() {
  socket_.async_wait(
      asio::posix::descriptor_base::wait_read,
      [self = shared_from_this()](const boost::system::error_code& error) {
        if (!error && self->socket_.is_open()) self->Accept(kAcceptBurst);
      });
}

void Listener::Accept(int most) {
  for (int i = 0; i < most; ++i) {
    if (host_.full()) {
      if (!SomebodyWaits()) break;
      if (!host_.make_room()) return Pause();
    }
    const int socket = accept4(socket_.native_handle(), nullptr, nullptr,
                               SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) {
      const bool none = errno == EAGAIN || errno == EWOULDBLOCK;
      if (none) break;
      if (errno == EINTR || errno == ECONNABORTED) continue;
      host_.make_room();
      return Pause();
    }
    const int on = 1;
    if (family_ != AF_UNIX) {
      setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    host_.take(family_, socket);
  }
  Await();
}

bool Listener::SomebodyWaits() {
  pollfd state = {
      .fd = socket_.native_handle(), .events = POLLIN, .revents = 0};
  return poll(&state, 1, 0) > 0;
}

void Listener::Pause() {
  pause_ = loop_.After(kAcceptPause, [kept = weak_from_this()] {
    if (const auto self = kept.lock()) self->Await();
  });
}

}  // namespace tessera::tools::serve
