// One conversion for each type that an option has.
#include "tools/serve/option_fields.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "models/files/json.h"

namespace tessera::tools::serve {
namespace {

using Ids = std::vector<std::int32_t>;

void Convert(const Field& field, bool& to) { to = field.Boolean(); }
void Convert(const Field& field, double& to) { to = field.Number(); }
void Convert(const Field& field, std::size_t& to) {
  to = static_cast<std::size_t>(field.Integer(0, models::kMaxJsonInteger));
}
void Convert(const Field& field, std::int32_t& to) {
  to = static_cast<std::int32_t>(field.Integer(0, INT32_MAX));
}
void Convert(const Field& field, Ids& to) { to = field.Ids(); }
void Convert(const Field& field, std::vector<Ids>& to) { to = field.IdLists(); }

void Convert(const Field& field, EarlyStopping& to) {
  const nlohmann::json& value = field.value();
  if (value == false) {
    to = EarlyStopping::kHeuristic;
  } else if (value == true) {
    to = EarlyStopping::kFirst;
  } else if (value == "never") {
    to = EarlyStopping::kNever;
  } else if (value == "top_beam") {
    to = EarlyStopping::kTopBeam;
  } else {
    field.Fail("false, true, \"never\" or \"top_beam\"");
  }
}

void Convert(const Field& field, std::vector<SequenceBias>& to) {
  for (const Field& item : field.List()) {
    const std::vector<Field> pair = item.List();
    if (pair.size() != 2) item.Fail("ids and their bias");
    to.push_back({pair[0].Ids(), pair[1].Number()});
  }
}

void Convert(const Field& field, LengthDecay& to) {
  const std::vector<Field> pair = field.List();
  if (pair.size() != 2) field.Fail("a start and a factor");
  Convert(pair[0], to.start);
  to.factor = pair[1].Number();
}

template <class T>
void Convert(const Field& field, std::optional<T>& to) {
  Convert(field, to.emplace());
}

template <class T>
void Take(Fields& fields, const char* name, T& to) {
  if (const auto field = fields.Take(name)) Convert(*field, to);
}

void TakeSearch(Fields& fields, TranslateOptions& to) {
  Take(fields, "beam_size", to.beam_size);
  Take(fields, "n_best", to.n_best);
  Take(fields, "alternatives", to.alternatives);
  Take(fields, "beam_groups", to.beam_groups);
  Take(fields, "diversity_penalty", to.diversity_penalty);
  Take(fields, "early_stopping", to.early_stopping);
  Take(fields, "length_penalty", to.length_penalty);
  Take(fields, "length_decay", to.length_decay);
  Take(fields, "max_length", to.max_length);
  Take(fields, "max_new_tokens", to.max_new_tokens);
  Take(fields, "min_length", to.min_length);
  Take(fields, "min_new_tokens", to.min_new_tokens);
  Take(fields, "renormalize_logits", to.renormalize_logits);
  Take(fields, "truncate", to.truncate);
}

void TakeTokens(Fields& fields, TranslateOptions& to) {
  Take(fields, "repetition_penalty", to.repetition_penalty);
  Take(fields, "encoder_repetition_penalty", to.encoder_repetition_penalty);
  Take(fields, "no_repeat_ngram_size", to.no_repeat_ngram_size);
  Take(fields, "encoder_no_repeat_ngram_size", to.encoder_no_repeat_ngram_size);
  Take(fields, "bad_words", to.bad_words);
  Take(fields, "required_words", to.required_words);
  Take(fields, "sequence_bias", to.sequence_bias);
  Take(fields, "suppress_tokens", to.suppress_tokens);
  Take(fields, "begin_suppress_tokens", to.begin_suppress_tokens);
  Take(fields, "forced_first_token", to.forced_first_token);
  Take(fields, "forced_last_token", to.forced_last_token);
  Take(fields, "target_prefix", to.target_prefix);
}

void TakeSampling(Fields& fields, TranslateOptions& to) {
  Take(fields, "sample", to.sample);
  Take(fields, "seed", to.seed);
  Take(fields, "temperature", to.temperature);
  Take(fields, "top_k", to.top_k);
  Take(fields, "top_p", to.top_p);
  Take(fields, "min_p", to.min_p);
  Take(fields, "typical_p", to.typical_p);
  Take(fields, "epsilon_cutoff", to.epsilon_cutoff);
  Take(fields, "eta_cutoff", to.eta_cutoff);
}

}  // namespace

TranslateOptions TakeOptions(Fields& fields) {
  TranslateOptions options;
  TakeSearch(fields, options);
  TakeTokens(fields, options);
  TakeSampling(fields, options);
  return options;
}

}  // namespace tessera::tools::serve
