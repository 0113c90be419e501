// Attention reports: weights of a real model, labels and hidden cells.
#include <gtest/gtest.h>
#include <tessera/translator.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/translator_impl.h"
#include "tests/engine/fake_model.h"
#include "tests/engine/fake_tokenizer.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using Pieces = std::vector<std::string>;

constexpr const char* kText = "Where is the station?";
constexpr float kSumTolerance = 1e-5f;

const Translator& Bundled() {
  static const Translator translator(models::BundledFolder(), {.threads = 1});
  return translator;
}

// Every query's weights: none where it may not look, and 1 in all.
void ExpectSoftmaxRows(const AttentionTable& table) {
  const std::size_t n = table.queries.size(), m = table.keys.size();
  ASSERT_EQ(table.visible.size(), n * m);
  for (std::size_t layer = 0; layer < table.layers.size(); ++layer) {
    ASSERT_EQ(table.layers[layer].size(), table.heads * n * m);
    for (std::size_t row = 0; row < table.heads * n; ++row) {
      const std::size_t head = row / n, query = row % n;
      float sum = 0;
      for (std::size_t key = 0; key < m; ++key) {
        const float weight = table.Weight(layer, head, query, key);
        EXPECT_GE(weight, 0);
        if (!table.Sees(query, key)) {
          EXPECT_EQ(weight, 0);
        }
        sum += weight;
      }
      EXPECT_NEAR(sum, 1, kSumTolerance)
          << "layer " << layer << ", head " << head << ", query " << query;
    }
  }
}

// A causal table hides what comes later, any other hides nothing.
void ExpectVisible(const AttentionTable& table, bool causal) {
  for (std::size_t query = 0; query < table.queries.size(); ++query) {
    for (std::size_t key = 0; key < table.keys.size(); ++key) {
      EXPECT_EQ(table.Sees(query, key), !causal || key <= query)
          << query << ", " << key;
    }
  }
}

TEST(AttentionReportTest, HasEveryLayerAndHeadWithRowsThatSumToOne) {
  const AttentionReport report = Explain(Bundled(), kText);
  EXPECT_EQ(report.encoder.layers.size(), 6u);
  EXPECT_EQ(report.decoder.layers.size(), 3u);
  EXPECT_EQ(report.cross.layers.size(), 3u);
  for (const AttentionTable* table :
       {&report.encoder, &report.decoder, &report.cross}) {
    EXPECT_EQ(table->heads, 4u);
    ExpectSoftmaxRows(*table);
    ExpectVisible(*table, table == &report.decoder);
  }
}

TEST(AttentionReportTest, LabelsItsAxes) {
  const AttentionReport report = Explain(Bundled(), kText);
  const Pieces source = {"▁Where", "▁is", "▁the", "▁station", "?", "</s>"};
  EXPECT_EQ(report.encoder.queries, source);
  EXPECT_EQ(report.encoder.keys, source);
  EXPECT_EQ(report.cross.keys, source);
  const Pieces& written = report.output.pieces;
  EXPECT_EQ(written.back(), "</s>");
  EXPECT_EQ(report.decoder.queries, written);
  EXPECT_EQ(report.cross.queries, written);
  Pieces read = {"<pad>"};  // Marian's start token
  read.insert(read.end(), written.begin(), written.end() - 1);
  EXPECT_EQ(report.decoder.keys, read);
}

TEST(AttentionReportTest, IsOfTheBestHypothesis) {
  for (const TranslateOptions& options :
       {TranslateOptions{}, TranslateOptions{.beam_size = 1},
        TranslateOptions{.max_length = 4}}) {
    const AttentionReport report = Explain(Bundled(), kText, options);
    const Translation translation = Bundled().Translate(kText, options);
    const Hypothesis& best = translation.hypotheses.front();
    EXPECT_EQ(report.output.ids, best.ids);
    EXPECT_EQ(report.output.text, best.text);
    EXPECT_EQ(report.output.score, best.score);
    EXPECT_EQ(report.cross.queries.size(), best.ids.size());
  }
}

std::string ErrorOf(const std::string& text,
                    const TranslateOptions& options = {}) {
  try {
    Explain(Bundled(), text, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(AttentionReportTest, RefusesWhatCannotBeTranslated) {
  const char* const kNothing =
      "text: want at least one token to look at, found none";
  EXPECT_EQ(ErrorOf(""), kNothing);
  EXPECT_EQ(ErrorOf(" \t "), kNothing);
  EXPECT_EQ(ErrorOf("caf\xC3"), "want UTF-8, found byte 0xC3 at offset 3");
  std::string too_long;
  for (int i = 0; i < 600; ++i) too_long += "word ";
  EXPECT_EQ(ErrorOf(too_long), "source has 601 tokens, the model takes 512");
  EXPECT_NE(ErrorOf("Hello!", {.beam_size = 0}), "none");
}

// Gives the maps it was made with, whatever the tokens.
class MapsModel final : public models::Model {
 public:
  MapsModel(models::AttentionMaps maps, models::ModelInfo info)
      : maps_(std::move(maps)), info_(std::move(info)) {}

  const models::ModelInfo& info() const override { return info_; }
  models::AttentionMaps Explain(std::span<const std::int32_t>,
                                std::span<const std::int32_t>,
                                kernels::ExecContext&) const override {
    return maps_;
  }
  models::EncoderStates Encode(const models::TokenBatch&,
                               kernels::ExecContext&) const override {
    Refuse();
  }
  std::unique_ptr<models::DecodeState> Open(std::size_t,
                                            std::size_t) const override {
    Refuse();
  }
  void Admit(const models::EncoderStates&, std::span<const std::int32_t>,
             models::DecodeState&, kernels::ExecContext&) const override {
    Refuse();
  }
  models::StepStates Step(std::span<const models::StepRow>,
                          models::DecodeState&,
                          kernels::ExecContext&) const override {
    Refuse();
  }
  models::OutputList Select(std::vector<std::int32_t>) const override {
    Refuse();
  }
  models::Candidates Project(kernels::Rows<const float>,
                             const models::LogitEdits&, std::size_t,
                             models::DecodeState&,
                             kernels::ExecContext&) const override {
    Refuse();
  }
  void Logits(kernels::Rows<const float>, kernels::Rows<float>,
              kernels::ExecContext&) const override {
    Refuse();
  }

 private:
  [[noreturn]] static void Refuse() {
    throw std::logic_error("a report needs attention maps alone");
  }

  models::AttentionMaps maps_;
  models::ModelInfo info_;
};

constexpr std::int32_t kPadding = 9;

// The text "3 4" read with padding behind it, the output "5 6" and EOS.
AttentionReport ReportOf(bool hides_padding) {
  constexpr std::size_t kHeads = 2, kSource = 4, kOutput = 3;
  models::AttentionMaps maps;
  maps.source = {3, 4, 0, kPadding};
  maps.read = {kPadding, 5, 6};
  if (hides_padding) {
    maps.source_visible = {1, 1, 1, 0};
    maps.read_visible = {0, 1, 1};
  }
  maps.encoder.emplace_back(kHeads, kSource, kSource);
  maps.decoder.emplace_back(kHeads, kOutput, kOutput);
  maps.cross.emplace_back(kHeads, kOutput, kSource);
  const MapsModel model(std::move(maps), FakeInfo(10));
  const Hypothesis output = {.text = "5 6",
                             .ids = {5, 6, 0},
                             .pieces = {"<5>", "<6>", "<0>"},
                             .log_probs = {0, 0, 0}};
  const FakeTokenizer tokenizer(10);
  return Explain(tokenizer.Encode("3 4"), output, model, tokenizer);
}

TEST(AttentionReportTest, LabelsThePaddingThatAModelAdds) {
  const AttentionReport report = ReportOf(false);
  const Pieces source = {"[3]", "[4]", "[0]", "[9]"};
  EXPECT_EQ(report.encoder.queries, source);
  EXPECT_EQ(report.encoder.keys, source);
  EXPECT_EQ(report.cross.keys, source);
  EXPECT_EQ(report.decoder.keys, (Pieces{"<9>", "<5>", "<6>"}));
  ExpectVisible(report.encoder, false);
  ExpectVisible(report.cross, false);
  ExpectVisible(report.decoder, true);
}

TEST(AttentionReportTest, HidesWhatTheModelHidesThoughAllWeightsAreZero) {
  const AttentionReport report = ReportOf(true);
  for (std::size_t key = 0; key < 4; ++key) {
    EXPECT_EQ(report.encoder.Sees(0, key), key != 3) << key;
    EXPECT_EQ(report.cross.Sees(2, key), key != 3) << key;
  }
  for (std::size_t key = 0; key < 3; ++key) {
    EXPECT_EQ(report.decoder.Sees(2, key), key != 0) << key;
  }
}

}  // namespace
}  // namespace tessera::engine
