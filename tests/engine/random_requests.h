// Requests of random ids with random ways to search, for tests of workers.
#ifndef TESSERA_TESTS_ENGINE_RANDOM_REQUESTS_H_
#define TESSERA_TESTS_ENGINE_RANDOM_REQUESTS_H_

#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "tests/engine/fake_model.h"
#include "tests/engine/ids_request.h"
#include "tests/engine/search_driver.h"

namespace tessera::engine {

// `count` requests of 1 to 20 tokens, greedy or with 2 to 6 beams, each second
// with a prompt of 2 to 5 tokens.
inline std::deque<IdsRequest> RandomRequests(std::size_t count,
                                             std::size_t vocabulary,
                                             unsigned seed) {
  std::mt19937 engine(seed);
  const auto random = [&](std::size_t min, std::size_t max) {
    return std::uniform_int_distribution<std::size_t>(min, max)(engine);
  };
  const auto tokens = [&](std::size_t n) {
    std::vector<std::int32_t> ids(n);
    for (auto& id : ids) {
      id = static_cast<std::int32_t>(random(0, vocabulary - 1));
    }
    return ids;
  };
  std::deque<IdsRequest> requests;
  for (std::size_t i = 0; i < count; ++i) {
    RequestRules rules;
    if (i % 2 == 1) rules.prompt = tokens(random(2, 5));
    const SearchOptions options = {
        .beam_size = random(1, 6),
        .max_length = random(rules.prompt.size() + 2, 40)};
    requests.emplace_back(tokens(random(1, 20)), options, rules);
  }
  return requests;
}

// That a request became what its search gives alone.
inline void ExpectAsAlone(const FakeModel& model, const IdsRequest& request,
                          const Translation& result) {
  models::GenerationConfig config = model.info().generation;
  config.num_beams = request.options().beam_size;
  config.max_length = request.options().max_length;
  const auto expected =
      RunSearch(model, request.source(), config, request.rules());
  ASSERT_EQ(result.error, "");
  ASSERT_EQ(result.hypotheses.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(result.hypotheses[i].ids, expected[i].ids);
    EXPECT_EQ(result.hypotheses[i].log_probs, expected[i].log_probs);
    EXPECT_EQ(result.hypotheses[i].score, expected[i].score);
  }
}

// A fake model that makes outputs of 10 tokens or so.
inline FakeModel MakeFakeModel() {
  constexpr std::size_t kVocabulary = 50;
  models::ModelInfo info = FakeInfo(kVocabulary);
  info.generation.bad_words_ids = {{49}, {3, 4}};
  info.generation.forced_eos_token_ids = {0};
  FakeModel model(HashedLogits(7, kVocabulary), info);
  model.logits.eos_bias = 2;
  return model;
}

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_RANDOM_REQUESTS_H_
