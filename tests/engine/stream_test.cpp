// Streams: order, window, end, cancellation.
#include <gtest/gtest.h>
#include <tessera/stream.h>

#include <atomic>
#include <thread>

#include "tests/engine/fake_translator.h"

namespace tessera::engine {
namespace {

constexpr std::size_t kWindow = 4 * 4 * 2;  // batch size, threads

class StreamTest : public FakeTranslator {
 protected:
  static std::vector<std::string> Rest(Stream& stream) {
    std::vector<std::string> outputs;
    while (const auto next = stream.Next()) outputs.emplace_back(next->text());
    return outputs;
  }
};

TEST_F(StreamTest, KeepsTheOrderOnOneThread) {
  const auto texts = Texts(500);
  Stream stream(translator_);
  std::vector<std::string> outputs;
  for (const std::string& text : texts) {
    if (stream.full()) outputs.emplace_back(stream.Next()->text());
    stream.Push(text);
    while (const auto done = stream.TryNext()) {
      outputs.emplace_back(done->text());
    }
  }
  stream.Close();
  const auto rest = Rest(stream);
  outputs.insert(outputs.end(), rest.begin(), rest.end());
  EXPECT_EQ(outputs, OneByOne(texts));
  EXPECT_EQ(stream.Next(), std::nullopt);
  EXPECT_EQ(stream.TryNext(), std::nullopt);
}

TEST_F(StreamTest, KeepsTheOrderBetweenTwoThreads) {
  const auto texts = Texts(500);
  Stream stream(translator_, {.beam_size = 1});
  const std::jthread producer([&] {
    for (const std::string& text : texts) stream.Push(text);
    stream.Close();
  });
  std::vector<std::string> expected;
  for (const auto& one : translator_.TranslateAll(texts, {.beam_size = 1})) {
    expected.emplace_back(one.text());
  }
  EXPECT_EQ(Rest(stream), expected);
}

TEST_F(StreamTest, HoldsNoMoreThanItsWindow) {
  Stream stream(translator_);
  for (std::size_t i = 0; i < kWindow; ++i) {
    EXPECT_FALSE(stream.full());
    stream.Push("1");
  }
  EXPECT_TRUE(stream.full());  // also when all are finished
  std::atomic<bool> pushed = false;
  const std::jthread producer([&] {
    stream.Push("2");
    pushed = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(pushed);
  EXPECT_TRUE(stream.Next()->ok());
  while (!pushed) std::this_thread::yield();
  EXPECT_TRUE(stream.full());
}

TEST_F(StreamTest, TryNextDoesNotWait) {
  Gate gate;
  const Translator translator = Make(gate.Wait());
  Stream stream(translator);
  EXPECT_EQ(stream.TryNext(), std::nullopt);
  stream.Push("1");
  gate.WaitForAStep();
  EXPECT_EQ(stream.TryNext(), std::nullopt);
  gate.Open();
  EXPECT_TRUE(stream.Next()->ok());
}

TEST_F(StreamTest, ATextThatFailsLeavesTheOthersAlone) {
  std::string long_text = "1";
  for (int i = 0; i < 70; ++i) long_text += " 1";
  Stream stream(translator_);
  for (const auto& text : {std::string("1"), long_text, std::string("bad")}) {
    stream.Push(text);
  }
  stream.Close();
  EXPECT_TRUE(stream.Next()->ok());
  const auto failed = stream.Next();
  EXPECT_EQ(failed->error, "source has 72 tokens, the model takes 64");
  EXPECT_EQ(failed->error_kind, ErrorKind::kTooLong);
  EXPECT_EQ(stream.Next()->error_kind, ErrorKind::kBadText);
  EXPECT_EQ(stream.Next(), std::nullopt);
}

TEST_F(StreamTest, RefusesOptionsOutOfRangeAndTextsOnceItIsClosed) {
  EXPECT_THROW(Stream(translator_, {.max_length = 0}), Error);
  Stream stream(translator_);
  stream.Close();
  EXPECT_THROW(stream.Push("1"), Error);
  EXPECT_EQ(stream.Next(), std::nullopt);
}

TEST_F(StreamTest, CloseEndsAPushAndANextThatWait) {
  Stream full(translator_);
  while (!full.full()) full.Push("1");
  Stream empty(translator_);
  std::jthread push([&] { EXPECT_THROW(full.Push("1"), Error); });
  std::jthread next([&] { EXPECT_EQ(empty.Next(), std::nullopt); });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  full.Close();
  empty.Close();
}

TEST_F(StreamTest, IsCancelledByItsEndWithoutAWait) {
  Gate gate;
  std::atomic<int> steps = 0;
  const auto wait = gate.Wait();
  const Translator translator = Make([&] {
    ++steps;
    wait();
  });
  {
    Stream stream(translator);
    for (int i = 0; i < 20; ++i) stream.Push("1 2 3");
    gate.WaitForAStep();
  }
  gate.Open();
  EXPECT_TRUE(translator.Translate("1").ok());
  // Those of the last text, and one that each thread was in.
  EXPECT_LE(steps, 63 + 2);
}

}  // namespace
}  // namespace tessera::engine
