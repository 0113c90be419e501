// Sockets are accepted by hand: one way for TCP and Unix, and what to do when
// descriptors run out is for us to say.
#include "tools/serve/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <random>
#include <unordered_map>
#include <utility>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// When descriptors or memory run out: how long to leave new connections alone.
constexpr std::chrono::milliseconds kAcceptPause{100};
// While draining: how long a connection may wait with its first request.
constexpr std::chrono::milliseconds kFreshTime{1000};
// Accepted in a row before others have their turn.
constexpr int kAcceptBurst = 64;

class AsioLoop final : public Loop {
 public:
  void Post(std::function<void()> task) override {
    asio::post(io, std::move(task));
  }

  Timer After(std::chrono::milliseconds wait,
              std::function<void()> task) override {
    const auto timer = std::make_shared<asio::steady_timer>(io, wait);
    // The task may come after the timer's end, if that was late.
    timer->async_wait([kept = std::weak_ptr(timer),
                       task = std::move(task)](const error_code& error) {
      if (!error && !kept.expired()) task();
    });
    return timer;
  }

  asio::io_context io{1};
};

int FamilyOf(int socket) {
  int family = 0;
  socklen_t size = sizeof family;
  getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family;
}

}  // namespace

// Members end in the reverse order: models, whose threads post to the loop, end
// before it; Shutdown has let go of theirs.
struct Server::State final : SessionHost {
  State(const ServerOptions& options_, std::vector<ServedModel> models)
      : options(options_),
        scheduler(loop, options.admission),
        service{.models = std::move(models),
                .limits = options.request,
                .scheduler = scheduler,
                .started = static_cast<std::int64_t>(std::time(nullptr))} {
    AddNativeEndpoints(router, service);
    AddHealthEndpoints(router, service);
    AddLibreTranslateEndpoints(router, service);
    AddDeepLEndpoints(router, service);
    std::random_device random;
    id_prefix = random();
  }

  ~State() override {
    for (const ListenAddress& address : options.listen) {
      if (!listeners.empty() && !address.path.empty()) {
        unlink(address.path.c_str());
      }
    }
    for (const auto& session : Sessions()) session->Close();
    scheduler.Shutdown();
    service.models.clear();
  }

  // To go through while they leave `sessions`.
  std::vector<std::shared_ptr<Session>> Sessions() const {
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [key, session] : sessions) all.push_back(session);
    return all;
  }

  struct Listener {
    asio::posix::stream_descriptor socket;
    int family;
    std::string name;
    Loop::Timer pause = {};
  };

  void Open(const ListenAddress& address) {
    const int socket = Listen(address);
    listeners.push_back(
        std::make_shared<Listener>(Listener{.socket = {loop.io, socket},
                                            .family = FamilyOf(socket),
                                            .name = NameOf(socket)}));
    if (IsLocal(socket) || options.allow_remote) return;
    models::Refuse(listeners.back()->name,
                   "an address of this machine alone, or --no-keys", "neither");
  }

  void AwaitConnections(std::shared_ptr<Listener> listener) {
    listener->socket.async_wait(asio::posix::descriptor_base::wait_read,
                                [this, listener](const error_code& error) {
                                  if (!error && listener->socket.is_open())
                                    Accept(listener);
                                });
  }

  void Accept(const std::shared_ptr<Listener>& listener) {
    for (int i = 0; i < kAcceptBurst; ++i) {
      if (sessions.size() >= options.connections) {
        pollfd state = {.fd = listener->socket.native_handle(),
                        .events = POLLIN,
                        .revents = 0};
        if (poll(&state, 1, 0) <= 0) break;
        if (!CloseIdle()) return Pause(listener);
      }
      const int socket = accept4(listener->socket.native_handle(), nullptr,
                                 nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (socket < 0) {
        const bool none = errno == EAGAIN || errno == EWOULDBLOCK;
        if (none) break;
        if (errno == EINTR || errno == ECONNABORTED) continue;
        CloseIdle();
        return Pause(listener);
      }
      const int on = 1;
      if (listener->family != AF_UNIX) {
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      }
      const auto session =
          MakeSession(loop.io, listener->family, socket, *this);
      sessions.emplace(session.get(), session);
      session->Start();
    }
    AwaitConnections(listener);
  }

  void Pause(const std::shared_ptr<Listener>& listener) {
    listener->pause =
        loop.After(kAcceptPause, [this, kept = std::weak_ptr(listener)] {
          if (const auto paused = kept.lock()) AwaitConnections(paused);
        });
  }

  // Makes room; false if all connections are at work.
  bool CloseIdle() {
    std::shared_ptr<Session> oldest;
    for (const auto& [key, session] : sessions) {
      if (!session->idle_since()) continue;
      if (!oldest || session->idle_since() < oldest->idle_since()) {
        oldest = session;
      }
    }
    if (!oldest) return false;
    oldest->Close();
    return true;
  }

  void Drain() {
    if (service.draining) return Stop();
    service.draining = true;
    timers.push_back(
        loop.After(options.drain_delay, [this] { CloseListeners(); }));
  }

  void CloseListeners() {
    for (const ListenAddress& address : options.listen) {
      if (!address.path.empty()) unlink(address.path.c_str());
    }
    // Whoever is in the queue by now has been promised a connection.
    for (const auto& listener : listeners) {
      Accept(listener);
      listener->socket.close();
    }
    closes = true;
    for (const auto& session : Sessions()) session->CloseIfIdle(false);
    timers.push_back(loop.After(kFreshTime, [this] {
      for (const auto& session : Sessions()) session->CloseIfIdle(true);
    }));
    timers.push_back(loop.After(options.drain_time, [this] { Stop(); }));
    StopIfDrained();
  }

  void StopIfDrained() {
    if (closes && sessions.empty()) loop.io.stop();
  }

  void Stop() { loop.io.stop(); }

  const SessionLimits& limits() const override { return options.session; }
  std::optional<Response> Refuse(const Request& head) override {
    return router.Refuse(head);
  }
  void Handle(std::shared_ptr<Exchange> exchange) override {
    router.Handle(std::move(exchange));
  }
  std::string NewId() override {
    char text[32];
    std::snprintf(text, sizeof text, "tr-%08x%08x", id_prefix, ++last_id);
    return text;
  }
  bool closing() const override { return closes; }
  bool ReserveBody(std::size_t bytes) override {
    if (bodies + bytes > options.body_bytes) return false;
    bodies += bytes;
    return true;
  }
  void ReleaseBody(std::size_t bytes) override { bodies -= bytes; }
  void Ended(Session& session) override {
    const auto found = sessions.find(&session);
    // The session is still in a method of its own.
    loop.Post([this, kept = std::move(found->second)] { StopIfDrained(); });
    sessions.erase(found);
  }

  const ServerOptions options;
  AsioLoop loop;
  asio::executor_work_guard<asio::io_context::executor_type> work{
      loop.io.get_executor()};
  Scheduler scheduler;
  Service service;
  Router router;
  std::vector<std::shared_ptr<Listener>> listeners;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions;
  std::optional<asio::signal_set> signals;
  std::vector<Loop::Timer> timers;
  std::size_t bodies = 0;
  unsigned id_prefix = 0;
  unsigned last_id = 0;
  bool closes = false;
};

Server::Server(const ServerOptions& options, std::vector<ServedModel> models)
    : state_(std::make_unique<State>(options, std::move(models))) {
  for (const ListenAddress& address : options.listen) state_->Open(address);
  for (const auto& listener : state_->listeners) {
    state_->AwaitConnections(listener);
  }
}

Server::~Server() = default;

void Server::HandleSignals() {
  state_->signals.emplace(state_->loop.io, SIGTERM, SIGINT);
  const auto wait = [state = state_.get()](const auto& self) -> void {
    state->signals->async_wait([state, self](const error_code& error, int) {
      if (error) return;
      state->Drain();
      self(self);
    });
  };
  wait(wait);
}

void Server::Run() { state_->loop.io.run(); }

void Server::Drain() {
  asio::post(state_->loop.io, [state = state_.get()] { state->Drain(); });
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> names;
  for (const auto& listener : state_->listeners) {
    names.push_back(listener->name);
  }
  return names;
}

}  // namespace tessera::tools::serve
