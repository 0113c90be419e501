// Reads and writes are calls of the system, at once; Asio tells when they may
// succeed.
#include "tools/serve/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <utility>

namespace tessera::tools::serve {

namespace asio = boost::asio;
using boost::system::error_code;

Connection::Connection(asio::io_context& io, int family, int descriptor)
    : socket_(io, asio::generic::stream_protocol(family, 0), descriptor),
      timer_(io) {}

void Connection::SetOwner(std::weak_ptr<ConnectionOwner> owner) {
  owner_ = std::move(owner);
}

void Connection::Close() {
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

void Connection::AwaitReadable() {
  if (awaits_) return;
  awaits_ = true;
  socket_.async_wait(asio::socket_base::wait_read,
                     [this, kept = owner_](const error_code& error) {
                       const auto owner = kept.lock();
                       if (!owner || !socket_.is_open()) return;
                       awaits_ = false;
                       error ? owner->OnBroken() : owner->OnReadable();
                     });
}

ssize_t Connection::Read(std::span<char> bytes) {
  ssize_t read = 0;
  do {
    read =
        recv(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  } while (read < 0 && errno == EINTR);
  return read;
}

ssize_t Connection::Peek() {
  char byte = 0;
  return recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
}

bool Connection::HasEnd() {
  pollfd state = {
      .fd = socket_.native_handle(), .events = POLLRDHUP, .revents = 0};
  return poll(&state, 1, 0) > 0;
}

void Connection::Send(std::string_view bytes) {
  const bool first = outgoing_.empty();
  outgoing_ += bytes;
  if (!first || broken_) return;
  if (Flush()) {
    if (const auto owner = owner_.lock()) owner->OnSent();
  } else if (!broken_) {
    AwaitWritable();
  }
}

bool Connection::Flush() {
  while (sent_ < outgoing_.size()) {
    const ssize_t sent =
        send(socket_.native_handle(), outgoing_.data() + sent_,
             outgoing_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) {
      if (errno != EAGAIN) Break();
      return false;
    }
    sent_ += static_cast<std::size_t>(sent);
  }
  outgoing_.clear();
  sent_ = 0;
  return true;
}

void Connection::AwaitWritable() {
  socket_.async_wait(asio::socket_base::wait_write,
                     [this, kept = owner_](const error_code&) {
                       const auto owner = kept.lock();
                       if (!owner || !socket_.is_open() || broken_) return;
                       if (Flush()) {
                         owner->OnSent();
                       } else if (!broken_) {
                         AwaitWritable();
                       }
                     });
}

void Connection::Break() {
  broken_ = true;
  asio::post(socket_.get_executor(), [this, kept = owner_] {
    const auto owner = kept.lock();
    if (owner && socket_.is_open()) owner->OnBroken();
  });
}

void Connection::EndOutput() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
}

void Connection::SetDeadline(std::chrono::milliseconds wait) {
  deadline_ = Clock::now() + wait;
  if (deadline_ < timer_at_) SetTimer();
}

void Connection::SetTimer() {
  timer_at_ = deadline_;
  timer_.expires_at(timer_at_);
  timer_.async_wait([this, kept = owner_](const error_code& error) {
    const auto owner = kept.lock();
    if (error || !owner || !socket_.is_open()) return;
    timer_at_ = Clock::time_point::max();
    if (deadline_ <= Clock::now()) return owner->OnBroken();
    if (deadline_ != Clock::time_point::max()) SetTimer();
  });
}

}  // namespace tessera::tools::serve
