// Outputs of tiny models under every generation option of Transformers, by the
// files of tools/golden/search.py.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/search/merged_options.h"
#include "engine/search/search_options.h"
#include "tests/engine/golden_batch.h"
#include "tests/models/golden.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

template <class T>
void Take(const json& options, const char* key, std::optional<T>& to) {
  if (options.contains(key)) to = options.at(key).get<T>();
}

EarlyStopping ToEarlyStopping(const json& value) {
  if (value.is_string()) return EarlyStopping::kNever;
  return value.get<bool>() ? EarlyStopping::kFirst : EarlyStopping::kHeuristic;
}

// Options of generate() as ours.
TranslateOptions ToOptions(const json& from) {
  TranslateOptions to;
  Take(from, "num_beams", to.beam_size);
  // Of one output Transformers gives the best.
  to.n_best = from.value("num_return_sequences", 1);
  Take(from, "length_penalty", to.length_penalty);
  Take(from, "max_length", to.max_length);
  Take(from, "max_new_tokens", to.max_new_tokens);
  Take(from, "min_length", to.min_length);
  Take(from, "min_new_tokens", to.min_new_tokens);
  Take(from, "repetition_penalty", to.repetition_penalty);
  Take(from, "encoder_repetition_penalty", to.encoder_repetition_penalty);
  Take(from, "no_repeat_ngram_size", to.no_repeat_ngram_size);
  Take(from, "encoder_no_repeat_ngram_size", to.encoder_no_repeat_ngram_size);
  Take(from, "bad_words_ids", to.bad_words);
  Take(from, "suppress_tokens", to.suppress_tokens);
  Take(from, "begin_suppress_tokens", to.begin_suppress_tokens);
  Take(from, "forced_bos_token_id", to.forced_first_token);
  Take(from, "forced_eos_token_id", to.forced_last_token);
  Take(from, "renormalize_logits", to.renormalize_logits);
  if (from.contains("early_stopping")) {
    to.early_stopping = ToEarlyStopping(from.at("early_stopping"));
  }
  if (from.contains("sequence_bias")) {
    to.sequence_bias.emplace();
    for (const json& pair : from.at("sequence_bias")) {
      to.sequence_bias->push_back({pair[0].get<Ids>(), pair[1].get<double>()});
    }
  }
  if (from.contains("exponential_decay_length_penalty")) {
    const json& pair = from.at("exponential_decay_length_penalty");
    to.length_decay = {pair[0].get<std::size_t>(), pair[1].get<double>()};
  }
  return to;
}

std::vector<std::string> Names() {
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(models::GoldenFolder() / "search")) {
    names.push_back(entry.path().stem().string());
  }
  std::ranges::sort(names);
  return names;
}

class GoldenSearchTest : public testing::TestWithParam<std::string> {
 protected:
  GoldenSearchTest()
      : golden_(models::ReadGoldenJson(models::GoldenFolder() / "search" /
                                       (GetParam() + ".json"))),
        folder_(models::GoldenFolder() / golden_.at("model")),
        model_(models::LoadModel(models::ModelFolder(folder_))),
        sources_(models::ReadGoldenJson(folder_ / "golden.json")
                     .at("sources")
                     .get<std::vector<Ids>>()) {}

  // What the decoder reads first is `prompt`; empty: the model's start token.
  void ExpectOutputs(const json& tested, const Ids& prompt) {
    const json& options = tested.at("options");
    const json& outputs = tested.at("outputs");
    SCOPED_TRACE(options.dump());
    const TranslateOptions ours = ToOptions(options);
    const SearchOptions search = Resolve(ours, model_->info());
    const auto rules = RulesOf(ours, model_->info());
    std::deque<IdsRequest> requests;
    for (const json& output : outputs) {
      requests.emplace_back(sources_.at(output[0].get<std::size_t>()), search,
                            RequestRules{.prompt = prompt}, rules);
    }
    const auto results = RunRequests(*model_, requests);
    for (std::size_t i = 0; i < results.size(); ++i) {
      SCOPED_TRACE("source " + outputs[i][0].dump());
      ASSERT_EQ(results[i].error, "");
      ExpectHypotheses(results[i].hypotheses, outputs[i]);
    }
    cases_ += outputs.size() >= 10 ? 1 : 0;
  }

  static void ExpectHypotheses(const std::vector<Hypothesis>& found,
                               const json& expected) {
    ASSERT_EQ(found.size(), expected[1].size());
    for (std::size_t n = 0; n < found.size(); ++n) {
      EXPECT_EQ(found[n].ids, expected[1][n].get<Ids>());
      const double score = expected[2][n].get<double>();
      EXPECT_NEAR(found[n].score, score, 1e-4 * std::max(1.0, std::abs(score)));
      EXPECT_EQ(found[n].log_probs.size(), found[n].ids.size());
    }
  }

  json golden_;
  std::filesystem::path folder_;
  std::unique_ptr<models::Model> model_;
  std::vector<Ids> sources_;
  std::size_t cases_ = 0;  // of ten sources or more
};

TEST_P(GoldenSearchTest, OutputsAreThoseOfTransformersUnderEveryOption) {
  for (const json& tested : golden_.at("cases")) ExpectOutputs(tested, {});
  EXPECT_GE(cases_, 15u);
}

TEST_P(GoldenSearchTest, OutputsBehindAPrefixAreThoseOfTransformers) {
  for (const json& tested : golden_.at("prefixed")) {
    Ids prompt = {model_->info().generation.decoder_start_token_id};
    for (const json& id : tested.at("prefix")) prompt.push_back(id);
    ExpectOutputs(tested, prompt);
  }
}

INSTANTIATE_TEST_SUITE_P(Search, GoldenSearchTest, testing::ValuesIn(Names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace tessera::engine
