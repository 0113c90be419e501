// A server of the test's own process, with a model of numbers whose steps can
// be held up.
#ifndef TESSERA_TESTS_TOOLS_SERVE_RUNNING_SERVER_H_
#define TESSERA_TESTS_TOOLS_SERVE_RUNNING_SERVER_H_

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/engine/fake_translator.h"
#include "tests/tools/serve/client.h"
#include "tools/serve/server.h"

namespace tessera::tools::serve {

class RunningServer {
 public:
  RunningServer(ServerOptions options, std::vector<ServedModel> models)
      : server_(Local(std::move(options)), std::move(models)),
        address_(server_.addresses().front()),
        thread_([this] { server_.Run(); }) {}
  ~RunningServer() {
    if (thread_.joinable()) {
      server_.Drain();
      server_.Drain();
      thread_.join();
    }
  }

  const std::string& address() const { return address_; }
  std::string metrics_address() const { return server_.metrics_address(); }
  Server& server() { return server_; }
  void Drain() { server_.Drain(); }
  void WaitForTheEnd() { thread_.join(); }

 private:
  static ServerOptions Local(ServerOptions options) {
    if (options.listen.empty()) {
      options.listen.push_back(ParseListenAddress("127.0.0.1:0"));
    }
    return options;
  }

  Server server_;
  std::string address_;
  std::thread thread_;
};

class ServeTest : public engine::FakeTranslator {
 protected:
  static std::vector<ServedModel> Models(std::function<void()> on_step = {}) {
    std::vector<ServedModel> models;
    models.push_back(MakeServedModel("en-fr", Make(std::move(on_step))));
    return models;
  }
  std::string Expected(const std::string& text) {
    return std::string(translator_.Translate(text).text());
  }
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TESTS_TOOLS_SERVE_RUNNING_SERVER_H_
