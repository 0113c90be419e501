// User CPU time of a token, as lists and as sentences grow:
//
//   growth_bench --model models/bundled/tatoeba-en-fr
//       --input bench/data/dev.multi.tsv --lines 1000,10000,100000
//   {"lines":1000,"us_per_token":...,"relative":1.0,...}
//   growth_bench ... --lengths 40,400
//   {"tokens":400,"us_per_token":...,"relative":...,...}
//
// Of lists: the first thousand lines of the input over and over, so that a line
// has as many tokens in each, through a stream. Of lengths: one sentence of so
// many tokens at a time, whose output has as many. `relative` is to the first.
#include <sys/resource.h>
#include <tessera/stream.h>
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "bench/engine/setup.h"
#include "bench/engine/texts.h"

namespace tessera {
namespace {

struct Arguments {
  Setup setup;
  std::string input;
  std::vector<std::size_t> lines;
  std::vector<std::size_t> lengths;
  std::size_t repeats = 5;
};

double UserSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

class CostGrowth {
 public:
  explicit CostGrowth(const Arguments& arguments)
      : arguments_(arguments),
        texts_(ReadTexts(arguments.input)),
        translator_(arguments.setup.model, arguments.setup.load()) {
    texts_.resize(std::min<std::size_t>(texts_.size(), 1000));
    if (texts_.empty()) throw Error("input: want lines, found none");
  }

  void Run() {
    if (!arguments_.lines.empty()) List(texts_.size());  // warms up
    std::optional<double> first;
    for (const std::size_t lines : arguments_.lines) {
      // Short lists, which the clock's 4 ms would blur, more than once.
      const std::size_t repeats = lines > 20'000 ? 1 : arguments_.repeats;
      std::vector<double> costs;
      for (std::size_t i = 0; i < repeats; ++i) costs.push_back(List(lines));
      Report("lines", lines, Median(costs), first);
    }
    first.reset();
    for (const std::size_t tokens : arguments_.lengths) {
      const std::string sentence = Sentence(tokens);
      std::vector<double> costs;
      for (std::size_t i = 0; i <= arguments_.repeats; ++i) {
        costs.push_back(OfLength(sentence, tokens));
      }
      costs.erase(costs.begin());  // warmed up
      Report("tokens", tokens, Median(costs), first);
    }
  }

 private:
  // Seconds a token.
  double List(std::size_t lines) const {
    const double begin = UserSeconds();
    Stream stream(translator_, arguments_.setup.search());
    std::size_t tokens = 0;
    for (std::size_t i = 0; i < lines; ++i) {
      if (stream.full()) tokens += CountTokens(*stream.Next());
      stream.Push(texts_[i % texts_.size()]);
    }
    stream.Close();
    while (const auto finished = stream.Next())
      tokens += CountTokens(*finished);
    return (UserSeconds() - begin) / static_cast<double>(tokens);
  }

  // Words of the input that the model reads as so many tokens, or a few less.
  std::string Sentence(std::size_t tokens) const {
    std::string sentence;
    for (const std::string& text : texts_) {
      std::istringstream words(text);
      for (std::string word; words >> word;) {
        const std::string longer =
            sentence.empty() ? word : sentence + " " + word;
        if (translator_.CountTokens(longer) > tokens) return sentence;
        sentence = longer;
      }
    }
    throw Error("input: want more words for a sentence of that length");
  }

  // As often as makes 800 tokens.
  double OfLength(const std::string& sentence, std::size_t tokens) const {
    const std::size_t times = std::max<std::size_t>(1, 800 / tokens);
    const double begin = UserSeconds();
    for (std::size_t i = 0; i < times; ++i) {
      const Translation found = translator_.Translate(
          sentence, {.beam_size = arguments_.setup.beam_size,
                     .max_new_tokens = tokens,
                     .min_new_tokens = tokens,
                     .split = TextSplit::kNone});
      if (CountTokens(found) < tokens) throw Error("output: want it longer");
    }
    return (UserSeconds() - begin) / static_cast<double>(times * tokens);
  }

  void Report(const char* what, std::size_t size, double cost,
              std::optional<double>& first) const {
    if (!first) first = cost;
    const nlohmann::json line = {{what, size},
                                 {"us_per_token", 1e6 * cost},
                                 {"relative", cost / *first},
                                 {"beam_size", arguments_.setup.beam_size},
                                 {"threads", arguments_.setup.threads},
                                 {"precision", arguments_.setup.precision}};
    std::puts(line.dump().c_str());
    std::fflush(stdout);
  }

  const Arguments arguments_;
  std::vector<std::string> texts_;
  const Translator translator_;
};

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  CLI::App program("User CPU time of a token, as lists and sentences grow.",
                   "growth_bench");
  tessera::Arguments arguments;
  tessera::AddSetup(program, arguments.setup);
  program.add_option("--input", arguments.input)->required();
  program.add_option("--lines", arguments.lines)->delimiter(',');
  program.add_option("--lengths", arguments.lengths)->delimiter(',');
  program.add_option("--repeats", arguments.repeats)->capture_default_str();
  return tessera::RunBenchmark(program, argc, argv, [&arguments] {
    tessera::CostGrowth(arguments).Run();
  });
}
