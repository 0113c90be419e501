// Many callers of one model for minutes: the results of a single one, and
// neither memory nor descriptors nor threads that grow.
//
//   soak MINUTES [FOLDER]
//
// 16 threads translate texts of 1 to 60 words, a tenth of them cancelled while
// they run; one more loads and drops models meanwhile, and measures when it has
// none. Exit code 1, with the figures, if a result differs from that of the
// text alone, or if after a tenth of the time descriptors, threads or resident
// memory have grown: memory without what the C library's heaps keep for later.
// That of models loaded and dropped between other threads' blocks is 10 to 20
// MiB.
#include <malloc.h>
#include <tessera/translator.h>
#include <unistd.h>

#include <algorithm>
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
constexpr std::size_t kMostWords = 60;
constexpr int kParts = 10;  // of the time: the first is for warming up
// Buffers still grow with the longest texts met at once.
constexpr std::size_t kGrowth = std::size_t{2} << 20;
// Worker 0 borrows those of the others when that is first found to pay.
constexpr std::ptrdiff_t kMoreThreads = 3;

struct Usage {
  std::size_t kept = 0;   // by heaps
  std::size_t bytes = 0;  // resident, without it
  std::ptrdiff_t descriptors = 0;
  std::ptrdiff_t threads = 0;
};

std::ptrdiff_t Entries(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

std::size_t Resident() {
  std::size_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(getpagesize());
}

Usage Measure() {
  const std::size_t all = Resident();
  malloc_trim(0);
  const std::size_t bytes = Resident();
  return {.kept = all - std::min(all, bytes),
          .bytes = bytes,
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
    for (std::size_t words = 1 + random() % (i % 10 == 0 ? kMostWords : 12);
         words > 0; --words) {
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

// Touches the pages that are reserved for full batches of long texts, which
// chance would do little by little: 4 MiB over 100,000 texts.
void FillBatches(const Work& work) {
  std::string text;
  for (std::size_t words = 0; words < kMostWords; ++words) text += "never ";
  constexpr std::size_t kTimes = 400;
  work.translator.TranslateAll(std::vector<std::string>(kTimes, text),
                               work.options);
}

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

void Print(std::size_t texts, const Usage& usage) {
  constexpr double kMib = 1 << 20;
  std::printf(
      "%zu texts: %.1f MiB and %.1f kept by heaps, %td descriptors, %td "
      "threads\n",
      texts, static_cast<double>(usage.bytes) / kMib,
      static_cast<double>(usage.kept) / kMib, usage.descriptors, usage.threads);
  std::fflush(stdout);
}

// What is used at the end of each part.
std::vector<Usage> LoadAndDrop(Work& work, double minutes, const char* folder) {
  const Clock::time_point start = Clock::now();
  const std::chrono::duration<double, std::ratio<60>> part(minutes / kParts);
  std::vector<Usage> usages;
  while (usages.size() < kParts) {
    {
      const Translator other(folder, {.threads = 2});
      work.wrong +=
          other.Translate(work.texts[0], work.options).text() != work.wanted[0];
      ++work.loads;
    }
    if (Clock::now() < start + part * (usages.size() + 1)) continue;
    usages.push_back(Measure());
    Print(work.done, usages.back());
  }
  return usages;
}

bool HasGrown(const Usage& warm, const Usage& last) {
  return last.bytes > warm.bytes + kGrowth ||
         last.descriptors > warm.descriptors ||
         last.threads > warm.threads + kMoreThreads;
}

int Soak(double minutes, const char* folder) {
  const Translator translator(folder, {.threads = 4});
  Work work{.translator = translator};
  for (const std::string& text : work.texts) {
    work.wanted.emplace_back(translator.Translate(text, work.options).text());
  }
  std::vector<Usage> usages;
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 0; seed < kCallers; ++seed) {
      threads.emplace_back([&work, seed] { Call(work, seed); });
    }
    FillBatches(work);
    usages = LoadAndDrop(work, minutes, folder);
    work.ends = true;
  }
  std::printf("%zu texts, %zu cancelled, %zu other models loaded, %zu wrong\n",
              work.done.load(), work.cancelled.load(), work.loads.load(),
              work.wrong.load());
  const bool grown = HasGrown(usages.front(), usages.back());
  if (grown) std::printf("more is used than after the first part\n");
  return grown || work.wrong > 0 || work.done == 0 ? 1 : 0;
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
