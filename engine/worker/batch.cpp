// The life of a batch: requests in, steps, outputs out.
#include "engine/worker/batch.h"

#include <algorithm>
#include <utility>

#include "engine/shortlist/shortlist.h"
#include "engine/tokenizer/text.h"
#include "engine/worker/alignment.h"
#include "engine/worker/token_scores.h"
#include "kernels/profile.h"
#include "models/files/message.h"
#include "models/row_scores.h"

namespace tessera::engine {
namespace {

// Source tokens that one run of the encoder takes, if it takes more than one
// sentence: enough rows for full speed, and a bound on work space.
constexpr std::size_t kEncodeTokens = 2048;

// Runs action; what it throws becomes the failure of the request.
template <class Action>
void FailIfItThrows(Request& request, Action&& action) noexcept {
  try {
    action();
  } catch (...) {
    request.Fail(std::current_exception());
  }
}

// The request's, with a key for what it reads.
SearchOptions WithKey(const Request& request) {
  SearchOptions options = request.options;
  if (options.sampling) {
    DrawKey& key = options.sampling->key;
    key = key.With(request.source).With(request.rules.prompt);
  }
  return options;
}

// With the tokens of the prefix.
void AddPrefix(std::span<const std::int32_t> prefix,
               std::span<const float> log_probs,
               std::vector<Hypothesis>& outputs) {
  if (prefix.empty()) return;
  for (Hypothesis& output : outputs) {
    output.ids.insert(output.ids.begin(), prefix.begin(), prefix.end());
    output.log_probs.insert(output.log_probs.begin(), log_probs.begin(),
                            log_probs.end());
  }
}

std::int32_t Id(std::size_t number) {
  return static_cast<std::int32_t>(number);
}

void CheckLength(const char* what, std::size_t tokens, std::size_t positions) {
  if (tokens <= positions) return;
  throw TextError(ErrorKind::kTooLong,
                  models::Cat(what, " has ", tokens,
                              " tokens, the model takes ", positions));
}

// Throws unless the request is a source, and a target that can follow a prompt.
void CheckTarget(const Request& request, const models::ModelInfo& model,
                 std::size_t prompt) {
  if (request.source.empty()) {
    throw TextError(ErrorKind::kBadText,
                    "source: want at least one token, found none");
  }
  for (const std::int32_t id : request.target) {
    if (id >= 0 && static_cast<std::size_t>(id) < model.target_vocabulary) {
      continue;
    }
    throw TextError(ErrorKind::kBadText,
                    models::Cat("target: want ids below ",
                                model.target_vocabulary, ", found ", id));
  }
  CheckLength("target with its prompt", prompt + request.target.size() - 1,
              model.max_target_tokens);
}

}  // namespace

Room BatchCapacity(std::size_t batch_size, const SearchOptions& defaults) {
  const std::size_t beams = std::max<std::size_t>(4, defaults.beam_size);
  return {.sentences = batch_size,
          .rows = std::max(batch_size * beams, kMaxBeamSize)};
}

Batch::Batch(const models::Model& model, const ModelRules& rules, Room capacity)
    : model_(model), rules_(rules), capacity_(capacity) {
  rows_.reserve(capacity.rows);
  entries_.reserve(capacity.sentences);
  for (std::size_t slot = capacity.sentences; slot > 0; --slot) {
    free_slots_.push_back(static_cast<std::int32_t>(slot - 1));
  }
  active_.reserve(capacity.sentences);
}

Room Batch::room() const {
  return {.sentences = free_slots_.size(), .rows = capacity_.rows - beams_};
}

void Batch::Admit(std::span<std::unique_ptr<Request>> requests,
                  kernels::ExecContext& context) noexcept {
  entries_.clear();
  for (std::unique_ptr<Request>& request : requests) {
    const kernels::ProfileSpan span(context, "tokenizer");
    Request& preparing = *request;
    FailIfItThrows(preparing, [&] { Prepare(request); });
  }
  Requests rest = entries_;
  while (!rest.empty()) {
    const Requests chunk = rest.first(ChunkSize(rest));
    try {
      AdmitChunk(chunk, context);
    } catch (...) {
      const std::exception_ptr error = std::current_exception();
      for (const auto& request : chunk) request->Fail(error);
    }
    rest = rest.subspan(chunk.size());
  }
  entries_.clear();
}

// Moves the request to entries_ if there is something to translate.
void Batch::Prepare(std::unique_ptr<Request>& request) {
  request->CheckStopped();
  const models::ModelInfo& model = model_.info();
  request->Encode(model.max_source_tokens);
  if (request->source.empty() && !request->scores()) {
    request->Finish(std::vector<Hypothesis>(1));
    return;
  }
  CheckLength("source", request->source.size(), model.max_source_tokens);
  SearchOptions& options = request->options;
  const std::size_t prompt =
      TokenRules(RulesOf(*request), request->rules).prompt().size();
  if (options.max_new_tokens) {
    options.max_length =
        std::min(prompt + *options.max_new_tokens, model.max_target_tokens + 1);
  }
  if (request->scores()) {
    CheckTarget(*request, model, prompt);
  } else {
    CheckLength("the decoder's prompt", prompt, options.max_length - 1);
  }
  entries_.push_back(std::move(request));
}

// Those of the request, or the model's.
const ModelRules& Batch::RulesOf(const Request& request) const {
  return request.own_rules ? *request.own_rules : rules_;
}

// How many of the entries to encode at once: at least one.
std::size_t Batch::ChunkSize(Requests entries) const {
  std::size_t count = 1;
  std::size_t tokens = entries.front()->source.size();
  for (; count < entries.size(); ++count) {
    tokens += entries[count]->source.size();
    if (tokens > kEncodeTokens) break;
  }
  return count;
}

// Takes in all the entries or, if it throws, none.
void Batch::AdmitChunk(Requests entries, kernels::ExecContext& context) {
  std::vector<Active> active = MakeActive(entries, context);
  Reserve(active);
  const std::size_t slots_left = free_slots_.size() - entries.size();
  RunEncoder(entries, active, std::span(free_slots_).subspan(slots_left),
             context);
  for (std::size_t i = 0; i < active.size(); ++i) {
    active[i].request = std::move(entries[i]);
    beams_ += active[i].beams;
    active_.push_back(std::move(active[i]));
  }
  free_slots_.resize(slots_left);
}

// Room for what a step's searches ask for, so that it allocates nothing.
void Batch::Reserve(std::span<const Active> entering) {
  EditCounts most;
  std::size_t scored = 0;
  const auto add = [&](std::span<const Active> searches) {
    for (const Active& active : searches) {
      const EditCounts own = active.search->MaxEdits();
      most.suppressed += own.suppressed;
      most.adjusted += own.adjusted;
      if (active.reads_scores) scored += active.beams;
    }
  };
  add(active_);
  add(entering);
  edits_.Reserve(most, capacity_.rows);
  if (scored == 0) return;
  score_edits_.Reserve(most, capacity_.rows);
  const std::size_t vocabulary = model_.info().target_vocabulary;
  if (scores_.size() < scored * vocabulary) {
    scores_.resize(scored * vocabulary);
  }
  if (!warpers_) warpers_.emplace(vocabulary);
}

// The entries with their searches; entry i gets the i-th of the last slots.
std::vector<Batch::Active> Batch::MakeActive(
    Requests entries, kernels::ExecContext& context) const {
  std::vector<Active> active(entries.size());
  const std::size_t slots_left = free_slots_.size() - entries.size();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Request& request = *entries[i];
    const ModelRules& rules = RulesOf(request);
    RequestRules own = request.rules;
    if (rules.read_source()) own.source = request.source;
    TokenRules token_rules(rules, std::move(own));
    if (request.scores()) {
      auto known =
          std::make_unique<KnownOutput>(token_rules.prompt(), request.target);
      active[i].known = known.get();
      active[i].search = std::move(known);
    } else {
      active[i].list = ListOf(request, token_rules, context);
      active[i].search = MakeSearch(WithKey(request), std::move(token_rules));
    }
    active[i].reads_scores = active[i].search->reads_scores();
    active[i].normalisation = NormalisationOf(request.options, rules);
    active[i].beams = request.options.rows();
    active[i].slot = free_slots_[slots_left + i];
  }
  return active;
}

// What the request's outputs are chosen from.
std::unique_ptr<const models::OutputList> Batch::ListOf(
    const Request& request, const TokenRules& rules,
    kernels::ExecContext& context) const {
  if (!request.shortlist) return nullptr;
  const kernels::ProfileSpan span(context, "shortlist");
  std::vector<std::int32_t> wanted;
  rules.AddReachable(wanted);
  for (const std::vector<std::int32_t>& word : request.options.required_words) {
    wanted.insert(wanted.end(), word.begin(), word.end());
  }
  return std::make_unique<const models::OutputList>(
      model_.Select(request.shortlist->TokensFor(request.source, wanted)));
}

void Batch::RunEncoder(Requests entries, std::span<const Active> active,
                       std::span<const std::int32_t> slots,
                       kernels::ExecContext& context) {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> offsets = {0};
  for (const auto& request : entries) {
    ids.insert(ids.end(), request->source.begin(), request->source.end());
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
  if (!state_) state_ = model_.Open(capacity_.sentences, capacity_.rows);
  const models::EncoderStates encoded =
      model_.Encode({.ids = ids, .offsets = offsets}, context);
  for (std::size_t i = 0; i < active.size(); ++i) {
    active[i].search->SetSourceTokens(
        static_cast<std::size_t>(encoded.offsets[i + 1] - encoded.offsets[i]));
  }
  model_.Admit(encoded, slots, *state_, context);
}

void Batch::Step(kernels::ExecContext& context) noexcept {
  DropStopped(context);
  if (empty()) return;
  try {
    Decode(context);
  } catch (...) {
    FailRunning(std::current_exception());
  }
  Retire(context);
}

// Their rows are nobody's parents in the next step, so the cache lets them go.
void Batch::DropStopped(kernels::ExecContext& context) noexcept {
  for (Active& active : active_) {
    active.status = Status::kFailed;
    FailIfItThrows(*active.request, [&] {
      active.request->CheckStopped();
      active.status = Status::kRuns;
    });
  }
  Retire(context);
}

void Batch::Decode(kernels::ExecContext& context) {
  {
    const kernels::ProfileSpan span(context, "search");
    GatherRows();
  }
  const models::StepStates states = model_.Step(rows_, *state_, context);
  ScoreGiven(states.tokens, context);
  models::Candidates best = {};
  kernels::Rows<const float> scores = {};
  const std::size_t scored = rows_.size() - candidate_rows_;
  if (candidate_rows_ > 0) {
    best = Project(states.last.Slice(0, candidate_rows_), context);
  }
  if (scored > 0) {
    scores = Scores(states.last.Slice(candidate_rows_, scored), context);
  }
  const kernels::ProfileSpan span(context, "search");
  for (Active& active : active_) Advance(active, best, scores);
}

void Batch::GatherRows() {
  rows_.clear();
  GatherRows(false, edits_);
  candidate_rows_ = rows_.size();
  GatherRows(true, score_edits_);
}

void Batch::GatherRows(bool that_read_scores, Edits& edits) {
  edits.Clear();
  const std::size_t begin = rows_.size();
  for (Active& active : active_) {
    if (active.reads_scores != that_read_scores) continue;
    const std::size_t first = rows_.size();
    for (const SearchRow& row : active.search->rows()) {
      const std::int32_t parent =
          row.parent < 0 ? -1 : Id(active.first_row) + row.parent;
      rows_.push_back({active.slot, parent, row.tokens, row.attention});
      edits.normalised.push_back(active.normalisation);
      edits.lists.push_back(active.list.get());
    }
    active.first_row = first;
    active.search->Edit(Id(first - begin), edits);
  }
}

// What the tokens are worth that are not chosen: those of known outputs, and of
// prefixes, which the first step reads.
void Batch::ScoreGiven(kernels::Rows<const float> states,
                       kernels::ExecContext& context) {
  for (Active& active : active_) {
    const std::span<const std::int32_t> prefix = active.request->rules.prefix;
    const bool begins = !prefix.empty() && rows_[active.first_row].parent < 0;
    if (active.known == nullptr && !begins) continue;
    std::size_t end = 0;  // of the states of its only row
    for (std::size_t row = 0; row <= active.first_row; ++row) {
      end += rows_[row].tokens.size();
    }
    const std::size_t behind =
        active.known == nullptr ? 1 : active.known->ids().size();
    if (begins) {
      active.prefix_log_probs = TokenScores(
          model_, states.Slice(end - behind - prefix.size(), prefix.size()),
          prefix, {}, context);
    }
    if (active.known == nullptr) continue;
    const auto ids = active.known->ids();
    active.known->SetLogProbs(
        TokenScores(model_, states.Slice(end - ids.size(), ids.size()), ids,
                    active.normalisation == models::kBeforeEdits
                        ? std::span<const std::int32_t>()
                        : RulesOf(*active.request).suppressed_everywhere(),
                    context));
  }
}

// One product with the vocabulary for all searches, whatever each of them wants
// of its rows: the vocabulary's weights are most of what a step reads.
models::Candidates Batch::Project(kernels::Rows<const float> states,
                                  kernels::ExecContext& context) {
  std::size_t candidates = 1;
  for (const Active& active : active_) {
    candidates = std::max(candidates, active.search->candidates());
  }
  return model_.Project(states, edits_.view(),
                        std::min(candidates, model_.info().target_vocabulary),
                        *state_, context);
}

kernels::Rows<const float> Batch::Scores(kernels::Rows<const float> states,
                                         kernels::ExecContext& context) {
  const auto scores = kernels::Dense(scores_.data(), states.rows,
                                     model_.info().target_vocabulary);
  model_.Logits(states, scores, context);
  const kernels::ProfileSpan span(context, "scores");
  models::EditRows(score_edits_.view(), scores);
  return scores;
}

void Batch::Advance(Active& active, const models::Candidates& best,
                    kernels::Rows<const float> scores) noexcept {
  const std::size_t count = active.search->rows().size();
  const std::size_t first = active.first_row;
  active.status = Status::kFailed;
  FailIfItThrows(*active.request, [&] {
    const bool goes_on =
        active.reads_scores
            ? active.search->AdvanceByScores(
                  scores.Slice(first - candidate_rows_, count), *warpers_)
            : active.search->Advance({best.log_probs.Slice(first, count),
                                      best.tokens.Slice(first, count)});
    if (goes_on) Grow(active);
    active.status = goes_on ? Status::kRuns : Status::kFinished;
  });
}

// Tells of what the output is sure to begin with, its prefix included.
void Batch::Grow(const Active& active) {
  if (!active.request->growth) return;
  active.search->StableIds(stable_);
  const std::vector<std::int32_t>& prefix = active.request->rules.prefix;
  stable_.insert(stable_.begin(), prefix.begin(), prefix.end());
  active.request->growth->Extend(stable_);
}

void Batch::Retire(kernels::ExecContext& context) noexcept {
  for (Active& active : active_) {
    if (active.status == Status::kRuns) continue;
    free_slots_.push_back(active.slot);
    beams_ -= active.beams;
    if (active.status == Status::kFailed) continue;
    FailIfItThrows(*active.request, [&] { Finish(active, context); });
  }
  std::erase_if(active_, [](const Active& active) {
    return active.status != Status::kRuns;
  });
}

void Batch::Finish(Active& active, kernels::ExecContext& context) {
  Request& request = *active.request;
  std::vector<Hypothesis> outputs = active.search->Finish();
  const std::span<const std::int32_t> prefix = request.rules.prefix;
  AddPrefix(prefix, active.prefix_log_probs, outputs);
  const TokenRules rules(RulesOf(request), request.rules);
  const auto prompt = rules.prompt();
  std::vector<std::int32_t> source;
  for (Hypothesis& output : outputs) {
    const auto choice = request.AttentionOf(output);
    if (!choice) continue;
    source = Align({.source = request.source,
                    .prompt = prompt.first(prompt.size() - prefix.size())},
                   *choice, model_, {&output, 1}, context);
  }
  request.Finish(std::move(outputs), source);
}

// After this the decoding state is of no use: it may be in the middle of a
// step.
void Batch::FailRunning(const std::exception_ptr& error) noexcept {
  for (Active& active : active_) {
    if (active.status != Status::kRuns) continue;
    active.status = Status::kFailed;
    active.request->Fail(error);
  }
  state_.reset();
}

}  // namespace tessera::engine
