// LoadOptions and TranslateOptions by their own names; what Python passes as a
// word or a pair is made an enumeration or a struct here.
#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>
#include <tessera/error.h>
#include <tessera/options.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/python/src/bind.h"

namespace nb = nanobind;

namespace tessera::python {
namespace {

// Words for the values of an enumeration, in their order.
template <class Enum, std::size_t N>
struct Words {
  const char* option;
  const char* words[N];

  Enum Parse(std::string_view word) const {
    std::string wanted;
    for (std::size_t i = 0; i < N; ++i) {
      if (word == words[i]) return static_cast<Enum>(i);
      wanted += (i == 0      ? ""
                 : i + 1 < N ? ", "
                             : " or ") +
                std::string(words[i]);
    }
    throw Error(option + (": want " + wanted) + ", found " + std::string(word));
  }
  std::string Name(Enum value) const {
    return words[static_cast<std::size_t>(value)];
  }
};

constexpr Words<Precision, 4> kPrecisions = {"precision",
                                             {"auto", "f32", "bf16", "int8"}};
constexpr Words<EarlyStopping, 4> kEarlyStoppings = {
    "early_stopping", {"false", "true", "never", "top_beam"}};

constexpr Words<TextSplit, 2> kSplits = {"split", {"none", "sentences"}};

using Biases = std::vector<std::pair<std::vector<std::int32_t>, double>>;

std::optional<std::string> GetEarlyStopping(const TranslateOptions& options) {
  if (!options.early_stopping) return std::nullopt;
  return kEarlyStoppings.Name(*options.early_stopping);
}

void SetEarlyStopping(TranslateOptions& options,
                      std::optional<std::string> word) {
  options.early_stopping = {};
  if (word) options.early_stopping = kEarlyStoppings.Parse(*word);
}

std::optional<Biases> GetSequenceBias(const TranslateOptions& options) {
  if (!options.sequence_bias) return std::nullopt;
  Biases biases;
  for (const SequenceBias& bias : *options.sequence_bias) {
    biases.emplace_back(bias.tokens, bias.bias);
  }
  return biases;
}

void SetSequenceBias(TranslateOptions& options, std::optional<Biases> biases) {
  options.sequence_bias = {};
  if (!biases) return;
  options.sequence_bias.emplace();
  for (auto& [tokens, bias] : *biases) {
    options.sequence_bias->push_back({std::move(tokens), bias});
  }
}

using Decay = std::optional<std::pair<std::size_t, double>>;

Decay GetLengthDecay(const TranslateOptions& options) {
  if (!options.length_decay) return std::nullopt;
  return {{options.length_decay->start, options.length_decay->factor}};
}

void SetLengthDecay(TranslateOptions& options, Decay decay) {
  options.length_decay = {};
  if (decay) options.length_decay = {decay->first, decay->second};
}

std::optional<std::string> GetSplit(const TranslateOptions& options) {
  if (!options.split) return std::nullopt;
  return kSplits.Name(*options.split);
}

void SetSplit(TranslateOptions& options, std::optional<std::string> word) {
  options.split = {};
  if (word) options.split = kSplits.Parse(*word);
}

using Seconds = std::chrono::duration<double>;

std::optional<double> GetTimeLimit(const TranslateOptions& options) {
  if (!options.time_limit) return std::nullopt;
  return Seconds(*options.time_limit).count();
}

// In seconds, to the next millisecond; beyond a year is without end.
void SetTimeLimit(TranslateOptions& options, std::optional<double> seconds) {
  constexpr double kYear = 366.0 * 24 * 3600;
  options.time_limit = {};
  if (!seconds || *seconds > kYear) return;
  if (!(*seconds > 0)) {
    throw Error("time_limit: want more than 0 seconds, found " +
                std::to_string(*seconds));
  }
  options.time_limit =
      std::chrono::ceil<std::chrono::milliseconds>(Seconds(*seconds));
}

void BindLoadOptions(nb::module_& module) {
  nb::class_<LoadOptions>(module, "LoadOptions")
      .def(nb::init<>())
      .def_rw("threads", &LoadOptions::threads)
      .def_prop_rw(
          "precision",
          [](const LoadOptions& options) {
            return kPrecisions.Name(options.precision);
          },
          [](LoadOptions& options, const std::string& word) {
            options.precision = kPrecisions.Parse(word);
          })
      .def_rw("batch_size", &LoadOptions::batch_size)
      .def_rw("ignore_unsupported", &LoadOptions::ignore_unsupported)
      .def_rw("memory_bytes", &LoadOptions::memory_bytes);
}

void BindSearch(nb::class_<TranslateOptions>& options) {
  using O = TranslateOptions;
  options.def_rw("beam_size", &O::beam_size, nb::arg().none())
      .def_rw("length_penalty", &O::length_penalty, nb::arg().none())
      .def_rw("max_length", &O::max_length, nb::arg().none())
      .def_rw("max_new_tokens", &O::max_new_tokens, nb::arg().none())
      .def_rw("source_language", &O::source_language)
      .def_rw("target_language", &O::target_language)
      .def_rw("truncate", &O::truncate)
      .def_rw("n_best", &O::n_best, nb::arg().none())
      .def_prop_rw("early_stopping", GetEarlyStopping, SetEarlyStopping,
                   nb::arg().none())
      .def_rw("min_length", &O::min_length, nb::arg().none())
      .def_rw("min_new_tokens", &O::min_new_tokens, nb::arg().none())
      .def_rw("alternatives", &O::alternatives, nb::arg().none())
      .def_rw("beam_groups", &O::beam_groups, nb::arg().none())
      .def_rw("diversity_penalty", &O::diversity_penalty, nb::arg().none());
}

void BindRules(nb::class_<TranslateOptions>& options) {
  using O = TranslateOptions;
  options.def_rw("repetition_penalty", &O::repetition_penalty, nb::arg().none())
      .def_rw("encoder_repetition_penalty", &O::encoder_repetition_penalty,
              nb::arg().none())
      .def_rw("no_repeat_ngram_size", &O::no_repeat_ngram_size,
              nb::arg().none())
      .def_rw("encoder_no_repeat_ngram_size", &O::encoder_no_repeat_ngram_size,
              nb::arg().none())
      .def_rw("bad_words", &O::bad_words, nb::arg().none())
      .def_prop_rw("sequence_bias", GetSequenceBias, SetSequenceBias,
                   nb::arg().none())
      .def_rw("suppress_tokens", &O::suppress_tokens, nb::arg().none())
      .def_rw("begin_suppress_tokens", &O::begin_suppress_tokens,
              nb::arg().none())
      .def_rw("forced_first_token", &O::forced_first_token, nb::arg().none())
      .def_rw("forced_last_token", &O::forced_last_token, nb::arg().none())
      .def_prop_rw("length_decay", GetLengthDecay, SetLengthDecay,
                   nb::arg().none())
      .def_rw("renormalize_logits", &O::renormalize_logits, nb::arg().none())
      .def_rw("target_prefix", &O::target_prefix)
      .def_rw("required_words", &O::required_words);
}

void BindSampling(nb::class_<TranslateOptions>& options) {
  using O = TranslateOptions;
  options.def_rw("sample", &O::sample, nb::arg().none())
      .def_rw("seed", &O::seed)
      .def_rw("temperature", &O::temperature, nb::arg().none())
      .def_rw("top_k", &O::top_k, nb::arg().none())
      .def_rw("top_p", &O::top_p, nb::arg().none())
      .def_rw("min_p", &O::min_p, nb::arg().none())
      .def_rw("typical_p", &O::typical_p, nb::arg().none())
      .def_rw("epsilon_cutoff", &O::epsilon_cutoff, nb::arg().none())
      .def_rw("eta_cutoff", &O::eta_cutoff, nb::arg().none());
}

void BindText(nb::class_<TranslateOptions>& options) {
  using O = TranslateOptions;
  options.def_prop_rw("split", GetSplit, SetSplit, nb::arg().none())
      .def_rw("alignments", &O::alignments)
      .def_rw("alignment_layer", &O::alignment_layer, nb::arg().none())
      .def_rw("alignment_head", &O::alignment_head, nb::arg().none())
      .def_prop_rw("time_limit", GetTimeLimit, SetTimeLimit, nb::arg().none())
      .def_rw("normalize", &O::normalize)
      .def_rw("coverage_penalty", &O::coverage_penalty)
      .def_rw("replace_unknown", &O::replace_unknown)
      .def_rw("keep", &O::keep)
      .def_rw("keep_placeholders", &O::keep_placeholders, nb::arg().none())
      .def_rw("target_prefix_text", &O::target_prefix_text)
      .def_rw("required_texts", &O::required_texts)
      .def_rw("bad_texts", &O::bad_texts);
}

}  // namespace

void BindOptions(nb::module_& module) {
  BindLoadOptions(module);
  nb::class_<TranslateOptions> options(module, "TranslateOptions");
  options.def(nb::init<>());
  BindSearch(options);
  BindRules(options);
  BindSampling(options);
  BindText(options);
}

}  // namespace tessera::python
