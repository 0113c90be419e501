// What several threads gain, beside what they gain in plain FMAs at that time:
//
//   scaling_bench --model FOLDER --input LINES --threads 2 --beam-size 4
//   {"fma_scaling":2.0,"batch_scaling":...,"percent":...,"latency_ratio":...}
//
// In turn, a round each: the FMA peak, a list, and one sentence after another,
// with one thread and with several. Figures are medians over the rounds.
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "bench/engine/setup.h"
#include "bench/engine/texts.h"
#include "bench/kernels/fma_scaling.h"
#include "kernels/isa.h"

namespace tessera {
namespace {

struct Arguments {
  Setup setup = {.threads = 2, .beam_size = 4};
  std::string input;
  std::size_t list = 128;
  std::size_t alone = 8;
  std::size_t rounds = 5;
};

Setup OneThread(Setup setup) {
  setup.threads = 1;
  return setup;
}

// With so many threads: what each round found.
struct Side {
  explicit Side(const Setup& setup)
      : threads(setup.threads), translator(setup.model, setup.load()) {}

  std::size_t threads;
  Translator translator;
  std::vector<double> peaks = {};  // flop/s
  std::vector<double> lists = {};  // s
  std::vector<double> alone = {};  // s a sentence
};

class Scaling {
 public:
  explicit Scaling(const Arguments& arguments)
      : arguments_(arguments),
        texts_(ReadTexts(arguments.input)),
        one_(OneThread(arguments.setup)),
        several_(arguments.setup) {
    if (texts_.size() < std::max(arguments.list, arguments.alone)) {
      throw Error("input: want more lines");
    }
  }

  void Run() {
    // Enough sentences alone for the trial of lent threads to be decided.
    for (Side* side : {&one_, &several_}) Alone(*side);
    for (std::size_t i = 0; i < arguments_.rounds; ++i) {
      for (Side* side : {&one_, &several_}) Round(*side);
    }
    const double fma = Median(several_.peaks) / Median(one_.peaks);
    const double batch = Median(one_.lists) / Median(several_.lists);
    const nlohmann::json line = {
        {"isa", kernels::Name(kernels::ActiveIsa())},
        {"threads", arguments_.setup.threads},
        {"beam_size", arguments_.setup.beam_size},
        {"precision", arguments_.setup.precision},
        {"fma_scaling", fma},
        {"batch_scaling", batch},
        {"percent", 100 * batch / fma},
        {"alone_ms", 1e3 * Median(one_.alone)},
        {"alone_ms_threads", 1e3 * Median(several_.alone)},
        {"latency_ratio", Median(several_.alone) / Median(one_.alone)}};
    std::puts(line.dump().c_str());
  }

 private:
  double Alone(const Side& side) const {
    const double begin = kernels::WallSeconds();
    for (std::size_t i = 0; i < arguments_.alone; ++i) {
      CountTokens(
          side.translator.Translate(texts_[i], arguments_.setup.search()));
    }
    return (kernels::WallSeconds() - begin) /
           static_cast<double>(arguments_.alone);
  }

  double List(const Side& side) const {
    const double begin = kernels::WallSeconds();
    for (const Translation& found :
         side.translator.TranslateAll(std::span(texts_).first(arguments_.list),
                                      arguments_.setup.search())) {
      CountTokens(found);
    }
    return kernels::WallSeconds() - begin;
  }

  void Round(Side& side) const {
    side.peaks.push_back(kernels::FmaPeak(kernels::ActiveIsa(), side.threads));
    side.lists.push_back(List(side));
    side.alone.push_back(Alone(side));
  }

  const Arguments arguments_;
  const std::vector<std::string> texts_;
  Side one_, several_;
};

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  CLI::App program("What several threads gain, beside the FMA peak.",
                   "scaling_bench");
  tessera::Arguments arguments;
  tessera::AddSetup(program, arguments.setup);
  program.add_option("--input", arguments.input)->required();
  program.add_option("--list", arguments.list, "sentences of the list")
      ->capture_default_str();
  program.add_option("--alone", arguments.alone, "sentences asked alone")
      ->capture_default_str();
  program.add_option("--rounds", arguments.rounds)->capture_default_str();
  return tessera::RunBenchmark(
      program, argc, argv, [&arguments] { tessera::Scaling(arguments).Run(); });
}
