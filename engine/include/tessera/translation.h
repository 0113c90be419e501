// What became of a text: hypotheses, or an error.
#ifndef TESSERA_TRANSLATION_H_
#define TESSERA_TRANSLATION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tessera {

// One output of a search.
struct Hypothesis {
  std::string text;
  // Tokens with the final end-of-sentence, without the start token.
  std::vector<std::int32_t> ids;
  std::vector<std::string> pieces;  // the same, as vocabulary entries
  // Log-probability of each token given those before it.
  std::vector<float> log_probs;
  // Beam search: the sum divided by length^length_penalty, Hugging Face's
  // sequences_scores, or as the model's "length_penalty_form" says. Where beams
  // end together ("early_stopping": "top_beam"), of all tokens of the beam,
  // those behind its first end-of-sentence included. Greedy search: the sum.
  double score = 0;
};

// Why a text has no translation.
enum class ErrorKind : std::uint8_t {
  kNone,       // it has one
  kBadText,    // it is not UTF-8
  kTooLong,    // more bytes than kMaxTextBytes, or tokens than the model reads
  kCancelled,  // its stop was requested, or its Stream is gone
  kResources,  // memory or threads do not suffice; later they may
  kInternal,   // the model or Tessera: no token had a finite probability, ...
  kBadLanguage,  // the model lacks a language that was asked for, or needs one
};

// What became of one text. Of an empty text, or one of white space only: a
// hypothesis with an empty text, no tokens and the score 0.
struct Translation {
  // Best first: one of greedy search, up to beam_size of beam search. Empty if
  // the translation failed.
  std::vector<Hypothesis> hypotheses = {};
  std::string error = {};  // why it failed, for people; empty if it did not
  ErrorKind error_kind = ErrorKind::kNone;  // the same, for programs
  // Tokens of the text that were cut off, with TranslateOptions::truncate.
  std::size_t truncated_tokens = 0;

  bool ok() const { return error_kind == ErrorKind::kNone; }
  // The best text; empty if the translation failed.
  std::string_view text() const {
    return hypotheses.empty() ? std::string_view()
                              : std::string_view(hypotheses.front().text);
  }
};

}  // namespace tessera

#endif  // TESSERA_TRANSLATION_H_
