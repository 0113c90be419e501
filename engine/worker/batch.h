// Sentences that are decoded together, a step at a time, by one thread.
#ifndef TESSERA_ENGINE_WORKER_BATCH_H_
#define TESSERA_ENGINE_WORKER_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <vector>

#include "engine/request/request.h"
#include "engine/search/search.h"
#include "models/model.h"

namespace tessera::engine {

// How many sentences, and rows (beams), a batch holds or could take.
struct Room {
  std::size_t sentences = 0;
  std::size_t rows = 0;
};

// Sentences leave as soon as their search has finished, and others take their
// slots. Searches of every kind and size mix. What becomes of a sentence does
// not depend on its batch mates. `model` and `rules` must outlive the batch.
class Batch {
 public:
  Batch(const models::Model& model, const TokenRules& rules, Room capacity);

  bool empty() const { return size() == 0; }
  std::size_t size() const;  // sentences in it
  Room room() const;         // what is left

  // Encodes sentences and takes them in; those that cannot be translated fail.
  // Requires room for them: a slot, and beam_size rows, each.
  void Admit(std::span<Sentence* const> sentences,
             kernels::ExecContext& context) noexcept;

  // Decodes a token of every sentence and lets the finished ones go. If the
  // model throws, all of them fail. Requires !empty().
  void Step(kernels::ExecContext& context) noexcept;

 private:
  enum class Status : std::uint8_t { kRuns, kFinished, kFailed };
  struct Active {
    Sentence* sentence = nullptr;  // not to be touched after Finish or Fail
    std::unique_ptr<Search> search;
    std::size_t beams = 0;
    std::int32_t slot = 0;
    std::size_t first_row = 0;  // its place in rows_
    Status status = Status::kRuns;
  };
  // Searches that share a Project call.
  struct Group {
    bool renormalize = false;
    std::vector<Active> active;
    std::size_t first_row = 0;  // its place in rows_
    std::size_t rows = 0;
    std::size_t candidates = 0;  // most that one of its searches wants
    Edits edits;
  };
  // A sentence on its way in.
  struct Entry {
    Sentence* sentence;
    std::vector<std::int32_t> source;
  };

  void EncodeText(Sentence& sentence);
  std::size_t ChunkSize(std::span<const Entry> entries) const;
  void AdmitChunk(std::span<const Entry> entries,
                  kernels::ExecContext& context);
  std::vector<Active> MakeActive(std::span<const Entry> entries) const;
  void RunEncoder(std::span<const Entry> entries,
                  std::span<const std::int32_t> slots,
                  kernels::ExecContext& context);

  void Decode(kernels::ExecContext& context);
  void GatherRows(Group& group);
  models::Candidates Project(const Group& group,
                             kernels::Rows<const float> states,
                             kernels::ExecContext& context);
  void Advance(Group& group, const models::Candidates& best) noexcept;
  void Retire(Group& group) noexcept;
  void FailRunning(const std::exception_ptr& error) noexcept;

  const models::Model& model_;
  const TokenRules& rules_;
  Room capacity_;
  std::unique_ptr<models::DecodeState> state_;
  std::vector<std::int32_t> free_slots_;
  std::size_t beams_ = 0;              // most rows the sentences may come to
  std::vector<models::StepRow> rows_;  // of the last step
  std::vector<std::uint8_t> renormalized_;  // u8 [rows of a group]
  Group groups_[2];                         // with unedited and edited logits
  std::vector<Entry> entries_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_BATCH_H_
