// Times one sentence alone, and while another call's list of 600 is at work:
//
//   turns_bench --model models/bundled/tatoeba-en-fr --threads 2 --beam-size 4
//   {"alone_ms":...,"beside_ms":...,"ratio":...,"worst_ms":...,"list_ms":...}
//
// Times are medians: of the sentence alone, of those asked one after another
// while the list runs, of the lists beside them.
#include <tessera/error.h>
#include <tessera/translator.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "bench/engine/setup.h"
#include "bench/engine/texts.h"

namespace tessera {
namespace {

struct Arguments {
  Setup setup = {.threads = 2};
  std::size_t list = 600;
  std::size_t repeats = 5;
};

double Milliseconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

class Turns {
 public:
  explicit Turns(const Arguments& arguments)
      : arguments_(arguments),
        translator_(arguments.setup.model, arguments.setup.load()) {}

  void Run() {
    for (int i = 0; i < 5; ++i) Sentence();  // warms up
    for (std::size_t i = 0; i < arguments_.repeats; ++i) {
      for (int times = 0; times < 20; ++times) alone_.push_back(Sentence());
      Beside();
    }
    const double alone = Median(alone_);
    const double beside = Median(beside_);
    const nlohmann::json line = {
        {"threads", arguments_.setup.threads},
        {"beam_size", arguments_.setup.beam_size},
        {"alone_ms", alone},
        {"beside_ms", beside},
        {"ratio", beside / alone},
        {"worst_ms", *std::ranges::max_element(beside_)},
        {"sentences", beside_.size()},
        {"list_ms", Median(lists_)}};
    std::puts(line.dump().c_str());
  }

 private:
  double Sentence() const {
    const auto start = std::chrono::steady_clock::now();
    const Translation translation = translator_.Translate(
        "Where is the station?", arguments_.setup.search());
    if (!translation.ok()) throw Error(translation.error);
    return Milliseconds(std::chrono::steady_clock::now() - start);
  }

  // Sentences while a list runs. The last one may end without it.
  void Beside() {
    std::atomic<bool> runs = true;
    double list = 0;
    std::jthread other([&] {
      const std::vector<std::string> texts(
          arguments_.list, "I have no idea what you mean by that.");
      const auto start = std::chrono::steady_clock::now();
      translator_.TranslateAll(texts, arguments_.setup.search());
      list = Milliseconds(std::chrono::steady_clock::now() - start);
      runs = false;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    while (runs) {
      const double time = Sentence();
      if (runs) beside_.push_back(time);
    }
    other.join();
    lists_.push_back(list);
  }

  const Arguments arguments_;
  const Translator translator_;
  std::vector<double> alone_, beside_, lists_;
};

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  CLI::App program("Times a sentence alone and beside another call's list.",
                   "turns_bench");
  tessera::Arguments arguments;
  tessera::AddSetup(program, arguments.setup);
  program.add_option("--list", arguments.list, "sentences of the list")
      ->capture_default_str();
  program.add_option("--repeats", arguments.repeats)->capture_default_str();
  return tessera::RunBenchmark(
      program, argc, argv, [&arguments] { tessera::Turns(arguments).Run(); });
}
