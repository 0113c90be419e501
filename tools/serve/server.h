// A server: listeners, connections, and one thread that serves them all.
#ifndef TESSERA_TOOLS_SERVE_SERVER_H_
#define TESSERA_TOOLS_SERVE_SERVER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/serve/cors.h"
#include "tools/serve/keys.h"
#include "tools/serve/listen_address.h"
#include "tools/serve/scheduler.h"
#include "tools/serve/served_model.h"
#include "tools/serve/service.h"
#include "tools/serve/session.h"

namespace tessera::tools::serve {

struct ServerOptions {
  std::vector<ListenAddress> listen;
  std::vector<int> sockets = {};  // that listen already
  // Addresses that other machines reach, for those without a key.
  bool allow_remote = false;
  // Where GET /metrics is answered, to whoever asks.
  std::optional<ListenAddress> metrics = {};
  Keys keys = {};
  Cors cors = {};
  int log_descriptor = -1;  // for a line a request; -1: none
  SessionLimits session = {};
  RequestLimits request = {};
  AdmissionLimits admission = {};
  // The connection that is idle the longest makes room for one more.
  std::size_t connections = 4096;
  // Of all bodies that are under way.
  std::size_t body_bytes = std::size_t{256} << 20;
  // Draining: how long connections are still accepted, and requests waited for.
  std::chrono::milliseconds drain_delay{0};
  std::chrono::milliseconds drain_time{30'000};
};

class Server {
 public:
  // Listens from now on. Throws Error.
  Server(const ServerOptions& options, std::vector<ServedModel> models);
  ~Server();

  // Drains upon SIGTERM and SIGINT, and ends at once upon a second one; loads
  // models anew upon SIGHUP.
  void HandleSignals();

  // Has SIGHUP and Reload load models anew, by `load`, on a thread of its own;
  // requests that come after it has returned get those, requests before keep
  // theirs. If it throws the models stay; to say why is up to it.
  using LoadModels = std::function<std::vector<ServedModel>()>;
  void OnReload(LoadModels load);
  void Reload();  // from any thread

  // Serves until it has drained. The calling thread does all input and output.
  void Run();

  // Answers what has come, takes no more, and has Run return. From any thread;
  // the second call ends Run at once.
  void Drain();

  std::vector<std::string> addresses() const;
  std::string metrics_address() const;  // empty if there is none

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SERVER_H_
