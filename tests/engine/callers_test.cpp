// 16 callers of one small model, a tenth of their texts cancelled on the way:
// for ThreadSanitizer above all.
#include <gtest/gtest.h>
#include <tessera/stream.h>
#include <tessera/translator.h>

#include <atomic>
#include <future>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/tiny_folder.h"

namespace tessera::engine {
namespace {

constexpr unsigned kCallers = 16;
constexpr int kRounds = 50;

class CallersTest : public testing::Test {
 protected:
  CallersTest() {
    fuzz::WriteTinyFolder(
        fuzz::ReadBytes(TESSERA_SOURCE_DIR "/tests/fuzz/corpus/folder/good"),
        folder_);
    std::mt19937 random(7);
    for (std::size_t words = 1; words <= 12; ++words) {
      std::string text;
      for (std::size_t i = 0; i < words; ++i) {
        text += std::string(i > 0, ' ') + "abcd"[random() % 4];
      }
      texts_.push_back(text);
    }
  }

  Translator Load(std::size_t threads) const {
    return Translator(folder_.path(), {.threads = threads});
  }

  // What a single caller of a single thread gets.
  std::vector<std::string> Alone() const {
    const Translator translator = Load(1);
    std::vector<std::string> outputs;
    for (const std::string& text : texts_) {
      outputs.emplace_back(translator.Translate(text, options_).text());
    }
    return outputs;
  }

  fuzz::MemoryFolder folder_;
  std::vector<std::string> texts_;
  const TranslateOptions options_ = {.beam_size = 2, .max_length = 16};
};

TEST_F(CallersTest, GetWhatASingleOneGetsWhoeverCancels) {
  const std::vector<std::string> wanted = Alone();
  const Translator translator = Load(4);
  std::atomic<int> same = 0, cancelled = 0, wrong = 0;
  const auto check = [&](const Translation& result, std::size_t text,
                         bool stopped) {
    const bool given_up = stopped && result.error_kind == ErrorKind::kCancelled;
    ++(given_up                                       ? cancelled
       : result.ok() && result.text() == wanted[text] ? same
                                                      : wrong);
  };
  const auto submit = [&](std::mt19937& random) {
    const std::size_t text = random() % texts_.size();
    std::stop_source stop;
    std::future<Translation> result =
        translator.Submit(texts_[text], options_, stop.get_token());
    const bool stops = random() % 10 == 0;
    for (auto i = stops ? random() % 20 : 0; i > 0; --i) {
      std::this_thread::yield();
    }
    if (stops) stop.request_stop();
    check(result.get(), text, stops);
  };
  const auto stream = [&] {
    Stream all(translator, options_);
    for (const std::string& text : texts_) all.Push(text);
    all.Close();
    for (std::size_t i = 0; i < texts_.size() / 2; ++i) {
      check(*all.Next(), i, false);
    }
  };  // its end cancels the rest
  {
    std::vector<std::jthread> callers;
    for (unsigned seed = 0; seed < kCallers; ++seed) {
      callers.emplace_back([&, seed] {
        std::mt19937 random(seed);
        for (int i = 0; i < kRounds; ++i) submit(random);
        if (seed % 4 == 0) stream();
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(same, 0);
  std::printf("%d the same, %d cancelled\n", same.load(), cancelled.load());
}

TEST_F(CallersTest, MayDropTheirModelsWhileOthersLoad) {
  const std::vector<std::string> wanted = Alone();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> callers;
    for (std::size_t caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&, caller] {
        for (std::size_t i = 0; i < 5; ++i) {
          const Translator translator = Load(1 + caller);
          wrong +=
              translator.Translate(texts_[i], options_).text() != wanted[i];
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace tessera::engine
