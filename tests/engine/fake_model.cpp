// The hash, and the model round it.
#include "tests/engine/fake_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

namespace tessera::engine {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();

// splitmix64's finaliser.
std::uint64_t Mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

void Require(bool kept, const char* promise) {
  if (!kept) throw std::logic_error(promise);
}

struct Row {
  HashedLogits::State state;
  std::int32_t sentence;
  std::size_t position;
};

struct FakeState : models::DecodeState {
  std::vector<HashedLogits::State> slots;
  std::vector<std::size_t> lengths;  // of the sources in the slots
  std::vector<bool> used;
  std::vector<Row> rows;
  std::vector<Row> next;
  std::vector<float> states;         // f32 [rows, 1]: bits of what was read
  std::vector<float> token_states;   // f32 [T, 1]
  std::vector<float> logits;         // f32 [V]
  std::vector<std::int32_t> order;   // i32 [V]
  std::vector<float> log_probs;      // f32 [rows, k]
  std::vector<std::int32_t> tokens;  // i32 [rows, k]
};

FakeState& Own(models::DecodeState& state) {
  return static_cast<FakeState&>(state);
}

// Adds the states of the row's tokens to those of the step.
Row NextRow(const HashedLogits& logits, FakeState& state,
            const models::StepRow& row) {
  const auto slot = static_cast<std::size_t>(row.sentence);
  Require(slot < state.used.size() && state.used[slot], "an admitted slot");
  Row before{state.slots[slot], row.sentence, 0};
  if (row.parent >= 0) {
    Require(static_cast<std::size_t>(row.parent) < state.rows.size(),
            "a parent of the previous step");
    before = state.rows[static_cast<std::size_t>(row.parent)];
    Require(before.sentence == row.sentence, "a parent of the same sentence");
  }
  Require(!row.tokens.empty(), "a token to read");
  const std::span<float> attention(row.attention,
                                   row.attention ? state.lengths[slot] : 0);
  std::ranges::fill(attention, 0.0f);
  for (const std::int32_t token : row.tokens) {
    before.state = HashedLogits::Read(before.state, token);
    logits.AddAttention(before.state, attention);
    state.token_states.push_back(std::bit_cast<float>(before.state));
  }
  return {before.state, row.sentence, before.position + row.tokens.size()};
}

float LogSumExp(std::span<const float> x) {
  double sum = 0;
  for (float value : x) sum += std::exp(static_cast<double>(value));
  return static_cast<float>(std::log(sum));
}

void Suppress(std::size_t row, const models::LogitEdits& edits,
              std::span<float> logits) {
  const auto drop = [&](std::int32_t token) {
    logits[static_cast<std::size_t>(token)] = kMinusInfinity;
  };
  for (const models::TokenOfRow& edit : edits.suppressed) {
    if (static_cast<std::size_t>(edit.row) == row) drop(edit.token);
  }
}

void Force(std::size_t row, const models::LogitEdits& edits,
           std::span<float> log_probs) {
  for (const models::TokenOfRow& edit : edits.forced) {
    if (static_cast<std::size_t>(edit.row) != row) continue;
    std::fill(log_probs.begin(), log_probs.end(), kMinusInfinity);
    log_probs[static_cast<std::size_t>(edit.token)] = 0;
  }
}

void KeepListed(std::size_t row, const models::LogitEdits& edits,
                std::span<float> logits) {
  if (edits.lists.empty() || !edits.lists[row]) return;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto id = static_cast<std::int32_t>(i);
    if (!std::ranges::binary_search(edits.lists[row]->ids, id)) {
      logits[i] = kMinusInfinity;
    }
  }
}

void Subtract(float normalizer, std::span<float> logits) {
  for (float& value : logits) value -= normalizer;
}

void LogProbs(std::size_t row, const models::LogitEdits& edits,
              std::span<float> logits) {
  const int kind = edits.normalised.empty() ? 0 : edits.normalised[row];
  if (kind != models::kAfterEdits) Subtract(LogSumExp(logits), logits);
  for (const models::AdjustedToken& edit : edits.adjusted) {
    if (static_cast<std::size_t>(edit.row) != row) continue;
    float& score = logits[static_cast<std::size_t>(edit.token)];
    if (score == kMinusInfinity) continue;
    score += edit.addend;
    score = score < 0 ? score * edit.penalty : score / edit.penalty;
    score += std::abs(score) * edit.growth;
  }
  Suppress(row, edits, logits);
  if (kind != models::kBeforeEdits) Subtract(LogSumExp(logits), logits);
  Force(row, edits, logits);
}

}  // namespace

HashedLogits::State HashedLogits::Start(
    std::span<const std::int32_t> source) const {
  auto state = static_cast<State>(Mix(seed_));
  for (std::int32_t id : source) state = Read(state, id);
  return Read(state, -1);
}

HashedLogits::State HashedLogits::Read(State state, std::int32_t token) {
  return static_cast<State>(
      Mix((std::uint64_t{state} << 32) + static_cast<std::uint32_t>(token)));
}

void HashedLogits::Fill(State state, std::span<float> logits) const {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const std::uint64_t bits = Mix((std::uint64_t{state} << 20) + i + seed_);
    logits[i] = -static_cast<float>(bits >> 40) * 0x1p-21F;
  }
  logits[0] += eos_bias;
}

std::vector<float> HashedLogits::Logits(State state) const {
  std::vector<float> logits(vocabulary_);
  Fill(state, logits);
  return logits;
}

void HashedLogits::AddAttention(State state, std::span<float> sums) const {
  const auto weight = [&](std::size_t i) {
    const std::uint64_t bits = Mix((std::uint64_t{state} << 20) + ~i + seed_);
    return std::exp2(-static_cast<float>(bits >> 40) * 0x1p-21F);
  };
  float total = 0;
  for (std::size_t i = 0; i < sums.size(); ++i) total += weight(i);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weight(i) / total;
}

models::AttentionMaps FakeModel::Explain(std::span<const std::int32_t> source,
                                         std::span<const std::int32_t> read,
                                         kernels::ExecContext&) const {
  models::AttentionMaps maps;
  maps.source.assign(source.begin(), source.end());
  maps.read.assign(read.begin(), read.end());
  models::AttentionMap& map =
      maps.cross.emplace_back(1, read.size(), source.size());
  HashedLogits::State state = logits.Start(source);
  for (std::size_t i = 0; i < read.size(); ++i) {
    state = HashedLogits::Read(state, read[i]);
    logits.AddAttention(state, {&map.at(0, i, 0), source.size()});
  }
  return maps;
}

// The encoder's states are the ids themselves.
models::EncoderStates FakeModel::Encode(const models::TokenBatch& batch,
                                        kernels::ExecContext& context) const {
  if (on_encode) on_encode(context.threads());
  for (std::size_t b = 0; b < batch.size(); ++b) {
    const std::int32_t length = batch.offsets[b + 1] - batch.offsets[b];
    Require(length >= 1 &&
                static_cast<std::size_t>(length) <= info_.max_source_tokens,
            "a source that fits");
  }
  models::EncoderStates encoded{kernels::AlignedBuffer<float>(batch.ids.size()),
                                {batch.offsets.begin(), batch.offsets.end()}};
  std::copy(batch.ids.begin(), batch.ids.end(), encoded.states.data());
  return encoded;
}

std::unique_ptr<models::DecodeState> FakeModel::Open(std::size_t sentences,
                                                     std::size_t rows) const {
  auto state = std::make_unique<FakeState>();
  state->slots.resize(sentences);
  state->lengths.resize(sentences);
  state->used.resize(sentences);
  state->rows.reserve(rows);
  state->next.reserve(rows);
  state->states.resize(rows);
  state->token_states.reserve(rows * info_.max_target_tokens);
  state->logits.resize(info_.target_vocabulary);
  state->order.resize(info_.target_vocabulary);
  state->log_probs.resize(rows * info_.target_vocabulary);
  state->tokens.resize(rows * info_.target_vocabulary);
  return state;
}

void FakeModel::Admit(const models::EncoderStates& encoded,
                      std::span<const std::int32_t> slots,
                      models::DecodeState& state, kernels::ExecContext&) const {
  Require(slots.size() + 1 == encoded.offsets.size(), "a slot a sentence");
  for (std::size_t b = 0; b < slots.size(); ++b) {
    const auto slot = static_cast<std::size_t>(slots[b]);
    Require(slot < Own(state).slots.size(), "a slot that exists");
    std::vector<std::int32_t> source;
    for (auto i = encoded.offsets[b]; i < encoded.offsets[b + 1]; ++i) {
      source.push_back(static_cast<std::int32_t>(
          encoded.states[static_cast<std::size_t>(i)]));
    }
    Own(state).slots[slot] = logits.Start(source);
    Own(state).lengths[slot] = source.size();
    Own(state).used[slot] = true;
  }
}

models::StepStates FakeModel::Step(std::span<const models::StepRow> rows,
                                   models::DecodeState& state,
                                   kernels::ExecContext& context) const {
  if (on_step) on_step(context.threads());
  if (on_rows) on_rows(rows);
  FakeState& own = Own(state);
  Require(!rows.empty() && rows.size() <= own.states.size(),
          "as many rows as there is room for");
  own.next.clear();
  own.token_states.clear();
  for (const models::StepRow& row : rows) {
    own.next.push_back(NextRow(logits, own, row));
    Require(own.next.back().position <= info_.max_target_tokens,
            "a position of the decoder");
  }
  std::swap(own.rows, own.next);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    own.states[r] = std::bit_cast<float>(own.rows[r].state);
  }
  const auto states =
      kernels::Dense<const float>(own.states.data(), rows.size(), 1);
  return {.tokens = kernels::Dense<const float>(own.token_states.data(),
                                                own.token_states.size(), 1),
          .last = states};
}

models::Candidates FakeModel::Project(kernels::Rows<const float> states,
                                      const models::LogitEdits& edits,
                                      std::size_t k, models::DecodeState& state,
                                      kernels::ExecContext&) const {
  FakeState& own = Own(state);
  Require(k >= 1 && k <= own.logits.size(), "1 <= k <= V");
  Require(edits.normalised.empty() || edits.normalised.size() == states.rows,
          "a flag a row");
  for (std::size_t r = 0; r < states.rows; ++r) {
    logits.Fill(std::bit_cast<std::uint32_t>(states[r][0]), own.logits);
    KeepListed(r, edits, own.logits);
    LogProbs(r, edits, own.logits);
    std::iota(own.order.begin(), own.order.end(), 0);
    const auto value = [&](std::int32_t id) {
      return own.logits[static_cast<std::size_t>(id)];
    };
    std::sort(own.order.begin(), own.order.end(),
              [&](std::int32_t a, std::int32_t b) {
                return value(a) != value(b) ? value(a) > value(b) : a < b;
              });
    for (std::size_t c = 0; c < k; ++c) {
      own.log_probs[r * k + c] = value(own.order[c]);
      own.tokens[r * k + c] = own.order[c];
    }
  }
  return {
      kernels::Dense<const float>(own.log_probs.data(), states.rows, k),
      kernels::Dense<const std::int32_t>(own.tokens.data(), states.rows, k)};
}

void FakeModel::Logits(kernels::Rows<const float> states,
                       kernels::Rows<float> rows, kernels::ExecContext&) const {
  for (std::size_t r = 0; r < states.rows; ++r) {
    logits.Fill(std::bit_cast<std::uint32_t>(states[r][0]),
                {rows[r], rows.cols});
  }
}

models::ModelInfo FakeInfo(std::size_t vocabulary) {
  models::ModelInfo info;
  info.architecture = "fake";
  info.source_vocabulary = vocabulary;
  info.target_vocabulary = vocabulary;
  info.max_source_tokens = 64;
  info.max_target_tokens = 63;
  info.width = 1;
  info.stored_types = "none";
  info.compute_type = "f32";
  info.generation.num_beams = 4;
  info.generation.max_length = 64;
  info.generation.eos_token_ids = {0};
  info.generation.decoder_start_token_id =
      static_cast<std::int32_t>(vocabulary - 1);
  return info;
}

}  // namespace tessera::engine
