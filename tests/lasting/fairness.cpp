// How long a sentence takes alone, and while another caller's list runs.
//
//   fairness [FOLDER]
//
// Exit code 1 if it takes more than kMost times as long beside a list.
#include <tessera/translator.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

namespace tessera {
namespace {

constexpr std::size_t kList = 600;
constexpr int kRepeats = 15;
constexpr double kMost = 3;

// Milliseconds of a sentence: the median of some, each while `busy()`.
template <class Busy>
double Milliseconds(const Translator& translator, const Busy& busy) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (int i = 0; i < kRepeats && busy(); ++i) {
    const auto start = Clock::now();
    translator.Translate("Where is the station?", {.beam_size = 1});
    const std::chrono::duration<double, std::milli> time = Clock::now() - start;
    if (busy()) times.push_back(time.count());
  }
  if (times.empty()) return 0;
  std::ranges::nth_element(times, times.begin() + std::ssize(times) / 2);
  return times[times.size() / 2];
}

int Compare(const char* folder) {
  const Translator translator(folder, {.threads = 2});
  translator.Translate("Where is the station?", {.beam_size = 1});
  const double alone = Milliseconds(translator, [] { return true; });
  std::atomic<bool> runs = true;
  std::jthread list([&] {
    translator.TranslateAll(std::vector<std::string>(
                                kList, "I have no idea what you mean by that."),
                            {.beam_size = 1});
    runs = false;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const double beside = Milliseconds(translator, [&] { return runs.load(); });
  std::printf("alone %.1f ms, beside a list of %zu %.1f ms: %.2f times\n",
              alone, kList, beside, beside / alone);
  if (beside == 0) std::printf("the list was over before the sentence\n");
  return beside > 0 && beside <= kMost * alone ? 0 : 1;
}

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  return tessera::Compare(
      argc > 1 ? argv[1] : TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr");
}
