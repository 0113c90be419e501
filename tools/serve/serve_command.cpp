// Options of `tessera serve`.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/files/message.h"
#include "tools/serve/heap.h"
#include "tools/serve/notify.h"
#include "tools/serve/server.h"
#include "tools/tessera/commands.h"
#include "tools/tessera/common_options.h"
#include "tools/tessera/message.h"
#include "tools/tessera/model_path.h"

namespace tessera::tools {
namespace {

constexpr const char* kExamples = R"(Examples:
  tessera serve
  tessera serve --model en-de=opus-mt-en-de --model de-en=opus-mt-de-en
  tessera serve --listen unix:/run/tessera.sock
  curl --json '{"input": "Where is the station?"}' localhost:8080/v1/translations

Endpoints: POST /v1/translations, GET /v1/models; those of LibreTranslate and of
DeepL's version 2; /health and /v2/health/ready for those who watch it. A client that closes its connection, or its end of it, gives its
request up. SIGTERM drains: what has come is answered, then the program ends. SIGHUP loads the
models anew, while the old ones serve.)";

struct Arguments {
  std::vector<std::string> models;
  std::vector<std::string> listen;
  std::vector<std::string> cors;
  std::string metrics;
  std::string keys;
  bool quiet = false;
  LoadOptions load;
  serve::ServerOptions server;
  double time_limit = 60;
  double drain_delay = 0;
  double drain_time = 30;
};

template <class T>
void AddNumber(CLI::App& command, const char* name, T& to, const char* text) {
  command.add_option(name, to, text)
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
}

void AddSeconds(CLI::App& command, const char* name, double& to,
                const char* text) {
  constexpr double kLongest = 86'400;
  command.add_option(name, to, text)
      ->check(CLI::Range(0.0, kLongest))
      ->type_name("SECONDS")
      ->capture_default_str();
}

std::chrono::milliseconds Milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<long long>(seconds * 1000));
}

void AddLimits(CLI::App& command, Arguments& arguments) {
  serve::ServerOptions& server = arguments.server;
  AddNumber(command, "--max-texts", server.request.texts, "texts of a request");
  AddNumber(command, "--max-characters", server.request.characters,
            "characters of a text");
  AddNumber(command, "--max-beams", server.request.beams,
            "beams, and outputs of a text");
  AddNumber(command, "--max-alternatives", server.request.alternatives,
            "alternatives of a text");
  AddNumber(command, "--max-body", server.session.body_bytes,
            "bytes of a request's body");
  AddNumber(command, "--max-requests", server.admission.requests,
            "requests at a time; more are answered by 429");
  AddNumber(command, "--max-waiting-tokens", server.admission.cost,
            "the same in tokens, about, times beams");
  AddNumber(command, "--max-connections", server.connections,
            "connections at a time; one that is idle gives way");
  AddSeconds(command, "--time-limit", arguments.time_limit,
             "the longest that a request may take; its time_limit may ask for "
             "less");
  AddSeconds(command, "--drain-delay", arguments.drain_delay,
             "upon SIGTERM: how long to go on accepting connections, while "
             "/health says that it ends");
  AddSeconds(command, "--drain-time", arguments.drain_time,
             "and how long to wait for answers then");
}

// A connection takes a descriptor, and 1024 is what a shell allows.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<serve::ServedModel> LoadModels(const Arguments& arguments) {
  std::vector<serve::ModelArgument> asked;
  for (const std::string& text : arguments.models) {
    asked.push_back(serve::ParseModelArgument(text));
    const auto same = std::ranges::count(asked, asked.back().name,
                                         &serve::ModelArgument::name);
    if (same > 1) {
      models::Refuse("--model", "each name once", asked.back().name);
    }
  }
  if (asked.empty()) asked.push_back({"en-fr", FindModel({})});
  if (!arguments.load.shortlist.empty() && asked.size() > 1) {
    models::Refuse("--shortlist", "one --model, which its tokens are of",
                   asked.size());
  }
  std::vector<serve::ServedModel> models;
  for (const serve::ModelArgument& model : asked) {
    Translator translator(model.folder, arguments.load);
    TellWarnings(translator);
    models.push_back(serve::MakeServedModel(model.name, std::move(translator)));
  }
  return models;
}

int Serve(Arguments& arguments) {
  serve::ServerOptions& options = arguments.server;
  options.sockets = serve::PassedSockets();
  options.cors = serve::Cors(arguments.cors);
  if (arguments.listen.empty() && options.sockets.empty()) {
    arguments.listen.emplace_back("127.0.0.1:8080");
  }
  for (const std::string& text : arguments.listen) {
    options.listen.push_back(serve::ParseListenAddress(text));
  }
  if (!arguments.metrics.empty()) {
    options.metrics = serve::ParseListenAddress(arguments.metrics);
  }
  if (!arguments.keys.empty()) options.keys = serve::Keys::Read(arguments.keys);
  if (!arguments.quiet) options.log_descriptor = STDERR_FILENO;
  options.request.time = std::max(std::chrono::milliseconds(1),
                                  Milliseconds(arguments.time_limit));
  options.drain_delay = Milliseconds(arguments.drain_delay);
  options.drain_time = Milliseconds(arguments.drain_time);
  options.admission.texts_per_thread = 2 * arguments.load.batch_size;
  RaiseDescriptorLimit();
  serve::KeepHeapSmall();
  serve::Server server(options, LoadModels(arguments));
  server.OnReload([&arguments] {
    try {
      return LoadModels(arguments);
    } catch (const std::exception& error) {
      PrintMessage(std::string("reload: ") + error.what());
      throw;
    }
  });
  server.HandleSignals();
  for (const std::string& address : server.addresses()) {
    std::printf("listening on %s\n", address.c_str());
  }
  const std::string metrics = server.metrics_address();
  if (!metrics.empty()) std::printf("metrics at %s/metrics\n", metrics.c_str());
  std::fflush(stdout);
  server.Run();
  return 0;
}

}  // namespace

RunCommand AddServeCommand(CLI::App& program) {
  const auto arguments = std::make_shared<Arguments>();
  CLI::App& command = *program.add_subcommand(
      "serve", "Answer requests for translations over HTTP");
  command.footer(kExamples);
  command
      .add_option("--model", arguments->models,
                  "a Hugging Face folder and its name for clients, as often as "
                  "there are models; a name like en-fr says what it translates "
                  "(default: the English-French model that comes with Tessera)")
      ->type_name("NAME=DIR");
  command
      .add_option("--listen", arguments->listen,
                  "HOST:PORT or unix:PATH, as often as there are addresses "
                  "(default: the sockets that systemd passes, or "
                  "127.0.0.1:8080)")
      ->type_name("ADDRESS");
  command
      .add_option("--cors", arguments->cors,
                  "an origin, https://example.org, whose pages may use it from "
                  "browsers, as often as there are some; *: all")
      ->type_name("ORIGIN");
  command
      .add_option("--keys", arguments->keys,
                  "who may use it: lines of the SHA-256 of a key, a name for "
                  "logs and, maybe, characters a minute")
      ->type_name("FILE");
  command.add_flag("--no-keys", arguments->server.allow_remote,
                   "let whoever reaches an address use it, other machines too");
  command
      .add_option("--metrics", arguments->metrics,
                  "where to answer GET /metrics, for Prometheus")
      ->type_name("ADDRESS");
  command.add_flag("--quiet", arguments->quiet,
                   "no line of JSON on standard error for each request");
  command
      .add_option("--threads", arguments->load.threads,
                  "threads of each model (default: as many as this process may "
                  "use)")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->type_name("N");
  command
      .add_option("--batch-size", arguments->load.batch_size,
                  "texts that a thread translates together")
      ->check(CLI::Range(std::size_t{1}, kMaxBatchSize))
      ->type_name("N")
      ->capture_default_str();
  AddPrecisionOption(command, arguments->load.precision);
  AddIgnoreOption(command, arguments->load.ignore_unsupported);
  AddMemoryOption(command, arguments->load.memory_bytes);
  AddShortlistOptions(command, arguments->load);
  AddLimits(command, *arguments);
  return [arguments] { return Serve(*arguments); };
}

}  // namespace tessera::tools
