// A connection and the requests that come over it.
#ifndef TESSERA_TOOLS_SERVE_SESSION_H_
#define TESSERA_TOOLS_SERVE_SESSION_H_

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "tools/serve/http.h"
#include "tools/serve/log.h"

namespace tessera::tools::serve {

// Of a connection. A time is a whole one: bytes that trickle in do not prolong
// it.
struct SessionLimits {
  std::size_t header_bytes = 16 << 10;
  std::size_t target_bytes = 8 << 10;
  std::size_t body_bytes = 1 << 20;
  std::size_t requests = 1000;
  std::chrono::milliseconds header_time{10'000};
  std::chrono::milliseconds body_time{30'000};
  std::chrono::milliseconds write_time{30'000};
  std::chrono::milliseconds idle_time{60'000};
  // How long a new connection keeps a place that others want: while draining,
  // and where connections or descriptors run out.
  std::chrono::milliseconds fresh_time{1000};
};

class Session;

// What sessions need of the server; it outlives them.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  virtual const SessionLimits& limits() const = 0;
  // A response that refuses a request for its head alone.
  virtual std::optional<Response> Refuse(Exchange& exchange) = 0;
  virtual void Handle(std::shared_ptr<Exchange> exchange) = 0;
  // What every response to the request has, refusals too.
  virtual Pairs Headers(const Request& request) const = 0;
  // What came of a request.
  virtual void Finished(const Exchange& exchange, const Ending& ending) = 0;
  virtual std::string NewId() = 0;
  // Whether connections end after the answer that is under way.
  virtual bool closing() const = 0;
  // Bytes of bodies that all sessions together hold; false if there is no room.
  virtual bool ReserveBody(std::size_t bytes) = 0;
  virtual void ReleaseBody(std::size_t bytes) = 0;
  // The session has closed its connection.
  virtual void Ended(Session& session) = 0;
};

class Session {
 public:
  virtual ~Session() = default;
  virtual void Start() = 0;
  virtual void Close() = 0;
  // Closes it unless a request is under way, or has come and was not read yet;
  // `fresh`: also if it is the connection's first.
  virtual void CloseIfIdle(bool fresh) = 0;
  // Whether a request came over it.
  virtual bool served() const = 0;
  // Since when no request is under way; nullopt if one is.
  using Clock = std::chrono::steady_clock;
  virtual std::optional<Clock::time_point> idle_since() const = 0;
};

// A session for a connected socket of an address family, which it owns from now
// on.
std::shared_ptr<Session> MakeSession(boost::asio::io_context& io, int family,
                                     int descriptor, SessionHost& host);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SESSION_H_
