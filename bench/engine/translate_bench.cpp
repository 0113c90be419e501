// Translates a file again and again and reports tokens per second, without the
// time for loading and tokenising:
//
//   translate_bench --model models/bundled/tatoeba-en-fr
//       --input bench/data/dev.multi.tsv --beam-size 4 --threads 1
//   {"isa":"avx512","repeat":0,"seconds":...,"sentences":2003,"threads":1,...}
#include <tessera/error.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <fstream>
#include <future>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/precision.h"
#include "engine/search/search_options.h"
#include "engine/translator_impl.h"
#include "engine/worker/worker.h"
#include "kernels/isa.h"

namespace tessera::engine {
namespace {

const std::map<std::string, Precision> kPrecisions = {
    {"auto", Precision::kAuto},
    {"f32", Precision::kF32},
    {"int8", Precision::kInt8}};

struct Arguments {
  std::string model;
  std::string input;
  std::size_t beam_size = 4;
  std::size_t threads = 1;
  std::size_t repeats = 3;
  std::size_t batch_size = LoadOptions{}.batch_size;
  std::string precision = "f32";
};

using Source = std::vector<std::int32_t>;

// The first column of each line, as ids.
std::vector<Source> ReadSources(const std::string& file,
                                const Tokenizer& tokenizer) {
  std::ifstream lines(file);
  if (!lines) throw Error(file + ": want a file to read, found none");
  std::vector<Source> sources;
  for (std::string line; std::getline(lines, line);) {
    line.resize(std::min(line.find('\t'), line.size()));
    sources.push_back(tokenizer.Encode(line).ids);
  }
  return sources;
}

// Returns the tokens of the best outputs, end-of-sentence included.
std::size_t TranslateAll(const std::vector<Source>& sources,
                         const SearchOptions& options, WorkerPool& pool) {
  std::vector<std::future<std::size_t>> counts;
  std::vector<std::unique_ptr<Request>> requests;
  for (const Source& source : sources) {
    const auto count = std::make_shared<std::promise<std::size_t>>();
    counts.push_back(count->get_future());
    requests.push_back(std::make_unique<Request>(Request{
        .source = source,
        .options = options,
        .sink = [count](const Translation& result) {
          count->set_value(result.ok() ? result.hypotheses.front().ids.size()
                                       : 0);
        }}));
  }
  pool.Push(requests);
  std::size_t tokens = 0;
  for (auto& count : counts) tokens += count.get();
  return tokens;
}

struct Times {
  double seconds;      // on the wall
  double cpu_seconds;  // of all threads, which other programs disturb less
};

class Timer {
 public:
  Times Elapsed() const {
    const std::chrono::duration<double> wall = Clock::now() - start_;
    return {wall.count(), static_cast<double>(std::clock() - cpu_start_) /
                              static_cast<double>(CLOCKS_PER_SEC)};
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
  std::clock_t cpu_start_ = std::clock();
};

void Report(const Arguments& arguments, std::size_t repeat,
            std::size_t sentences, std::size_t tokens, const Times& times) {
  const nlohmann::json line = {
      {"repeat", repeat},
      {"isa", kernels::Name(kernels::ActiveIsa())},
      {"threads", arguments.threads},
      {"batch_size", arguments.batch_size},
      {"beam_size", arguments.beam_size},
      {"precision", arguments.precision},
      {"sentences", sentences},
      {"tokens", tokens},
      {"seconds", times.seconds},
      {"cpu_seconds", times.cpu_seconds},
      {"tokens_per_second", static_cast<double>(tokens) / times.seconds}};
  std::puts(line.dump().c_str());
  std::fflush(stdout);
}

void Run(const Arguments& arguments) {
  const LoadedModel loaded = Load(
      arguments.model, WeightsOf(kPrecisions.at(arguments.precision)).type);
  const models::ModelInfo& model = loaded.model->info();
  const ModelRules rules(model.generation);
  const SearchOptions options =
      Resolve({.beam_size = arguments.beam_size}, model);
  const std::vector<Source> sources =
      ReadSources(arguments.input, *loaded.tokenizer);
  WorkerPool pool(*loaded.model, rules,
                  {.threads = arguments.threads,
                   .capacity = BatchCapacity(arguments.batch_size, options)});
  for (std::size_t repeat = 0; repeat < arguments.repeats; ++repeat) {
    const Timer timer;
    const std::size_t tokens = TranslateAll(sources, options, pool);
    Report(arguments, repeat, sources.size(), tokens, timer.Elapsed());
  }
}

Arguments Parse(CLI::App& app, int argc, char** argv) {
  Arguments arguments;
  const auto positive = CLI::Range(1, 4096);
  app.add_option("--model", arguments.model, "model folder")->required();
  app.add_option("--input", arguments.input,
                 "a sentence a line; of a TSV file the first column")
      ->required();
  app.add_option("--beam-size", arguments.beam_size)->check(positive);
  app.add_option("--threads", arguments.threads)->check(positive);
  app.add_option("--repeats", arguments.repeats)->check(positive);
  app.add_option("--batch-size", arguments.batch_size)->check(positive);
  app.add_option("--precision", arguments.precision)
      ->check(CLI::IsMember(kPrecisions));
  app.parse(argc, argv);
  return arguments;
}

}  // namespace
}  // namespace tessera::engine

int main(int argc, char** argv) {
  CLI::App app("Translation speed, as a line of JSON a repeat");
  try {
    tessera::engine::Run(tessera::engine::Parse(app, argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
