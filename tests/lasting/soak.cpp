// Many callers of one model for minutes: the results of a single one, and
// neither memory nor descriptors nor threads that grow.
//
//   soak MINUTES [FOLDER]
//
// 16 threads translate texts of 1 to 60 words, a tenth of them cancelled while
// they run; one more loads and drops models meanwhile. Exit code 1, with the
// figures, if a result differs from that of the text alone, or if after a tenth
// of the time resident memory has grown by more than kGrowth.
#include <tessera/translator.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace tessera {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kCallers = 16;
constexpr std::size_t kTexts = 200;
constexpr double kWarmUp = 0.1;
// Of the heap's own bookkeeping: threads come and go with their arenas.
constexpr std::size_t kGrowth = std::size_t{16} << 20;

struct Usage {
  std::size_t bytes = 0;
  std::ptrdiff_t descriptors = 0;
  std::ptrdiff_t threads = 0;
};

std::ptrdiff_t Entries(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

Usage Measure() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return {.bytes = resident * static_cast<std::size_t>(getpagesize()),
          .descriptors = Entries("/proc/self/fd"),
          .threads = Entries("/proc/self/task")};
}

std::vector<std::string> MakeTexts() {
  constexpr const char* kWords[] = {"I",     "have", "no",   "idea", "where",
                                    "the",   "book", "is",   "Tom",  "left",
                                    "never", "us",   "with", "a",    "dog"};
  std::mt19937 random(7);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < kTexts; ++i) {
    std::string text;
    for (std::size_t words = 1 + random() % (i % 10 == 0 ? 60 : 12); words > 0;
         --words) {
      text += std::string(kWords[random() % std::size(kWords)]) +
              (words > 1 ? " " : ".");
    }
    texts.push_back(text);
  }
  return texts;
}

struct Work {
  const Translator& translator;
  std::vector<std::string> texts = MakeTexts();
  std::vector<std::string> wanted = {};
  TranslateOptions options = {.beam_size = 2, .max_length = 64};
  std::atomic<bool> ends = false;
  std::atomic<std::size_t> done = 0, cancelled = 0, wrong = 0, loads = 0;
};

void Call(Work& work, unsigned seed) {
  std::mt19937 random(seed);
  while (!work.ends) {
    const std::size_t i = random() % work.texts.size();
    std::stop_source stop;
    std::future<Translation> result =
        work.translator.Submit(work.texts[i], work.options, stop.get_token());
    if (random() % 10 == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(random() % 30));
      stop.request_stop();
    }
    const Translation translation = result.get();
    const bool given_up = translation.error_kind == ErrorKind::kCancelled;
    work.cancelled += given_up;
    ++work.done;
    if (given_up && stop.stop_requested()) continue;
    if (!translation.ok() || translation.text() != work.wanted[i]) {
      ++work.wrong;
      std::printf("%s: want %s, found %s%s\n", work.texts[i].c_str(),
                  work.wanted[i].c_str(),
                  std::string(translation.text()).c_str(),
                  translation.error.c_str());
    }
  }
}

void LoadAndDrop(Work& work, const char* folder) {
  while (!work.ends) {
    const Translator other(folder, {.threads = 2});
    work.wrong +=
        other.Translate(work.texts[0], work.options).text() != work.wanted[0];
    ++work.loads;
  }
}

void Print(const char* when, const Usage& usage) {
  std::printf("%s: %.1f MiB, %td descriptors, %td threads\n", when,
              static_cast<double>(usage.bytes) / (1 << 20), usage.descriptors,
              usage.threads);
}

int Soak(double minutes, const char* folder) {
  const Translator translator(folder, {.threads = 4});
  Work work{.translator = translator};
  for (const std::string& text : work.texts) {
    work.wanted.emplace_back(translator.Translate(text, work.options).text());
  }
  const auto all = std::chrono::duration<double, std::ratio<60>>(minutes);
  Usage warm, last;
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < kCallers; ++seed) {
      threads.emplace_back([&work, seed] { Call(work, seed); });
    }
    threads.emplace_back([&work, folder] { LoadAndDrop(work, folder); });
    std::this_thread::sleep_for(all * kWarmUp);
    warm = Measure();
    std::this_thread::sleep_for(all * (1 - kWarmUp));
    last = Measure();
    work.ends = true;
  }
  Print("after a tenth", warm);
  Print("at the end", last);
  std::printf("%zu texts, %zu cancelled, %zu other models loaded, %zu wrong\n",
              work.done.load(), work.cancelled.load(), work.loads.load(),
              work.wrong.load());
  const bool flat = last.bytes <= warm.bytes + kGrowth;
  if (!flat) std::printf("memory has grown\n");
  // Models that are being loaded have some of both.
  const bool few = last.descriptors <= warm.descriptors + 4 &&
                   last.threads <= warm.threads + 4;
  if (!few) std::printf("descriptors or threads have grown\n");
  return flat && few && work.wrong == 0 && work.done > 0 ? 0 : 1;
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: soak MINUTES [FOLDER]\n");
    return 2;
  }
  return tessera::Soak(std::atof(argv[1]), argc > 2 ? argv[2]
                                                    : TESSERA_SOURCE_DIR
                                               "/models/bundled/tatoeba-en-fr");
}
