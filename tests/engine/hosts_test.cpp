// What its host does to a translator: forks, exits, sets its floats, waits for
// one sentence while another caller's list runs.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <tessera/attention_report.h>
#include <tessera/stream.h>
#include <tessera/translator.h>
#include <unistd.h>

#include <atomic>
#include <cfenv>
#include <chrono>
#include <clocale>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>

#include "tests/engine/fake_translator.h"

namespace tessera::engine {
namespace {

using HostsTest = FakeTranslator;

// What a child does, by its exit code; -1: nothing in 20 seconds.
int InFork(const std::function<int()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);  // ends it if it hangs
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

constexpr int kThrows = 3, kReturns = 4;

template <class Call>
int Outcome(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string_view(error.what()).find("fork") == std::string::npos
               ? kReturns
               : kThrows;
  }
  return kReturns;
}

TEST_F(HostsTest, CallsInAForkAreErrors) {
  translator_.Translate("1 2");
  EXPECT_EQ(
      InFork([&] { return Outcome([&] { translator_.Translate("1 2"); }); }),
      kThrows);
  EXPECT_EQ(InFork([&] {
              return Outcome([&] { translator_.TranslateAll({"1", "2"}); });
            }),
            kThrows);
  EXPECT_EQ(
      InFork([&] { return Outcome([&] { Explain(translator_, "1 2"); }); }),
      kThrows);
  EXPECT_EQ(
      InFork([&] { return Outcome([&] { translator_.Submit("1 2").get(); }); }),
      kThrows);
  Stream stream(translator_);
  EXPECT_EQ(InFork([&] { return Outcome([&] { stream.Push("1"); }); }),
            kThrows);
  stream.Push("1");
  EXPECT_EQ(InFork([&] {
              return Outcome([&] {
                while (stream.Next()) {
                }
              });
            }),
            kThrows);
  EXPECT_TRUE(stream.Next()->ok());
}

TEST_F(HostsTest, AForkMayAskForFactsAndDestroyIt) {
  auto made = std::make_unique<Translator>(Make());
  made->Translate("1 2");
  EXPECT_EQ(InFork([&] {
              const bool known = made->threads() == kThreads &&
                                 made->info().target_vocabulary == kVocabulary;
              made.reset();
              return known ? 0 : 1;
            }),
            0);
  EXPECT_TRUE(made->Translate("1 2").ok());
}

TEST_F(HostsTest, AForkMayLoadItsOwn) {
  translator_.Translate("1 2");
  EXPECT_EQ(InFork([&] { return Make().Translate("1 2").ok() ? 0 : 1; }), 0);
}

// As exit() destroys a static translator while others still call it.
TEST_F(HostsTest, TheDestructorEndsWhileCallersGoOn) {
  auto made = std::make_unique<Translator>(Make());
  Translator& calls = *made;
  Gate gate;
  *made = Make(gate.Wait());
  std::atomic<int> refused = 0;
  std::vector<std::jthread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      try {
        for (;;) calls.Translate("1 2");
      } catch (const Error& error) {
        refused += std::string_view(error.what()).find("destroyed") !=
                   std::string_view::npos;
      }
    });
  }
  gate.WaitForAStep();
  // The pool alone: it is what the destructor of a translator waits in.
  Access::Of(calls).pool.Close();
  gate.Open();
  callers.clear();
  EXPECT_EQ(refused, 8);
}

TEST_F(HostsTest, ASentenceComesBeforeTheRestOfAList) {
  Gate gate;
  Translator translator = Make(gate.Wait());
  std::atomic<bool> list_done = false;
  std::jthread list([&] {
    translator.TranslateAll(Texts(2000));
    list_done = true;
  });
  gate.WaitForAStep();
  std::jthread opens([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    gate.Open();
  });
  EXPECT_TRUE(translator.Translate("7 7 7").ok());
  EXPECT_FALSE(list_done);
}

constexpr const char* kBundled =
    TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr";

TEST(HostStateTest, TheHostsRoundingAndLocaleChangeNothing) {
  const std::string text = "Where is the station?";
  const auto both = [&] {
    const Translator translator(kBundled, {.threads = 2});
    const Translation result = translator.Translate(text);
    return std::pair(result.hypotheses.front().score,
                     Explain(translator, text).encoder.layers.front());
  };
  const auto usual = both();
  for (const int rounding : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    std::fesetround(rounding);
    const auto found = both();
    EXPECT_EQ(std::fegetround(), rounding);  // and is left as it was
    std::fesetround(FE_TONEAREST);
    EXPECT_EQ(found, usual) << rounding;
  }
  // A decimal comma, where the system has such a locale.
  if (std::setlocale(LC_ALL, "de_DE.UTF-8") != nullptr) {
    EXPECT_EQ(both(), usual);
    std::setlocale(LC_ALL, "C");
  }
}

TEST(HostStateTest, ARelativePathCountsFromWhereItWasMade) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(TESSERA_SOURCE_DIR);
  const Translator translator("models/bundled/tatoeba-en-fr", {.threads = 1});
  std::filesystem::current_path("/");
  EXPECT_TRUE(translator.Translate("Hello!").ok());
  EXPECT_FALSE(Explain(translator, "Hello!").output.text.empty());
  std::filesystem::current_path(before);
}

TEST(HostStateTest, TooLittleMemoryIsAnErrorWithTheFigures) {
  for (const std::size_t bytes : {1u, 1000u, 1u << 20}) {
    try {
      const Translator translator(kBundled, {.memory_bytes = bytes});
      FAIL() << bytes;
    } catch (const Error& error) {
      EXPECT_EQ(std::string_view(error.what()).find("memory: want at most "),
                0u)
          << error.what();
    }
  }
  const Translator translator(kBundled, {.memory_bytes = 512u << 20});
  EXPECT_TRUE(translator.Translate("Hello!").ok());
}

TEST(HostStateTest, WorkSpaceBeyondTheMemoryFailsTheTextAlone) {
  const std::size_t weights =
      Translator(kBundled, {.threads = 1}).info().memory_bytes;
  const Translator translator(
      kBundled, {.threads = 1, .memory_bytes = weights + (1u << 20)});
  const Translation failed = translator.Translate("Where is the station?");
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(failed.error_kind, ErrorKind::kResources);
  EXPECT_EQ(failed.error.find("memory: want at most "), 0u) << failed.error;
  EXPECT_FALSE(translator.Translate("Where is the station?").ok());
}

}  // namespace
}  // namespace tessera::engine
