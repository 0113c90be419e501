// The life of a batch: sentences in, steps, outputs out.
#include "engine/worker/batch.h"

#include <tessera/error.h>

#include <algorithm>
#include <string>
#include <utility>

#include "engine/worker/failure.h"

namespace tessera::engine {
namespace {

// Source tokens that one run of the encoder takes, if it takes more than one
// sentence: enough rows for full speed, and a bound on work space.
constexpr std::size_t kEncodeTokens = 2048;

// Runs action; what it throws becomes the failure of the sentence.
template <class Action>
void FailIfItThrows(Sentence& sentence, Action&& action) noexcept {
  try {
    action();
  } catch (...) {
    sentence.Fail(Message(std::current_exception()));
  }
}

std::int32_t Id(std::size_t number) {
  return static_cast<std::int32_t>(number);
}

void CheckLength(std::size_t tokens, std::size_t positions) {
  if (tokens <= positions) return;
  throw Error("source has " + std::to_string(tokens) +
              " tokens, the model takes " + std::to_string(positions));
}

}  // namespace

Batch::Batch(const models::Model& model, const TokenRules& rules, Room capacity)
    : model_(model), rules_(rules), capacity_(capacity) {
  rows_.reserve(capacity.rows);
  renormalized_.reserve(capacity.rows);
  entries_.reserve(capacity.sentences);
  for (std::size_t slot = capacity.sentences; slot > 0; --slot) {
    free_slots_.push_back(static_cast<std::int32_t>(slot - 1));
  }
  groups_[1].renormalize = true;
  for (Group& group : groups_) {
    group.active.reserve(capacity.sentences);
    group.edits.Reserve(capacity.rows, rules.max_suppressed_a_row());
  }
}

std::size_t Batch::size() const {
  return groups_[0].active.size() + groups_[1].active.size();
}

Room Batch::room() const {
  return {.sentences = free_slots_.size(), .rows = capacity_.rows - beams_};
}

void Batch::Admit(std::span<Sentence* const> sentences,
                  kernels::ExecContext& context) noexcept {
  entries_.clear();
  for (Sentence* sentence : sentences) {
    FailIfItThrows(*sentence, [&] { EncodeText(*sentence); });
  }
  std::span<const Entry> rest = entries_;
  while (!rest.empty()) {
    const std::span<const Entry> chunk = rest.first(ChunkSize(rest));
    try {
      AdmitChunk(chunk, context);
    } catch (...) {
      const std::exception_ptr error = std::current_exception();
      for (const Entry& entry : chunk) entry.sentence->Fail(Message(error));
    }
    rest = rest.subspan(chunk.size());
  }
}

void Batch::EncodeText(Sentence& sentence) {
  std::vector<std::int32_t> source = sentence.Encode();
  if (source.empty()) {
    sentence.Finish(std::vector<Hypothesis>(1));
    return;
  }
  CheckLength(source.size(), model_.info().max_source_tokens);
  entries_.push_back({&sentence, std::move(source)});
}

// How many of the entries to encode at once: at least one.
std::size_t Batch::ChunkSize(std::span<const Entry> entries) const {
  std::size_t count = 1;
  std::size_t tokens = entries.front().source.size();
  for (; count < entries.size(); ++count) {
    tokens += entries[count].source.size();
    if (tokens > kEncodeTokens) break;
  }
  return count;
}

// Takes in all the entries or, if it throws, none.
void Batch::AdmitChunk(std::span<const Entry> entries,
                       kernels::ExecContext& context) {
  std::vector<Active> active = MakeActive(entries);
  const std::size_t slots_left = free_slots_.size() - entries.size();
  RunEncoder(entries, std::span(free_slots_).subspan(slots_left), context);
  for (Active& entering : active) {
    const SearchOptions& options = entering.sentence->options();
    Group& group = groups_[Renormalizes(options, rules_) ? 1 : 0];
    beams_ += entering.beams;
    group.active.push_back(std::move(entering));
  }
  free_slots_.resize(slots_left);
}

// The entries with their searches; entry i gets the i-th of the last slots.
std::vector<Batch::Active> Batch::MakeActive(
    std::span<const Entry> entries) const {
  std::vector<Active> active(entries.size());
  const std::size_t slots_left = free_slots_.size() - entries.size();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    active[i].sentence = entries[i].sentence;
    active[i].search = MakeSearch(entries[i].sentence->options(), rules_);
    active[i].beams = entries[i].sentence->options().beam_size;
    active[i].slot = free_slots_[slots_left + i];
  }
  return active;
}

void Batch::RunEncoder(std::span<const Entry> entries,
                       std::span<const std::int32_t> slots,
                       kernels::ExecContext& context) {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> offsets = {0};
  for (const Entry& entry : entries) {
    ids.insert(ids.end(), entry.source.begin(), entry.source.end());
    offsets.push_back(static_cast<std::int32_t>(ids.size()));
  }
  if (!state_) state_ = model_.Open(capacity_.sentences, capacity_.rows);
  const models::EncoderStates encoded =
      model_.Encode({.ids = ids, .offsets = offsets}, context);
  model_.Admit(encoded, slots, *state_, context);
}

void Batch::Step(kernels::ExecContext& context) noexcept {
  try {
    Decode(context);
  } catch (...) {
    FailRunning(std::current_exception());
  }
  for (Group& group : groups_) Retire(group);
}

void Batch::Decode(kernels::ExecContext& context) {
  rows_.clear();
  for (Group& group : groups_) GatherRows(group);
  const kernels::Rows<const float> states =
      model_.Step(rows_, *state_, context).last;
  for (Group& group : groups_) {
    if (group.active.empty()) continue;
    Advance(group, Project(group, states, context));
  }
}

void Batch::GatherRows(Group& group) {
  group.first_row = rows_.size();
  group.candidates = 0;
  group.edits.Clear();
  for (Active& active : group.active) {
    const std::size_t first = rows_.size();
    for (const SearchRow& row : active.search->rows()) {
      const std::int32_t parent =
          row.parent < 0 ? -1 : Id(active.first_row) + row.parent;
      rows_.push_back({active.slot, parent, {&row.token, 1}});
    }
    active.first_row = first;
    active.search->Edit(Id(first - group.first_row), group.edits);
    group.candidates = std::max(group.candidates, active.search->candidates());
  }
  group.rows = rows_.size() - group.first_row;
}

models::Candidates Batch::Project(const Group& group,
                                  kernels::Rows<const float> states,
                                  kernels::ExecContext& context) {
  renormalized_.assign(group.rows, group.renormalize ? 1 : 0);
  const models::LogitEdits edits = {
      .suppressed_everywhere = rules_.suppressed_everywhere(),
      .suppressed = group.edits.suppressed,
      .forced = group.edits.forced,
      .renormalized = renormalized_};
  const std::size_t vocabulary = model_.info().target_vocabulary;
  return model_.Project(states.Slice(group.first_row, group.rows), edits,
                        std::min(group.candidates, vocabulary), *state_,
                        context);
}

void Batch::Advance(Group& group, const models::Candidates& best) noexcept {
  for (Active& active : group.active) {
    const std::size_t first = active.first_row - group.first_row;
    const std::size_t count = active.search->rows().size();
    active.status = Status::kFailed;
    FailIfItThrows(*active.sentence, [&] {
      const bool goes_on =
          active.search->Advance({best.log_probs.Slice(first, count),
                                  best.tokens.Slice(first, count)});
      active.status = goes_on ? Status::kRuns : Status::kFinished;
    });
  }
}

void Batch::Retire(Group& group) noexcept {
  for (Active& active : group.active) {
    if (active.status == Status::kRuns) continue;
    free_slots_.push_back(active.slot);
    beams_ -= active.beams;
    if (active.status == Status::kFailed) continue;
    FailIfItThrows(*active.sentence,
                   [&] { active.sentence->Finish(active.search->Finish()); });
  }
  std::erase_if(group.active, [](const Active& active) {
    return active.status != Status::kRuns;
  });
}

// After this the decoding state is of no use: it may be in the middle of a
// step.
void Batch::FailRunning(const std::exception_ptr& error) noexcept {
  for (Group& group : groups_) {
    for (Active& active : group.active) {
      if (active.status != Status::kRuns) continue;
      active.status = Status::kFailed;
      active.sentence->Fail(Message(error));
    }
  }
  state_.reset();
}

}  // namespace tessera::engine
