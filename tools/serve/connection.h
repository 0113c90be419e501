// A connected socket: when it can be read, what goes out, and by when.
#ifndef TESSERA_TOOLS_SERVE_CONNECTION_H_
#define TESSERA_TOOLS_SERVE_CONNECTION_H_

#include <sys/types.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace tessera::tools::serve {

// Whom a connection tells, on the loop's thread, while it is open.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  virtual void OnReadable() = 0;  // once for each AwaitReadable
  virtual void OnSent() = 0;      // all that was given to Send is out
  // The time is over, or what was sent found nobody. From the loop, never from
  // within a call.
  virtual void OnBroken() = 0;
};

// Waits cost no timer and hardly a call of the system: a wait for reading stays
// while others come and go, a deadline that moves away leaves its timer alone.
class Connection {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(boost::asio::io_context& io, int family, int descriptor);

  // Before all else; the owner may end at any time.
  void SetOwner(std::weak_ptr<ConnectionOwner> owner);
  void Close();

  void AwaitReadable();
  // As recv does: 0 at the end, -1 and errno.
  ssize_t Read(std::span<char> bytes);
  ssize_t Peek();
  // Whether the client has closed its end, behind what was not read yet.
  bool HasEnd();

  // At once what the socket takes, the rest later. OnSent may come from within.
  void Send(std::string_view bytes);
  bool sends() const { return !outgoing_.empty(); }
  void EndOutput();

  // Calls OnBroken after a while; the last call counts.
  void SetDeadline(std::chrono::milliseconds wait);
  void ForgetDeadline() { deadline_ = Clock::time_point::max(); }

 private:
  bool Flush();  // whether all is out
  void AwaitWritable();
  void Break();
  void SetTimer();

  std::weak_ptr<ConnectionOwner> owner_;
  boost::asio::generic::stream_protocol::socket socket_;
  boost::asio::steady_timer timer_;
  Clock::time_point deadline_ = Clock::time_point::max();
  Clock::time_point timer_at_ = Clock::time_point::max();
  std::string outgoing_;
  std::size_t sent_ = 0;  // of it
  bool awaits_ = false;   // OnReadable
  bool broken_ = false;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_CONNECTION_H_
