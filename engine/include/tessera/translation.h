// What became of a text: hypotheses, or an error.
#ifndef TESSERA_TRANSLATION_H_
#define TESSERA_TRANSLATION_H_

#include <cstddef>
#include <cstdint>
#include <span>
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
  // Log-probability of each token given those before it, after all changes of
  // scores that options make; 0 of a forced token; of target_prefix before
  // them.
  std::vector<float> log_probs;
  // Beam search: the sum divided by length^length_penalty, Hugging Face's
  // sequences_scores, or as the model's "length_penalty_form" says, and with a
  // coverage_penalty what that takes off. Where beams
  // end together ("early_stopping": "top_beam"), of all tokens of the beam,
  // those behind its first end-of-sentence included. Greedy search, sampling
  // with one beam and alternatives: the sum.
  double score = 0;
  // With TranslateOptions::alignments, for T tokens and S source_pieces:
  // f32 [T, S], the weights with which each token was chosen, and for each the
  // source token of the largest, that of an end-of-sentence left out; -1 for
  // the output's own end-of-sentence.
  std::vector<float> attention = {};
  std::vector<std::int32_t> alignment = {};
};

// What an output has grown by while it is searched: tokens that every output of
// the search begins with by now, and the text that they add, whole characters.
// Of greedy search and sampling each token, of beam search what all beams have
// in common. Both last as long as the call.
struct Growth {
  std::string_view text = {};
  std::span<const std::int32_t> ids = {};
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
  kTimeLimit,    // its time limit passed before it was translated
};

// What a text has and its tokenizer no token for: the model has read its
// unknown token there.
struct UnknownWord {
  std::string text = {};
  std::size_t begin = 0;  // its bytes in the text: from here ...
  std::size_t end = 0;    // ... up to here
};

// A sentence of a text that was split, and what became of it.
struct Sentence {
  std::size_t begin = 0;  // its bytes in the text: from here ...
  std::size_t end = 0;    // ... up to here
  std::vector<Hypothesis> hypotheses = {};  // best first, at least one
  std::vector<std::string> source_pieces = {};
};

// What became of one text. Of an empty text, or one of white space only: a
// hypothesis with no tokens, the score 0 and an empty text, or that white space
// where texts are split.
struct Translation {
  // Best first: one of greedy search, up to beam_size of beam search, or
  // n_best. Sampling with one beam: in the order of their draws; alternatives:
  // of their first tokens. Empty if the translation failed.
  std::vector<Hypothesis> hypotheses = {};
  std::string error = {};  // why it failed, for people; empty if it did not
  ErrorKind error_kind = ErrorKind::kNone;  // the same, for programs
  // Tokens of the text that were cut off, with TranslateOptions::truncate.
  std::size_t truncated_tokens = 0;
  // Of a text that was split into two sentences or more. Its hypotheses are
  // then put together of theirs, the k-th of the k-th of each, or of the last
  // of those that have fewer: the texts with what stood between the sentences;
  // ids, pieces, log_probs and alignments one after another; the score the sum
  // of theirs; no attention.
  // Their texts, taken out of the hypothesis one after another, leave what the
  // sentences, taken out of the text, leave.
  std::vector<Sentence> sentences = {};
  // With TranslateOptions::alignments: what was read, as vocabulary entries.
  std::vector<std::string> source_pieces = {};
  // In their order; of the text as TranslateOptions::normalize leaves it. Of a
  // tokenizer that reads across white space there may be none.
  std::vector<UnknownWord> unknown = {};

  bool ok() const { return error_kind == ErrorKind::kNone; }
  // The best text; empty if the translation failed.
  std::string_view text() const {
    return hypotheses.empty() ? std::string_view()
                              : std::string_view(hypotheses.front().text);
  }
};

}  // namespace tessera

#endif  // TESSERA_TRANSLATION_H_
