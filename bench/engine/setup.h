// What every benchmark of the engine is told: the model, and how it runs.
#ifndef TESSERA_BENCH_ENGINE_SETUP_H_
#define TESSERA_BENCH_ENGINE_SETUP_H_

#include <tessera/options.h>

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

namespace tessera {

inline const std::map<std::string, Precision> kPrecisions = {
    {"auto", Precision::kAuto},
    {"f32", Precision::kF32},
    {"bf16", Precision::kBf16},
    {"int8", Precision::kInt8}};

struct Setup {
  std::string model = {};
  std::string precision = "auto";
  std::size_t threads = 1;
  std::size_t beam_size = 1;

  LoadOptions load() const {
    return {.threads = threads, .precision = kPrecisions.at(precision)};
  }
  TranslateOptions search() const { return {.beam_size = beam_size}; }
};

// Adds --model, --precision, --threads and --beam-size.
inline void AddSetup(CLI::App& program, Setup& setup) {
  const auto positive = CLI::Range(1, 4096);
  program.add_option("--model", setup.model, "model folder")->required();
  program.add_option("--precision", setup.precision)
      ->check(CLI::IsMember(kPrecisions))
      ->capture_default_str();
  program.add_option("--threads", setup.threads)
      ->check(positive)
      ->capture_default_str();
  program.add_option("--beam-size", setup.beam_size)
      ->check(positive)
      ->capture_default_str();
}

// Parses the command line, then runs the benchmark; what main returns.
template <class Run>
int RunBenchmark(CLI::App& program, int argc, char** argv, Run&& run) {
  try {
    program.parse(argc, argv);
    run();
  } catch (const CLI::Success& success) {  // --help
    return program.exit(success);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s: %s\n", program.get_name().c_str(), error.what());
    return 2;
  }
  return 0;
}

}  // namespace tessera

#endif  // TESSERA_BENCH_ENGINE_SETUP_H_
