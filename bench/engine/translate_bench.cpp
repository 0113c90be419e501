// Translates a file again and again and reports tokens per second, without the
// time for loading:
//
//   translate_bench --model models/bundled/tatoeba-en-fr
//       --input bench/data/dev.multi.tsv --beam-size 4 --threads 1
//   {"isa":"avx512","repeat":0,"seconds":...,"sentences":2003,"threads":1,...}
#include <tessera/error.h>
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "bench/engine/setup.h"
#include "bench/engine/texts.h"
#include "kernels/isa.h"

namespace tessera {
namespace {

struct Arguments {
  Setup setup = {.beam_size = 4};
  std::string input;
  std::string outputs;
  std::string shortlist;
  std::size_t shortlist_first = LoadOptions{}.shortlist_first;
  std::size_t shortlist_best = LoadOptions{}.shortlist_best;
  std::size_t repeats = 3;
  std::size_t batch_size = LoadOptions{}.batch_size;
  bool alone = false;

  LoadOptions load() const {
    LoadOptions options = setup.load();
    options.batch_size = batch_size;
    options.shortlist = shortlist;
    options.shortlist_first = shortlist_first;
    options.shortlist_best = shortlist_best;
    return options;
  }
};

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

// Most memory that the process ever held, in bytes; 0 if the kernel tells none.
std::size_t PeakMemory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::size_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib << 10;
  }
  return 0;
}

std::vector<Translation> TranslateAll(std::span<const std::string> texts,
                                      const Arguments& arguments,
                                      const Translator& translator) {
  const TranslateOptions options = arguments.setup.search();
  if (!arguments.alone) return translator.TranslateAll(texts, options);
  std::vector<Translation> translations;
  for (const std::string& text : texts) {
    translations.push_back(translator.Translate(text, options));
  }
  return translations;
}

std::size_t CountTokens(const std::vector<Translation>& translations) {
  std::size_t tokens = 0;
  for (const Translation& one : translations) tokens += CountTokens(one);
  return tokens;
}

void WriteTexts(const std::vector<Translation>& translations,
                const std::string& path) {
  std::ofstream file(path);
  for (const Translation& translation : translations) {
    file << translation.text() << '\n';
  }
  if (!file.flush()) throw Error(path + ": want a file to write, found none");
}

struct Times {
  double wall;
  double cpu;  // of all threads, which other programs disturb less
};

nlohmann::json Report(const Arguments& arguments, std::size_t sentences,
                      std::size_t tokens, const Times& seconds) {
  return {{"isa", kernels::Name(kernels::ActiveIsa())},
          {"threads", arguments.setup.threads},
          {"precision", arguments.setup.precision},
          {"shortlist", arguments.shortlist},
          {"batch_size", arguments.alone ? 1 : arguments.batch_size},
          {"beam_size", arguments.setup.beam_size},
          {"sentences", sentences},
          {"tokens", tokens},
          {"seconds", seconds.wall},
          {"cpu_seconds", seconds.cpu},
          {"tokens_per_second", static_cast<double>(tokens) / seconds.wall},
          {"peak_bytes", PeakMemory()}};
}

void Run(const Arguments& arguments) {
  const std::vector<std::string> texts = ReadTexts(arguments.input);
  const Clock::time_point begin = Clock::now();
  const Translator translator(arguments.setup.model, arguments.load());
  const Seconds load = Clock::now() - begin;
  TranslateAll(std::span(texts).first(std::min(texts.size(),  // warms up
                                               arguments.batch_size)),
               arguments, translator);
  for (std::size_t repeat = 0; repeat < arguments.repeats; ++repeat) {
    const Clock::time_point start = Clock::now();
    const std::clock_t cpu_start = std::clock();
    const auto translations = TranslateAll(texts, arguments, translator);
    const Seconds wall = Clock::now() - start;
    const double cpu = static_cast<double>(std::clock() - cpu_start) /
                       static_cast<double>(CLOCKS_PER_SEC);
    nlohmann::json line =
        Report(arguments, texts.size(), CountTokens(translations),
               {.wall = wall.count(), .cpu = cpu});
    line["repeat"] = repeat;
    line["load_seconds"] = load.count();
    std::puts(line.dump().c_str());
    std::fflush(stdout);
    if (!arguments.outputs.empty()) WriteTexts(translations, arguments.outputs);
  }
}

void AddOptions(CLI::App& program, Arguments& arguments) {
  const auto positive = CLI::Range(1, 4096);
  AddSetup(program, arguments.setup);
  program
      .add_option("--input", arguments.input,
                  "a sentence a line; of a TSV file the first column")
      ->required();
  program.add_option("--outputs", arguments.outputs,
                     "where to write translations");
  program.add_option("--shortlist", arguments.shortlist,
                     "lexical translations");
  program.add_option("--shortlist-first", arguments.shortlist_first);
  program.add_option("--shortlist-best", arguments.shortlist_best)
      ->check(positive);
  program.add_option("--repeats", arguments.repeats)->check(positive);
  program.add_option("--batch-size", arguments.batch_size)->check(positive);
  program.add_flag("--alone", arguments.alone,
                   "one sentence at a time: the next begins when one is done");
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  CLI::App program("Translation speed, as a line of JSON a repeat",
                   "translate_bench");
  tessera::Arguments arguments;
  tessera::AddOptions(program, arguments);
  return tessera::RunBenchmark(program, argc, argv,
                               [&arguments] { tessera::Run(arguments); });
}
