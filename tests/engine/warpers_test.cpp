// Which tokens the warpers keep, against Transformers, and what is drawn.
#include "engine/search/warpers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "engine/search/random_draw.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

WarperOptions ToOptions(const json& from) {
  WarperOptions to;
  to.temperature = from.value("temperature", 1.0);
  to.top_k = from.value("top_k", std::size_t{0});
  to.top_p = from.value("top_p", 1.0);
  if (from.contains("min_p")) to.min_p = from.at("min_p").get<double>();
  to.typical_p = from.value("typical_p", 1.0);
  to.epsilon_cutoff = from.value("epsilon_cutoff", 0.0);
  to.eta_cutoff = from.value("eta_cutoff", 0.0);
  return to;
}

std::vector<float> ToRow(const json& from) {
  std::vector<float> row;
  for (const json& logit : from) {
    row.push_back(logit.is_null() ? -std::numeric_limits<float>::infinity()
                                  : logit.get<float>());
  }
  return row;
}

TEST(WarpersTest, KeepWhatThoseOfTransformersKeep) {
  const json golden =
      models::ReadGoldenJson(models::GoldenFolder() / "warpers.json");
  std::vector<std::vector<float>> rows;
  for (const json& row : golden.at("rows")) rows.push_back(ToRow(row));
  Warpers warpers(rows.front().size());
  std::size_t compared = 0;
  for (const json& tested : golden.at("cases")) {
    SCOPED_TRACE(tested.at("options").dump() + " " +
                 tested.at("min_tokens").dump());
    for (const json& row : tested.at("kept")) {
      const WarperOptions options = ToOptions(tested.at("options"));
      const std::vector<float>& logits = rows.at(row[0].get<std::size_t>());
      const auto kept = warpers.Keep(
          options, tested.at("min_tokens").get<std::size_t>(), logits);
      ASSERT_EQ(kept.size(), row[1].size()) << row[0];
      for (std::size_t i = 0; i < kept.size(); ++i) {
        EXPECT_EQ(kept[i].token, row[1][i].get<std::int32_t>());
        EXPECT_FLOAT_EQ(kept[i].score,
                        logits[static_cast<std::size_t>(kept[i].token)] /
                            static_cast<float>(options.temperature));
      }
      ++compared;
    }
  }
  EXPECT_GT(compared, 400u);
}

// Pearson's sum over the tokens; of 19 degrees of freedom it is below 43.8 with
// probability 0.999.
double ChiSquare(std::span<const KeptToken> kept,
                 const std::map<std::size_t, std::size_t>& counts,
                 std::size_t draws) {
  double sum = 0;
  for (const KeptToken& token : kept) {
    sum += std::exp(static_cast<double>(token.score));
  }
  double distance = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const double expected = static_cast<double>(draws) *
                            std::exp(static_cast<double>(kept[i].score)) / sum;
    const auto found = counts.find(i);
    const double count =
        found == counts.end() ? 0 : static_cast<double>(found->second);
    distance += (count - expected) * (count - expected) / expected;
  }
  return distance;
}

std::vector<KeptToken> TwentyTokens() {
  std::vector<KeptToken> kept;
  for (int i = 0; i < 20; ++i) {
    kept.push_back({i, 0.15f * static_cast<float>(i % 7) - 0.1f});
  }
  return kept;
}

TEST(WarpersTest, DrawsFollowTheDistribution) {
  constexpr std::size_t kDraws = 40000;
  const std::vector<KeptToken> kept = TwentyTokens();
  for (const std::uint64_t seed : {1u, 2u, 77u}) {
    std::map<std::size_t, std::size_t> counts;
    for (std::size_t i = 0; i < kDraws; ++i) {
      ++counts[Draw(kept, DrawKey(seed).With(i).Uniform())];
    }
    EXPECT_LT(ChiSquare(kept, counts, kDraws), 43.8) << seed;
  }
}

TEST(WarpersTest, TheLargestWithGumbelNoiseFollowsTheDistribution) {
  constexpr std::size_t kDraws = 40000;
  const std::vector<KeptToken> kept = TwentyTokens();
  std::map<std::size_t, std::size_t> counts;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const DrawKey key = DrawKey(5).With(i);
    std::size_t best = 0;
    double highest = -1e9;
    for (std::size_t t = 0; t < kept.size(); ++t) {
      const double noisy =
          static_cast<double>(kept[t].score) + key.With(t).Gumbel();
      if (noisy > highest) {
        highest = noisy;
        best = t;
      }
    }
    ++counts[best];
  }
  EXPECT_LT(ChiSquare(kept, counts, kDraws), 43.8);
}

TEST(WarpersTest, KeysDifferByAllThatTheyAreMadeOf) {
  const std::vector<std::int32_t> ids = {1, 2}, others = {1, 3},
                                  more = {1, 2, 0};
  const DrawKey key(1);
  EXPECT_NE(key.Uniform(), DrawKey(2).Uniform());
  EXPECT_NE(key.With(ids).Uniform(), key.With(others).Uniform());
  EXPECT_NE(key.With(ids).Uniform(), key.With(more).Uniform());
  EXPECT_NE(key.With(1).With(2).Uniform(), key.With(2).With(1).Uniform());
  EXPECT_EQ(key.With(ids).Uniform(), key.With(ids).Uniform());
}

}  // namespace
}  // namespace tessera::engine
