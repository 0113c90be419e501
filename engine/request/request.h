// A text on its way through the workers.
#ifndef TESSERA_ENGINE_REQUEST_REQUEST_H_
#define TESSERA_ENGINE_REQUEST_REQUEST_H_

#include <tessera/translation.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/request/text_growth.h"
#include "engine/search/search_options.h"
#include "engine/search/token_rules.h"
#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

class KeepPatterns;
class Shortlist;

// How a text is to be translated, every default of the search resolved.
struct RequestOptions {
  SearchOptions search;
  std::shared_ptr<const ModelRules> rules;  // null: those of the model
  Languages languages;
  bool truncate = false;
  bool splits = false;  // the text into its sentences
  std::optional<AlignmentChoice> alignment = {};
  std::optional<AlignmentChoice> replacing = {};  // unknown tokens, if wanted
  std::optional<std::chrono::milliseconds> time_limit = {};
  bool normalize = false;                         // the source's punctuation
  std::shared_ptr<const KeepPatterns> keep = {};  // null: nothing
};

// Who is told of a text, and may stop it.
struct Listener {
  // Called once, from a worker's thread. Must not throw.
  std::function<void(Translation)> sink;
  // Before that, of the best output while it comes; must not throw either.
  TextGrowth::Sink growth = {};
  std::stop_token stop = {};
};

// What is asked, all that it takes to do it, and who is told. It owns its data,
// so that the asking call need not wait; the tokenizer must outlive it.
struct Request {
  // The text, and what makes ids of it and texts of ids. Where there is no
  // tokenizer, ids are given, and ids come out.
  std::string text = {};
  const Tokenizer* tokenizer = nullptr;
  Languages languages = {};
  // Ids that the model has embeddings of lie below these.
  std::size_t source_vocabulary = std::numeric_limits<std::size_t>::max();
  std::size_t target_vocabulary = std::numeric_limits<std::size_t>::max();
  bool truncate = false;  // a source that is too long

  std::string refused = {};  // why the text is not to be translated
  bool normalize = false;    // the text's punctuation
  std::optional<AlignmentChoice> alignment = {};  // if it is wanted
  // Whose attention finds words for unknown tokens, if that is wanted.
  std::optional<AlignmentChoice> replacing = {};

  // An output that is known, whose log-probabilities are wanted: a text, or ids
  // as EncodeTarget gives them.
  std::optional<std::string> target_text = {};
  std::vector<std::int32_t> target = {};

  // Source tokens with end-of-sentence, below the model's vocabulary size; none
  // if there is nothing to translate.
  std::vector<std::int32_t> source = {};
  std::size_t truncated = 0;  // tokens that it had and the model does not read
  RequestRules rules = {};
  SearchOptions options = {};
  std::shared_ptr<const ModelRules> own_rules = {};  // null: the model's
  // What it is to be chosen from, if that is not the whole vocabulary; must
  // outlive it. Not for an output that is known.
  const Shortlist* shortlist = nullptr;

  // Called once, from a worker's thread. Must not throw.
  std::function<void(Translation)> sink = {};
  std::stop_token stop = {};
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  // Told of the best output while it comes, before the sink.
  std::unique_ptr<TextGrowth> growth = {};

  bool scores() const { return target_text || !target.empty(); }
  // Whose attention Finish wants of an output; nothing: nobody's.
  std::optional<AlignmentChoice> AttentionOf(const Hypothesis& output) const;
  // Throws TextError if it is to be given up.
  void CheckStopped() const;

  // Source, target and rules from the texts, for a model that reads so many
  // tokens. Throws.
  void Encode(std::size_t positions);

  // One of them ends the request: with outputs, best first, that have ids,
  // log_probs and score, and what AttentionOf wants, with the source tokens; or
  // with an exception.
  void Finish(std::vector<Hypothesis> outputs,
              std::span<const std::int32_t> aligned_source = {}) noexcept;
  void Fail(const std::exception_ptr& error) noexcept;

 private:
  void AddTexts(std::vector<Hypothesis>& outputs,
                std::vector<UnknownWord>& unknown) const;
};

using Requests = std::vector<std::unique_ptr<Request>>;

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_REQUEST_H_
