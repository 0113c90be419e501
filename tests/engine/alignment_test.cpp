// Alignments beside those computed from Hugging Face's cross-attentions.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/engine/fake_translator.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr float kTolerance = 1e-5F;

class AlignmentTest : public testing::Test {
 protected:
  AlignmentTest() {
    std::ifstream lines(models::GoldenFolder() / "bundled/sentences.txt");
    for (std::string line; std::getline(lines, line);) {
      sentences_.push_back(line);
    }
    for (const auto& entry : golden_) {
      texts_.push_back(sentences_[entry.at("sentence").get<std::size_t>()]);
    }
  }

  void ExpectAlignments(const char* kind, TranslateOptions options) {
    options.beam_size = 1;
    options.split = TextSplit::kNone;
    options.alignments = true;
    const auto results = translator_.TranslateAll(texts_, options);
    ASSERT_EQ(results.size(), 100u);
    for (std::size_t i = 0; i < results.size(); ++i) {
      SCOPED_TRACE(texts_[i]);
      ASSERT_TRUE(results[i].ok()) << results[i].error;
      const Hypothesis& output = results[i].hypotheses.front();
      const auto expected = golden_[i].at(kind).get<Ids>();
      ASSERT_EQ(output.alignment.size(), expected.size() + 1);
      EXPECT_EQ(output.alignment.back(), -1);  // end-of-sentence
      for (std::size_t token = 0; token < expected.size(); ++token) {
        if (expected[token] < 0) continue;  // a near tie
        EXPECT_EQ(output.alignment[token], expected[token]) << token;
      }
    }
  }

  const nlohmann::json golden_ = models::ReadGoldenJson(
      models::GoldenFolder() / "bundled/alignments.json");
  const Translator translator_{models::BundledFolder(),
                               {.threads = 2, .precision = Precision::kF32}};
  std::vector<std::string> sentences_, texts_;
};

TEST_F(AlignmentTest, OfTheMeanAreThoseOfTransformers) {
  ExpectAlignments("mean", {});
}

TEST_F(AlignmentTest, OfALayerAreThoseOfTransformers) {
  const std::size_t last = translator_.info().decoder_layers - 1;
  ExpectAlignments("last_layer", {.alignment_layer = last});
}

TEST_F(AlignmentTest, OfAHeadAreThoseOfTransformers) {
  ExpectAlignments("one_head", {.alignment_layer = 1, .alignment_head = 3});
}

TEST_F(AlignmentTest, WeightsAreThoseOfTransformers) {
  for (std::size_t i = 0; i < 10; ++i) {
    SCOPED_TRACE(texts_[i]);
    const Translation result = translator_.Translate(
        texts_[i],
        {.beam_size = 1, .split = TextSplit::kNone, .alignments = true});
    const Hypothesis& output = result.hypotheses.front();
    const auto expected =
        golden_[i].at("weights").get<std::vector<std::vector<float>>>();
    ASSERT_EQ(output.ids.size(), expected.size());
    ASSERT_EQ(result.source_pieces.size(), expected.front().size());
    for (std::size_t row = 0; row < expected.size(); ++row) {
      for (std::size_t column = 0; column < expected[row].size(); ++column) {
        EXPECT_NEAR(output.attention[row * expected[row].size() + column],
                    expected[row][column], kTolerance);
      }
    }
  }
}

TEST_F(AlignmentTest, OfEveryHypothesisAndOfNoOtherRequest) {
  const TranslateOptions options = {.beam_size = 4, .alignments = true};
  const Translation with = translator_.Translate("Where is Tom?", options);
  const Translation without =
      translator_.Translate("Where is Tom?", {.beam_size = 4});
  ASSERT_EQ(with.hypotheses.size(), without.hypotheses.size());
  for (std::size_t i = 0; i < with.hypotheses.size(); ++i) {
    const Hypothesis& aligned = with.hypotheses[i];
    EXPECT_EQ(aligned.ids, without.hypotheses[i].ids);
    EXPECT_EQ(aligned.log_probs, without.hypotheses[i].log_probs);
    EXPECT_EQ(aligned.alignment.size(), aligned.ids.size());
    EXPECT_EQ(aligned.attention.size(),
              aligned.ids.size() * with.source_pieces.size());
    EXPECT_TRUE(without.hypotheses[i].alignment.empty());
    EXPECT_TRUE(without.hypotheses[i].attention.empty());
  }
  EXPECT_TRUE(without.source_pieces.empty());
}

// The first tokens of an output as its prefix: they look at the same.
TEST_F(AlignmentTest, HaveTheTokensOfAPrefix) {
  const TranslateOptions options = {.beam_size = 1, .alignments = true};
  for (std::size_t i = 0; i < 10; ++i) {
    TranslateOptions behind = options;
    behind.split = TextSplit::kNone;
    const Hypothesis free =
        translator_.Translate(texts_[i], behind).hypotheses.front();
    behind.split.reset();
    behind.target_prefix = {free.ids.begin(), free.ids.begin() + 2};
    const Hypothesis led =
        translator_.Translate(texts_[i], behind).hypotheses.front();
    EXPECT_EQ(led.ids, free.ids);
    EXPECT_EQ(led.alignment, free.alignment);
    EXPECT_EQ(led.attention, free.attention);
  }
}

TEST_F(AlignmentTest, OfASplitTextCountOnFromSentenceToSentence) {
  const TranslateOptions options = {.beam_size = 1, .alignments = true};
  const Translation whole =
      translator_.Translate("Tom left. Where is he?", options);
  const Translation first = translator_.Translate("Tom left.", options);
  const Translation second = translator_.Translate("Where is he?", options);
  Ids expected = first.hypotheses[0].alignment;
  for (const std::int32_t source : second.hypotheses[0].alignment) {
    const auto offset = static_cast<std::int32_t>(first.source_pieces.size());
    expected.push_back(source < 0 ? -1 : source + offset);
  }
  EXPECT_EQ(whole.hypotheses[0].alignment, expected);
  EXPECT_TRUE(whole.hypotheses[0].attention.empty());
  EXPECT_EQ(whole.source_pieces.size(),
            first.source_pieces.size() + second.source_pieces.size());
  ASSERT_EQ(whole.sentences.size(), 2u);
  EXPECT_EQ(whole.sentences[1].source_pieces, second.source_pieces);
  EXPECT_EQ(whole.sentences[1].hypotheses[0].attention,
            second.hypotheses[0].attention);
}

TEST_F(AlignmentTest, RefusesLayersAndHeadsThatTheModelLacks) {
  const std::size_t layers = translator_.info().decoder_layers;
  EXPECT_THROW(translator_.Check({.alignment_layer = layers}), Error);
  EXPECT_THROW(translator_.Check({.alignment_head = 1000}), Error);
  EXPECT_NO_THROW(translator_.Check({.alignment_layer = layers - 1}));
}

}  // namespace
}  // namespace tessera::engine
