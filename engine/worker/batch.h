// Requests that are decoded together, a step at a time, by one thread.
#ifndef TESSERA_ENGINE_WORKER_BATCH_H_
#define TESSERA_ENGINE_WORKER_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/request/request.h"
#include "engine/search/known_output.h"
#include "engine/search/search.h"
#include "models/model.h"

namespace tessera::engine {

// How many requests (a sentence of the model each), and rows (beams), a batch
// holds or could take.
struct Room {
  std::size_t sentences = 0;
  std::size_t rows = 0;
};

// Room for batch_size sentences of the model's beam size, or of 4 beams, and at
// least for one of kMaxBeamSize. Sentences with more beams make smaller
// batches.
Room BatchCapacity(std::size_t batch_size, const SearchOptions& defaults);

// Requests leave as soon as their search has finished or they are stopped, and
// others take their slots. Searches of every kind and size mix. What becomes of
// a request does not depend on its batch mates. `model` and `rules` must
// outlive the batch.
class Batch {
 public:
  Batch(const models::Model& model, const ModelRules& rules, Room capacity);

  bool empty() const { return active_.empty(); }
  std::size_t size() const { return active_.size(); }  // requests in it
  Room room() const;                                   // what is left

  // Encodes requests and takes them in; those that cannot be translated fail.
  // Requires room for them: a slot, and beam_size rows, each.
  void Admit(std::span<std::unique_ptr<Request>> requests,
             kernels::ExecContext& context) noexcept;

  // Lets stopped requests go, decodes a token of every other one, and lets the
  // finished ones go. If the model throws, all of them fail.
  void Step(kernels::ExecContext& context) noexcept;

 private:
  enum class Status : std::uint8_t { kRuns, kFinished, kFailed };
  struct Active {
    std::unique_ptr<Request> request;
    std::unique_ptr<Search> search;
    std::unique_ptr<const models::OutputList> list = {};  // null: all tokens
    KnownOutput* known = nullptr;  // the search, if that is what it is
    std::vector<float> prefix_log_probs = {};
    models::Normalisation normalisation = models::kBeforeEdits;
    std::size_t beams = 0;
    std::int32_t slot = 0;
    std::size_t first_row = 0;  // its place in rows_
    bool reads_scores = false;
    Status status = Status::kRuns;
  };
  using Requests = std::span<std::unique_ptr<Request>>;

  void Prepare(std::unique_ptr<Request>& request);
  const ModelRules& RulesOf(const Request& request) const;
  std::size_t ChunkSize(Requests entries) const;
  void AdmitChunk(Requests entries, kernels::ExecContext& context);
  std::vector<Active> MakeActive(Requests entries,
                                 kernels::ExecContext& context) const;
  std::unique_ptr<const models::OutputList> ListOf(
      const Request& request, const TokenRules& rules,
      kernels::ExecContext& context) const;
  void Reserve(std::span<const Active> entering);
  void RunEncoder(Requests entries, std::span<const Active> active,
                  std::span<const std::int32_t> slots,
                  kernels::ExecContext& context);

  void DropStopped(kernels::ExecContext& context) noexcept;
  void Decode(kernels::ExecContext& context);
  void GatherRows();
  void GatherRows(bool that_read_scores, Edits& edits);
  void ScoreGiven(kernels::Rows<const float> states,
                  kernels::ExecContext& context);
  models::Candidates Project(kernels::Rows<const float> states,
                             kernels::ExecContext& context);
  kernels::Rows<const float> Scores(kernels::Rows<const float> states,
                                    kernels::ExecContext& context);
  void Advance(Active& active, const models::Candidates& best,
               kernels::Rows<const float> scores) noexcept;
  void Grow(const Active& active);
  void Retire(kernels::ExecContext& context) noexcept;
  void Finish(Active& active, kernels::ExecContext& context);
  void FailRunning(const std::exception_ptr& error) noexcept;

  const models::Model& model_;
  const ModelRules& rules_;
  Room capacity_;
  std::unique_ptr<models::DecodeState> state_;
  std::vector<std::int32_t> free_slots_;
  std::size_t beams_ = 0;  // most rows the requests may come to
  std::vector<Active> active_;
  std::vector<models::StepRow> rows_;  // of the last step
  // Rows of searches that take candidates stand before those of searches that
  // read scores, each kind with edits of its own.
  std::size_t candidate_rows_ = 0;
  Edits edits_;
  Edits score_edits_;
  std::vector<float> scores_;  // f32 [rows that read scores, V]
  std::optional<Warpers> warpers_;
  std::vector<std::int32_t> stable_;               // tokens of a search
  std::vector<std::unique_ptr<Request>> entries_;  // on their way in
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_BATCH_H_
