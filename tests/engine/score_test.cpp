// Scores of outputs that are known, beside those of the searches that made
// them.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <future>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

constexpr double kTolerance = 1e-5;

// Fewer under AddressSanitizer, which is 20 times slower.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t kSentences = 20;
#else
constexpr std::size_t kSentences = 100;
#endif

std::vector<std::string> Sentences() {
  std::ifstream lines(models::GoldenFolder() / "bundled/sentences.txt");
  std::vector<std::string> sentences;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.size() < 300) sentences.push_back(line);
  }
  sentences.resize(kSentences);
  return sentences;
}

// Scores a model's own outputs by their ids; gives the largest difference.
void ExpectOwnScores(const Translator& translator, TranslateOptions options) {
  options.split = TextSplit::kNone;
  const std::vector<std::string> sentences = Sentences();
  const auto outputs = translator.TranslateAll(sentences, options);
  std::vector<ScorePair> pairs;
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    for (const Hypothesis& output : outputs[i].hypotheses) {
      pairs.push_back({.source = sentences[i], .target_ids = output.ids});
    }
  }
  const auto scored = translator.Score(pairs, options);
  std::size_t next = 0;
  for (const Translation& output : outputs) {
    for (const Hypothesis& expected : output.hypotheses) {
      const Translation& found = scored[next++];
      ASSERT_TRUE(found.ok()) << found.error;
      const Hypothesis& target = found.hypotheses.front();
      ASSERT_EQ(target.ids, expected.ids);
      ASSERT_EQ(target.text, expected.text);
      ASSERT_EQ(target.pieces, expected.pieces);
      double sum = 0;
      for (std::size_t i = 0; i < target.ids.size(); ++i) {
        EXPECT_NEAR(target.log_probs[i], expected.log_probs[i], kTolerance)
            << expected.text << ", token " << i;
        sum += target.log_probs[i];
      }
      EXPECT_NEAR(target.score, sum, 1e-5);
    }
  }
}

TEST(ScoreTest, OfOwnOutputsIsTheirsInFloat32) {
  const Translator translator(models::BundledFolder(),
                              {.threads = 2, .precision = Precision::kF32});
  ExpectOwnScores(translator, {.beam_size = 4});
  ExpectOwnScores(translator, {.beam_size = 1});
}

TEST(ScoreTest, OfOwnOutputsIsTheirsInIntegers) {
  const Translator translator(models::BundledFolder(),
                              {.threads = 2, .precision = Precision::kInt8});
  ExpectOwnScores(translator, {.beam_size = 4});
  ExpectOwnScores(translator, {.beam_size = 1});
}

class ScoreCallsTest : public testing::Test {
 protected:
  const Translator translator_{models::BundledFolder(), {.threads = 2}};
};

TEST_F(ScoreCallsTest, TakesTextsAndIds) {
  const Translation text = translator_
                               .Score(std::vector<ScorePair>{
                                   {.source = "Stop!", .target = "Arrêtez !"}})
                               .front();
  ASSERT_TRUE(text.ok()) << text.error;
  EXPECT_EQ(text.text(), "Arrêtez !");
  const Hypothesis& target = text.hypotheses.front();
  EXPECT_EQ(target.pieces.back(), "</s>");
  const std::vector<ScorePair> others = {
      {.source = "Stop!", .target_ids = target.ids},
      {.source = "Stop!", .target = ""}};
  const auto scored = translator_.Score(others);
  EXPECT_EQ(scored[0].hypotheses[0].log_probs, target.log_probs);
  EXPECT_EQ(scored[1].hypotheses[0].ids, std::vector<std::int32_t>{0});
}

TEST_F(ScoreCallsTest, HasTheSameBitsAloneAndAmongOthers) {
  const std::vector<std::string> sentences = Sentences();
  std::vector<ScorePair> pairs;
  for (std::size_t i = 0; i + 1 < sentences.size() && i < 40; ++i) {
    pairs.push_back({.source = sentences[i], .target = sentences[i + 1]});
  }
  const auto together = translator_.Score(pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto alone = translator_.Score(std::span(pairs).subspan(i, 1));
    ASSERT_TRUE(alone[0].ok()) << alone[0].error;
    EXPECT_EQ(alone[0].hypotheses[0].log_probs,
              together[i].hypotheses[0].log_probs);
  }
}

TEST_F(ScoreCallsTest, APairThatFailsLeavesTheOthersAlone) {
  const std::vector<ScorePair> pairs = {
      {.source = "Stop!", .target = "Non"},
      {.source = "caf\xC3", .target = "Non"},
      {.source = "Stop!", .target = "caf\xC3"},
      {.source = "Stop!", .target_ids = std::vector<std::int32_t>(600, 5)},
      {.source = "Stop!", .target_ids = {8000, 0}},
      {.source = "Stop!", .target_ids = {-1, 0}}};
  const auto scored = translator_.Score(pairs);
  EXPECT_TRUE(scored[0].ok());
  EXPECT_EQ(scored[1].error_kind, ErrorKind::kBadText);
  EXPECT_EQ(scored[2].error_kind, ErrorKind::kBadText);
  EXPECT_EQ(scored[3].error,
            "target with its prompt has 600 tokens, the model takes 512");
  EXPECT_EQ(scored[3].error_kind, ErrorKind::kTooLong);
  EXPECT_EQ(scored[4].error, "target: want ids below 8000, found 8000");
  EXPECT_EQ(scored[5].error, "target: want ids below 8000, found -1");
  EXPECT_TRUE(translator_.Score({}).empty());
}

TEST_F(ScoreCallsTest, AStopGivesUpItsOwnCallAlone) {
  std::stop_source stop;
  const std::vector<ScorePair> pairs(
      50, {.source = "Stop!", .target = "Arrêtez !"});
  const auto scored = translator_.Score(pairs, {}, stop.get_token());
  stop.request_stop();
  const auto stopped = translator_.Score(pairs, {}, stop.get_token());
  const auto others = translator_.Score(pairs);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    EXPECT_EQ(stopped[i].error_kind, ErrorKind::kCancelled);
    ASSERT_TRUE(scored[i].ok() && others[i].ok());
    EXPECT_EQ(others[i].hypotheses[0].log_probs,
              scored[i].hypotheses[0].log_probs);
  }
}

// While it scores, too: the whole list takes 100 times as long as the pause.
TEST_F(ScoreCallsTest, AStopEndsAListThatHasBegun) {
  std::stop_source stop;
  const std::vector<ScorePair> pairs(
      4000, {.source = "I see a red house.",
             .target_ids = std::vector<std::int32_t>(100, 5)});
  auto scoring = std::async(std::launch::async, [&] {
    return translator_.Score(pairs, {}, stop.get_token());
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  stop.request_stop();
  EXPECT_EQ(scoring.get().back().error_kind, ErrorKind::kCancelled);
}

// A prefix is read in one pass, and its tokens have the log-probabilities of
// the model; the score leaves them out.
TEST(ScoreTest, OfOutputsWithAPrefixIsTheirs) {
  const Translator translator(models::BundledFolder(),
                              {.threads = 1, .precision = Precision::kF32});
  for (const std::size_t beams : {1u, 4u}) {
    for (const std::string& text :
         {std::string("Where is the station?"), std::string("Stop!")}) {
      const Translation output = translator.Translate(
          text, {.beam_size = beams, .target_prefix = {17, 4, 23}});
      ASSERT_TRUE(output.ok()) << output.error;
      const Hypothesis& best = output.hypotheses.front();
      const std::vector<ScorePair> pairs = {
          {.source = text, .target_ids = best.ids}};
      const Hypothesis scored =
          translator.Score(pairs, {.beam_size = 4}).front().hypotheses.front();
      ASSERT_EQ(scored.ids, best.ids);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_LT(best.log_probs[i], -0.5f);
        EXPECT_NEAR(best.log_probs[i], scored.log_probs[i], kTolerance);
      }
      if (beams > 1) continue;
      double sum = 0;
      for (std::size_t i = 3; i < best.ids.size(); ++i) {
        sum += best.log_probs[i];
      }
      EXPECT_NEAR(best.score, sum, 1e-5);
    }
  }
}

}  // namespace
}  // namespace tessera::engine
