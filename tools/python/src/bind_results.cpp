// What became of a text, and the facts of a model, read-only.
#include <nanobind/nanobind.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>
#include <tessera/model_info.h>
#include <tessera/translation.h>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tools/python/src/bind.h"

namespace nb = nanobind;

namespace tessera::python {
namespace {

constexpr const char* kErrorKinds[] = {"none",         "bad_text",  "too_long",
                                       "cancelled",    "resources", "internal",
                                       "bad_language", "time_limit"};
static_assert(std::size(kErrorKinds) ==
              static_cast<std::size_t>(ErrorKind::kTimeLimit) + 1);

using HypothesisState =
    std::tuple<std::string, std::vector<std::int32_t>, std::vector<std::string>,
               std::vector<float>, double, std::vector<float>,
               std::vector<std::int32_t>>;
using SentenceState =
    std::tuple<std::size_t, std::size_t, std::vector<Hypothesis>,
               std::vector<std::string>>;
using UnknownState = std::tuple<std::string, std::size_t, std::size_t>;
using TranslationState =
    std::tuple<std::vector<Hypothesis>, std::string, std::uint8_t, std::size_t,
               std::vector<Sentence>, std::vector<std::string>,
               std::vector<UnknownState>>;

std::vector<UnknownState> StatesOf(const std::vector<UnknownWord>& words) {
  std::vector<UnknownState> states;
  for (const UnknownWord& word : words) {
    states.emplace_back(word.text, word.begin, word.end);
  }
  return states;
}

std::vector<UnknownWord> WordsOf(const std::vector<UnknownState>& states) {
  std::vector<UnknownWord> words;
  for (const auto& [text, begin, end] : states) {
    words.push_back({.text = text, .begin = begin, .end = end});
  }
  return words;
}

void BindHypothesis(nb::module_& module) {
  nb::class_<Hypothesis>(module, "Hypothesis")
      .def_ro("text", &Hypothesis::text)
      .def_ro("ids", &Hypothesis::ids)
      .def_ro("pieces", &Hypothesis::pieces)
      .def_ro("log_probs", &Hypothesis::log_probs)
      .def("__len__", [](const Hypothesis& h) { return h.ids.size(); })
      .def_ro("score", &Hypothesis::score)
      .def_ro("attention", &Hypothesis::attention)
      .def_ro("alignment", &Hypothesis::alignment)
      .def("__getstate__",
           [](const Hypothesis& h) {
             return HypothesisState(h.text, h.ids, h.pieces, h.log_probs,
                                    h.score, h.attention, h.alignment);
           })
      .def("__setstate__", [](Hypothesis& h, HypothesisState state) {
        auto& [text, ids, pieces, log_probs, score, attention, alignment] =
            state;
        new (&h) Hypothesis{
            std::move(text),      std::move(ids), std::move(pieces),
            std::move(log_probs), score,          std::move(attention),
            std::move(alignment)};
      });
}

void BindSentence(nb::module_& module) {
  nb::class_<Sentence>(module, "Sentence")
      .def_ro("begin", &Sentence::begin)
      .def_ro("end", &Sentence::end)
      .def_ro("hypotheses", &Sentence::hypotheses, nb::rv_policy::copy)
      .def_ro("source_pieces", &Sentence::source_pieces)
      .def("__getstate__",
           [](const Sentence& s) {
             return SentenceState(s.begin, s.end, s.hypotheses,
                                  s.source_pieces);
           })
      .def("__setstate__", [](Sentence& s, SentenceState state) {
        auto& [begin, end, hypotheses, pieces] = state;
        new (&s) Sentence{begin, end, std::move(hypotheses), std::move(pieces)};
      });
}

void BindTranslation(nb::module_& module) {
  nb::class_<Translation>(module, "Result")
      .def_prop_ro("text", &Translation::text)
      .def_prop_ro("ok", &Translation::ok)
      .def_ro("hypotheses", &Translation::hypotheses, nb::rv_policy::copy)
      .def_prop_ro(
          "best", [](const Translation& t) { return &t.hypotheses.at(0); },
          nb::rv_policy::reference_internal)
      .def_ro("error", &Translation::error)
      .def_prop_ro("error_kind",
                   [](const Translation& t) {
                     return kErrorKinds[static_cast<std::size_t>(t.error_kind)];
                   })
      .def_ro("truncated_tokens", &Translation::truncated_tokens)
      .def_ro("sentences", &Translation::sentences, nb::rv_policy::copy)
      .def_ro("source_pieces", &Translation::source_pieces)
      .def_prop_ro("unknown",
                   [](const Translation& t) { return StatesOf(t.unknown); })
      .def("__getstate__",
           [](const Translation& t) {
             return TranslationState(t.hypotheses, t.error,
                                     static_cast<std::uint8_t>(t.error_kind),
                                     t.truncated_tokens, t.sentences,
                                     t.source_pieces, StatesOf(t.unknown));
           })
      .def("__setstate__", [](Translation& t, TranslationState state) {
        auto& [hypotheses, error, kind, truncated, sentences, pieces, unknown] =
            state;
        new (&t) Translation{std::move(hypotheses),
                             std::move(error),
                             static_cast<ErrorKind>(kind),
                             truncated,
                             std::move(sentences),
                             std::move(pieces),
                             WordsOf(unknown)};
      });
}

void BindInfo(nb::module_& module) {
  using I = ModelInfo;
  nb::class_<I>(module, "ModelInfo")
      .def_ro("architecture", &I::architecture)
      .def_ro("dimensions", &I::dimensions)
      .def_ro("width", &I::width)
      .def_ro("source_vocabulary", &I::source_vocabulary)
      .def_ro("target_vocabulary", &I::target_vocabulary)
      .def_ro("source_pieces", &I::source_pieces)
      .def_ro("target_pieces", &I::target_pieces)
      .def_ro("max_source_tokens", &I::max_source_tokens)
      .def_ro("max_target_tokens", &I::max_target_tokens)
      .def_ro("parameters", &I::parameters)
      .def_ro("memory_bytes", &I::memory_bytes)
      .def_ro("stored_types", &I::stored_types)
      .def_ro("compute_type", &I::compute_type)
      .def_ro("unused_tensors", &I::unused_tensors)
      .def_ro("beam_size", &I::beam_size)
      .def_ro("length_penalty", &I::length_penalty)
      .def_ro("length_penalty_form", &I::length_penalty_form)
      .def_ro("early_stopping", &I::early_stopping)
      .def_ro("max_length", &I::max_length)
      .def_ro("languages", &I::languages)
      .def_ro("packed_for", &I::packed_for)
      .def_ro("decoder_layers", &I::decoder_layers)
      .def_ro("decoder_heads", &I::decoder_heads)
      .def_ro("warnings", &I::warnings)
      .def_ro("cache_type", &I::cache_type);
}

}  // namespace

void BindResults(nb::module_& module) {
  BindHypothesis(module);
  BindSentence(module);
  BindTranslation(module);
  BindInfo(module);
}

}  // namespace tessera::python
