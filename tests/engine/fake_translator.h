// A translator of numbers without weights, for tests of calls.
#ifndef TESSERA_TESTS_ENGINE_FAKE_TRANSLATOR_H_
#define TESSERA_TESTS_ENGINE_FAKE_TRANSLATOR_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/translator_impl.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/fake_tokenizer.h"

namespace tessera::engine {

// Two threads with batches of four; outputs of 10 tokens or so.
class FakeTranslator : public testing::Test {
 protected:
  static constexpr std::size_t kVocabulary = 50;
  static constexpr std::size_t kThreads = 2;
  static constexpr std::size_t kBatchSize = 4;

  static LoadedModel Folder(std::function<void()> on_step = {}) {
    HashedLogits logits(11, kVocabulary);
    logits.eos_bias = 2;
    auto model = std::make_unique<FakeModel>(logits, FakeInfo(kVocabulary));
    if (on_step) model->on_step = [on_step](std::size_t) { on_step(); };
    return {std::move(model), std::make_unique<FakeTokenizer>(kVocabulary)};
  }
  static Translator Make(std::function<void()> on_step = {}) {
    return Access::Make(Folder(std::move(on_step)),
                        {.threads = kThreads, .batch_size = kBatchSize});
  }

  static std::vector<std::string> Texts(std::size_t count) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back(std::to_string(i % 40 + 1) + " " +
                      std::to_string(i / 40 + 1));
    }
    return texts;
  }
  // What becomes of texts that are translated one after another.
  std::vector<std::string> OneByOne(const std::vector<std::string>& texts) {
    std::vector<std::string> outputs;
    for (const std::string& text : texts) {
      outputs.emplace_back(translator_.Translate(text).text());
    }
    return outputs;
  }

  Translator translator_ = Make();
};

// A model's step that waits until it is let go.
class Gate {
 public:
  // For FakeTranslator::Make.
  std::function<void()> Wait() {
    return [this] {
      std::unique_lock lock(mutex_);
      waiting_ = true;
      changed_.notify_all();
      changed_.wait(lock, [this] { return open_; });
    };
  }
  void WaitForAStep() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
  }
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool waiting_ = false;
  bool open_ = false;
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_FAKE_TRANSLATOR_H_
