// A table of names and what each of them sets.
#include "tools/tessera/json_options.h"

#include <tessera/error.h>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/json.h"
#include "models/files/message.h"

namespace tessera::tools {
namespace {

using Json = nlohmann::ordered_json;
using Ids = std::vector<std::int32_t>;
using Set = std::function<void(const Json&, TranslateOptions&)>;

// What a value should have been, for the message.
struct Wanted {
  const char* form;
};

void To(const Json& json, std::size_t& value) {
  if (!json.is_number_unsigned()) throw Wanted{"a count"};
  value = json.get<std::size_t>();
}

void To(const Json& json, double& value) {
  if (!json.is_number()) throw Wanted{"a number"};
  value = json.get<double>();
}

void To(const Json& json, bool& value) {
  if (!json.is_boolean()) throw Wanted{"true or false"};
  value = json.get<bool>();
}

void To(const Json& json, std::string& value) {
  if (!json.is_string()) throw Wanted{"a string"};
  value = json.get<std::string>();
}

void To(const Json& json, std::int32_t& value) {
  constexpr auto kMax = std::numeric_limits<std::int32_t>::max();
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > kMax) {
    throw Wanted{"token ids"};
  }
  value = json.get<std::int32_t>();
}

void To(const Json& json, SequenceBias& value);

template <class T>
void To(const Json& json, std::vector<T>& values) {
  if (!json.is_array()) throw Wanted{"a list"};
  values.clear();
  for (const Json& item : json) To(item, values.emplace_back());
}

void To(const Json& json, SequenceBias& value) {
  if (!json.is_array() || json.size() != 2) throw Wanted{"[[ids], bias]"};
  To(json[0], value.tokens);
  To(json[1], value.bias);
}

void To(const Json& json, LengthDecay& value) {
  if (!json.is_array() || json.size() != 2) throw Wanted{"[start, factor]"};
  To(json[0], value.start);
  To(json[1], value.factor);
}

void To(const Json& json, std::chrono::milliseconds& value) {
  double seconds = 0;
  To(json, seconds);
  constexpr double kLongest = 1e6;
  if (!(seconds >= 1e-3 && seconds <= kLongest)) {
    throw Wanted{"seconds from 0.001 to 1e6"};
  }
  value = std::chrono::milliseconds(std::llround(seconds * 1000));
}

void To(const Json& json, TextSplit& value) {
  if (json != "none" && json != "sentences") {
    throw Wanted{"\"none\" or \"sentences\""};
  }
  value = json == "none" ? TextSplit::kNone : TextSplit::kSentences;
}

void To(const Json& json, EarlyStopping& value) {
  if (json == false) {
    value = EarlyStopping::kHeuristic;
  } else if (json == true) {
    value = EarlyStopping::kFirst;
  } else if (json == "never") {
    value = EarlyStopping::kNever;
  } else if (json == "top_beam") {
    value = EarlyStopping::kTopBeam;
  } else {
    throw Wanted{"true, false, \"never\" or \"top_beam\""};
  }
}

template <class T>
void To(const Json& json, std::optional<T>& value) {
  To(json, value.emplace());
}

template <class T>
Set Of(T TranslateOptions::*option) {
  return [option](const Json& json, TranslateOptions& options) {
    To(json, options.*option);
  };
}

const std::map<std::string_view, Set>& Options() {
  using O = TranslateOptions;
  static const std::map<std::string_view, Set> kOptions = {
      {"beam_size", Of(&O::beam_size)},
      {"n_best", Of(&O::n_best)},
      {"length_penalty", Of(&O::length_penalty)},
      {"early_stopping", Of(&O::early_stopping)},
      {"max_length", Of(&O::max_length)},
      {"max_new_tokens", Of(&O::max_new_tokens)},
      {"min_length", Of(&O::min_length)},
      {"min_new_tokens", Of(&O::min_new_tokens)},
      {"length_decay", Of(&O::length_decay)},
      {"repetition_penalty", Of(&O::repetition_penalty)},
      {"encoder_repetition_penalty", Of(&O::encoder_repetition_penalty)},
      {"no_repeat_ngram_size", Of(&O::no_repeat_ngram_size)},
      {"encoder_no_repeat_ngram_size", Of(&O::encoder_no_repeat_ngram_size)},
      {"bad_words", Of(&O::bad_words)},
      {"sequence_bias", Of(&O::sequence_bias)},
      {"suppress_tokens", Of(&O::suppress_tokens)},
      {"begin_suppress_tokens", Of(&O::begin_suppress_tokens)},
      {"forced_first_token", Of(&O::forced_first_token)},
      {"forced_last_token", Of(&O::forced_last_token)},
      {"renormalize_logits", Of(&O::renormalize_logits)},
      {"target_prefix", Of(&O::target_prefix)},
      {"target_prefix_text", Of(&O::target_prefix_text)},
      {"required_texts", Of(&O::required_texts)},
      {"bad_texts", Of(&O::bad_texts)},
      {"beam_groups", Of(&O::beam_groups)},
      {"diversity_penalty", Of(&O::diversity_penalty)},
      {"required_words", Of(&O::required_words)},
      {"alternatives", Of(&O::alternatives)},
      {"sample", Of(&O::sample)},
      {"seed", Of(&O::seed)},
      {"temperature", Of(&O::temperature)},
      {"top_k", Of(&O::top_k)},
      {"top_p", Of(&O::top_p)},
      {"min_p", Of(&O::min_p)},
      {"typical_p", Of(&O::typical_p)},
      {"epsilon_cutoff", Of(&O::epsilon_cutoff)},
      {"eta_cutoff", Of(&O::eta_cutoff)},
      {"source_lang", Of(&O::source_language)},
      {"target_lang", Of(&O::target_language)},
      {"truncate", Of(&O::truncate)},
      {"split", Of(&O::split)},
      {"normalize", Of(&O::normalize)},
      {"coverage_penalty", Of(&O::coverage_penalty)},
      {"replace_unknown", Of(&O::replace_unknown)},
      {"keep", Of(&O::keep)},
      {"keep_placeholders", Of(&O::keep_placeholders)},
      {"time_limit", Of(&O::time_limit)}};
  return kOptions;
}

void SetOption(const std::string& name, const Json& value,
               TranslateOptions& options) {
  const auto found = Options().find(name);
  if (found == Options().end()) {
    throw Error("want an option that there is, found " +
                models::QuoteText(name));
  }
  try {
    found->second(value, options);
  } catch (const Wanted& wanted) {
    throw Error(name + ": want " + wanted.form + ", found " +
                models::QuoteJson(value));
  }
}

// Of two options that exclude each other.
void Replace(const Json& object, const char* name, const char* other,
             std::optional<std::size_t>& value,
             std::optional<std::size_t>& other_value) {
  if (object.contains(name)) other_value.reset();
  if (object.contains(other)) value.reset();
}

}  // namespace

void SetOptions(const Json& object, TranslateOptions& options) {
  if (!object.is_object()) {
    throw Error("want an object, found " + models::QuoteJson(object));
  }
  Replace(object, "max_length", "max_new_tokens", options.max_length,
          options.max_new_tokens);
  Replace(object, "min_length", "min_new_tokens", options.min_length,
          options.min_new_tokens);
  for (const auto& [name, value] : object.items()) {
    SetOption(name, value, options);
  }
}

}  // namespace tessera::tools
