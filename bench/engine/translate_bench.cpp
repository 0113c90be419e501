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
#include <exception>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "bench/engine/texts.h"
#include "kernels/isa.h"

namespace tessera {
namespace {

struct Arguments {
  std::string model;
  std::string input;
  std::string outputs;
  std::string precision = "auto";
  std::string shortlist;
  std::size_t shortlist_first = LoadOptions{}.shortlist_first;
  std::size_t shortlist_best = LoadOptions{}.shortlist_best;
  std::size_t beam_size = 4;
  std::size_t threads = 1;
  std::size_t repeats = 3;
  std::size_t batch_size = LoadOptions{}.batch_size;
  bool alone = false;
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
  const TranslateOptions options = {.beam_size = arguments.beam_size};
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
          {"threads", arguments.threads},
          {"precision", arguments.precision},
          {"shortlist", arguments.shortlist},
          {"batch_size", arguments.alone ? 1 : arguments.batch_size},
          {"beam_size", arguments.beam_size},
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
  const Translator translator(arguments.model,
                              {.threads = arguments.threads,
                               .precision = kPrecisions.at(arguments.precision),
                               .batch_size = arguments.batch_size,
                               .shortlist = arguments.shortlist,
                               .shortlist_first = arguments.shortlist_first,
                               .shortlist_best = arguments.shortlist_best});
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

Arguments Parse(CLI::App& app, int argc, char** argv) {
  Arguments arguments;
  const auto positive = CLI::Range(1, 4096);
  app.add_option("--model", arguments.model, "model folder")->required();
  app.add_option("--input", arguments.input,
                 "a sentence a line; of a TSV file the first column")
      ->required();
  app.add_option("--outputs", arguments.outputs, "where to write translations");
  app.add_option("--precision", arguments.precision)
      ->check(CLI::IsMember(kPrecisions));
  app.add_option("--shortlist", arguments.shortlist, "lexical translations");
  app.add_option("--shortlist-first", arguments.shortlist_first);
  app.add_option("--shortlist-best", arguments.shortlist_best)->check(positive);
  app.add_option("--beam-size", arguments.beam_size)->check(positive);
  app.add_option("--threads", arguments.threads)->check(positive);
  app.add_option("--repeats", arguments.repeats)->check(positive);
  app.add_option("--batch-size", arguments.batch_size)->check(positive);
  app.add_flag("--alone", arguments.alone,
               "one sentence at a time: the next begins when one is done");
  app.parse(argc, argv);
  return arguments;
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  CLI::App app("Translation speed, as a line of JSON a repeat");
  try {
    tessera::Run(tessera::Parse(app, argc, argv));
  } catch (const CLI::Success& success) {  // --help
    return app.exit(success);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
