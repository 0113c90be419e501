// What the loop's thread does: it takes connections, hears signals, drains.
#include "tools/serve/server.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <random>
#include <thread>
#include <unordered_map>
#include <utility>

#include "models/files/message.h"
#include "tools/serve/asio_loop.h"
#include "tools/serve/heap.h"
#include "tools/serve/listener.h"
#include "tools/serve/notify.h"

namespace tessera::tools::serve {

namespace asio = boost::asio;
using boost::system::error_code;

// Members end in the reverse order: models, whose threads post to the loop, end
// before it; Shutdown has let go of theirs.
struct Server::State {
  // What listens, and what answers there: the endpoints, or the metrics.
  struct Front final : SessionHost {
    explicit Front(State& state_, Router router_)
        : state(state_), router(std::move(router_)) {}

    const SessionLimits& limits() const override {
      return state.options.session;
    }
    std::optional<Response> Refuse(Exchange& exchange) override {
      if (this == &state.front) {
        auto preflight = state.options.cors.Preflight(exchange.request);
        if (preflight) return preflight;
      }
      return router.Refuse(exchange);
    }
    Pairs Headers(const Request& request) const override {
      if (this != &state.front) return {};
      return state.options.cors.Headers(request);
    }
    void Handle(std::shared_ptr<Exchange> exchange) override {
      router.Handle(std::move(exchange));
    }
    void Finished(const Exchange& exchange, const Ending& ending) override {
      if (this == &state.front) state.Record(exchange, ending);
    }
    std::string NewId() override { return state.NewId(); }
    bool closing() const override { return state.closes; }
    bool ReserveBody(std::size_t bytes) override {
      if (state.bodies + bytes > state.options.body_bytes) return false;
      state.bodies += bytes;
      return true;
    }
    void ReleaseBody(std::size_t bytes) override { state.bodies -= bytes; }
    void Ended(Session& session) override { state.Forget(session); }

    State& state;
    Router router;
  };

  State(const ServerOptions& options_, std::vector<ServedModel> models)
      : options(options_),
        scheduler(loop, options.admission),
        service{.keys = options.keys,
                .limits = options.request,
                .scheduler = scheduler,
                .loop = loop,
                .side = side,
                .started = static_cast<std::int64_t>(std::time(nullptr))} {
    service.SetModels(std::move(models));
    AddTranslationEndpoint(front.router, service);
    AddAttentionEndpoint(front.router, service);
    AddModelEndpoints(front.router, service);
    AddHealthEndpoints(front.router, service);
    AddLibreTranslateEndpoints(front.router, service);
    AddDeepLEndpoints(front.router, service);
    AddPage(front.router);
    back.router.Add({.method = "GET",
                     .path = "/metrics",
                     .handle = [this](std::shared_ptr<Exchange> exchange) {
                       exchange->answer(MetricsPage());
                     }});
    std::random_device random;
    id_prefix = random();
  }

  ~State() {
    for (const auto& listener : Listeners()) listener->Close();
    if (loader.joinable()) loader.join();
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

  // A socket that listens, at a path if it is one of Unix that is ours.
  void Open(int socket, const std::string& path, Front& answering) {
    const auto listener = std::make_shared<Listener>(
        loop, socket, path,
        ListenerHost{
            .full = [this] { return sessions.size() >= options.connections; },
            .make_room = [this] { return CloseIdle(); },
            .take = [this, &answering](
                        int family,
                        int taken) { Take(family, taken, answering); }});
    (&answering == &front ? listeners : metrics_listeners).push_back(listener);
    if (IsLocal(socket) || options.allow_remote || !options.keys.empty()) {
      return;
    }
    models::Refuse(listener->name(),
                   "an address of this machine alone, --keys or --no-keys",
                   "none of them");
  }

  // Those of the metrics last.
  std::vector<std::shared_ptr<Listener>> Listeners() const {
    auto all = listeners;
    all.insert(all.end(), metrics_listeners.begin(), metrics_listeners.end());
    return all;
  }

  void Take(int family, int socket, Front& answering) {
    const auto session = MakeSession(loop.io, family, socket, answering);
    sessions.emplace(session.get(), session);
    session->Start();
  }

  // Makes room; false if all connections are at work. The first request of one
  // that is new may be on its way.
  bool CloseIdle() {
    const auto now = Session::Clock::now();
    const auto fresh = options.session.fresh_time;
    std::shared_ptr<Session> oldest;
    for (const auto& [key, session] : sessions) {
      const auto idle = session->idle_since();
      if (!idle || (!session->served() && now - *idle < fresh)) continue;
      if (!oldest || *idle < *oldest->idle_since()) oldest = session;
    }
    if (!oldest) return false;
    const std::size_t before = sessions.size();
    oldest->CloseIfIdle(true);
    return sessions.size() < before;
  }

  void Drain() {
    if (service.draining) return Stop();
    service.draining = true;
    Notify("STOPPING=1");
    timers.push_back(
        loop.After(options.drain_delay, [this] { CloseListeners(); }));
  }

  void CloseListeners() {
    // Whoever is in the queue by now has been promised a connection.
    for (const auto& listener : Listeners()) {
      listener->AcceptAll();
      listener->Close();
    }
    closes = true;
    for (const auto& session : Sessions()) session->CloseIfIdle(false);
    timers.push_back(loop.After(options.session.fresh_time, [this] {
      for (const auto& session : Sessions()) session->CloseIfIdle(true);
    }));
    timers.push_back(loop.After(options.drain_time, [this] { Stop(); }));
    StopIfDrained();
  }

  void Reload() {
    if (loader.joinable() || !load) return;
    loader = std::thread([this] {
      std::vector<ServedModel> models;
      bool loaded = true;
      try {
        models = load();
      } catch (const std::exception&) {
        loaded = false;  // `load` has told why
      }
      loop.Post([this, models = std::move(models), loaded]() mutable {
        loader.join();
        Replace(std::move(models), loaded);
      });
    });
  }

  // The old models end with the last request that has them.
  void Replace(std::vector<ServedModel> models, bool loaded) {
    service.metrics.CountReload(loaded);
    if (loaded) service.SetModels(std::move(models));
  }

  void KeepWatchdog() {
    const auto interval = WatchdogInterval();
    if (!interval) return;
    Notify("WATCHDOG=1");
    watchdog = loop.After(*interval, [this] { KeepWatchdog(); });
  }

  // While the engine is busy, what comes within a millisecond is seen to
  // together: each turn of this thread takes a worker's core from it, caches
  // too. With 3 ms clients wait for answers instead of asking: 2 % slower.
  void Serve() {
    constexpr std::chrono::milliseconds kRest{1};
    while (loop.io.run_one() > 0) {
      loop.io.poll();
      if (scheduler.busy()) std::this_thread::sleep_for(kRest);
    }
  }

  void StopIfDrained() {
    if (closes && sessions.empty()) loop.io.stop();
  }

  void Stop() { loop.io.stop(); }

  std::string NewId() {
    char text[32];
    std::snprintf(text, sizeof text, "tr-%08x%08x", id_prefix, ++last_id);
    return text;
  }

  void Record(const Exchange& exchange, const Ending& ending) {
    service.metrics.CountRequest(exchange.record.endpoint, ending.status,
                                 ending.seconds);
    idle_trim.OnRequest();
    if (options.log_descriptor < 0) return;
    if (!WriteLogLine(options.log_descriptor, LogLine(exchange, ending))) {
      service.metrics.CountDroppedLogLine();
    }
  }

  void Forget(Session& session) {
    const auto found = sessions.find(&session);
    // The session is still in a method of its own.
    loop.Post([this, kept = std::move(found->second)] { StopIfDrained(); });
    sessions.erase(found);
  }

  Response MetricsPage() const {
    Gauges gauges = {.requests = scheduler.requests(),
                     .waiting_tokens = scheduler.cost(),
                     .running_texts = scheduler.running(),
                     .connections = sessions.size()};
    for (const ServedModel& model : service.models) {
      gauges.models.emplace_back(model.name,
                                 model.translator->info().compute_type);
    }
    return {.body = service.metrics.Text(gauges),
            .content_type = "text/plain; version=0.0.4; charset=utf-8"};
  }

  const ServerOptions options;
  AsioLoop loop;
  asio::executor_work_guard<asio::io_context::executor_type> work{
      loop.io.get_executor()};
  Scheduler scheduler;
  SideThread side;
  IdleTrim idle_trim{loop, side};
  Service service;
  Front front{*this,
              Router([this](const Endpoint& endpoint, Exchange& exchange) {
                return Authorize(service, endpoint, exchange);
              })};
  Front back{*this, Router()};
  std::vector<std::shared_ptr<Listener>> listeners;
  std::vector<std::shared_ptr<Listener>> metrics_listeners;
  std::unordered_map<Session*, std::shared_ptr<Session>> sessions;
  std::optional<asio::signal_set> signals;
  LoadModels load;
  std::thread loader;
  std::vector<Loop::Timer> timers;
  Loop::Timer watchdog;
  std::size_t bodies = 0;
  unsigned id_prefix = 0;
  unsigned last_id = 0;
  bool closes = false;
};

Server::Server(const ServerOptions& options, std::vector<ServedModel> models)
    : state_(std::make_unique<State>(options, std::move(models))) {
  for (const int socket : options.sockets) {
    state_->Open(socket, "", state_->front);
  }
  for (const ListenAddress& address : options.listen) {
    state_->Open(Listen(address), address.path, state_->front);
  }
  if (options.metrics) {
    state_->Open(Listen(*options.metrics), options.metrics->path, state_->back);
  }
  for (const auto& listener : state_->Listeners()) listener->Start();
}

Server::~Server() = default;

void Server::HandleSignals() {
  state_->signals.emplace(state_->loop.io, SIGTERM, SIGINT);
  state_->signals->add(SIGHUP);
  const auto wait = [state = state_.get()](const auto& self) -> void {
    state->signals->async_wait(
        [state, self](const error_code& error, int signal) {
          if (error) return;
          signal == SIGHUP ? state->Reload() : state->Drain();
          self(self);
        });
  };
  wait(wait);
}

void Server::Run() {
  Notify("READY=1");
  state_->KeepWatchdog();
  state_->Serve();
}

void Server::Drain() {
  asio::post(state_->loop.io, [state = state_.get()] { state->Drain(); });
}

void Server::OnReload(LoadModels load) { state_->load = std::move(load); }

void Server::Reload() {
  asio::post(state_->loop.io, [state = state_.get()] { state->Reload(); });
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> names;
  for (const auto& listener : state_->listeners) {
    names.push_back(listener->name());
  }
  return names;
}

std::string Server::metrics_address() const {
  const auto& all = state_->metrics_listeners;
  return all.empty() ? std::string() : all.front()->name();
}

}  // namespace tessera::tools::serve
