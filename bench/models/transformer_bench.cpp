// A base model (D 512, F 2048, 8 heads, 6 + 6 layers) of the family beside one
// of Marian with the same sizes and weights, in turn.
//
//   Encode/B:32/S:24       a batch of sentences
//   Decode/rows:32/T:16    steps of a batch, projection included
//
// `ratio`: how many times as fast the family's is.
#include "bench/models/in_turn.h"
#include "bench/models/random_folder.h"
#include "kernels/isa.h"
#include "models/model.h"

namespace tessera::models {
namespace {

using Ids = std::vector<std::int32_t>;

constexpr std::size_t kWidth = 512, kHidden = 2048, kLayers = 6;
constexpr std::size_t kVocabulary = 32'000;

void AddAttention(RandomFolder& folder, const std::string& name) {
  for (const char* part : {".q_proj", ".k_proj", ".v_proj", ".out_proj"}) {
    folder.AddLinear(name + part, kWidth, kWidth);
  }
  folder.AddNorm(name + "_layer_norm", kWidth);
}

void AddLayers(RandomFolder& folder, const std::string& prefix, bool decoder) {
  for (std::size_t i = 0; i < kLayers; ++i) {
    const std::string layer = prefix + std::to_string(i);
    AddAttention(folder, layer + ".self_attn");
    if (decoder) AddAttention(folder, layer + ".encoder_attn");
    folder.AddLinear(layer + ".fc1", kHidden, kWidth);
    folder.AddLinear(layer + ".fc2", kWidth, kHidden);
    folder.AddNorm(layer + ".final_layer_norm", kWidth);
  }
}

constexpr const char* kGeneration =
    R"("eos_token_id": 1, "pad_token_id": 0, "decoder_start_token_id": 2})";

std::unique_ptr<Model> Load(const char* config) {
  RandomFolder folder;
  folder.AddMatrix("shared.weight", kVocabulary, kWidth);
  AddLayers(folder, "encoder.layers.", false);
  AddLayers(folder, "decoder.layers.", true);
  folder.Write(std::string(config) + kGeneration);
  return LoadModel(ModelFolder(folder.path()));
}

std::unique_ptr<Model> Marian() {
  return Load(R"({"model_type": "marian", "d_model": 512,
      "encoder_layers": 6, "decoder_layers": 6, "encoder_attention_heads": 8,
      "decoder_attention_heads": 8, "encoder_ffn_dim": 2048,
      "decoder_ffn_dim": 2048, "vocab_size": 32000, "scale_embedding": true,
      "max_position_embeddings": 512, "activation_function": "relu",)");
}

std::unique_ptr<Model> Vanilla() {
  return Load(R"({"model_type": "tessera_transformer", "d_model": 512,
      "num_heads": 8, "ffn_dim": 2048, "encoder_layers": 6,
      "decoder_layers": 6, "source_vocab_size": 32000,
      "target_vocab_size": 32000, "max_source_positions": 512,
      "max_target_positions": 512, "positions": "sinusoid_half",)");
}

// One model with its work.
class Work {
 public:
  Work(std::unique_ptr<Model> model, std::size_t sentences, std::size_t tokens)
      : model_(std::move(model)) {
    for (std::size_t b = 0; b < sentences; ++b) {
      slots_.push_back(static_cast<std::int32_t>(b));
      for (std::size_t i = 0; i < tokens; ++i) {
        ids_.push_back(static_cast<std::int32_t>(3 + (b * 977 + i * 131) %
                                                         (kVocabulary - 3)));
      }
      offsets_.push_back(static_cast<std::int32_t>(ids_.size()));
    }
    state_ = model_->Open(sentences, sentences);
  }

  void Encode() {
    encoded_ = model_->Encode({.ids = ids_, .offsets = offsets_}, context_);
  }
  void Admit() { model_->Admit(encoded_, slots_, *state_, context_); }
  void Decode(std::size_t steps) {
    rows_.clear();
    tokens_.assign(slots_.size(), 2);
    for (std::size_t r = 0; r < slots_.size(); ++r) {
      rows_.push_back({slots_[r], -1, {&tokens_[r], 1}});
    }
    for (std::size_t t = 0; t < steps; ++t) {
      const auto states = model_->Step(rows_, *state_, context_).last;
      const Candidates best = model_->Project(states, {}, 1, *state_, context_);
      for (std::size_t r = 0; r < rows_.size(); ++r) {
        rows_[r].parent = static_cast<std::int32_t>(r);
        tokens_[r] = best.tokens[r][0];
      }
    }
  }

 private:
  std::unique_ptr<Model> model_;
  Ids ids_, offsets_ = {0}, slots_, tokens_;
  EncoderStates encoded_;
  std::unique_ptr<DecodeState> state_;
  std::vector<StepRow> rows_;
  kernels::ExecContext context_;
};

void MeasureEncode(benchmark::State& state, std::size_t sentences) {
  Work marian(Marian(), sentences, 24), vanilla(Vanilla(), sentences, 24);
  InTurn(
      state, "marian", [&] { marian.Encode(); }, "vanilla",
      [&] { vanilla.Encode(); });
}

void MeasureDecode(benchmark::State& state, std::size_t sentences) {
  Work marian(Marian(), sentences, 24), vanilla(Vanilla(), sentences, 24);
  for (Work* work : {&marian, &vanilla}) {
    work->Encode();
    work->Admit();
  }
  InTurn(
      state, "marian", [&] { marian.Decode(16); }, "vanilla",
      [&] { vanilla.Decode(16); });
}

void Register(const std::string& name,
              void (*measure)(benchmark::State&, std::size_t),
              std::size_t sentences) {
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    measure(state, sentences);
  })->Iterations(15);
}

}  // namespace
}  // namespace tessera::models

int main(int argc, char** argv) {
  using namespace tessera;
  using namespace tessera::models;
  kernels::CheckIsaRequest();
  for (const std::size_t batch : {1u, 32u}) {
    const std::string n = std::to_string(batch);
    Register("Encode/B:" + n + "/S:24", MeasureEncode, batch);
    Register("Decode/rows:" + n + "/T:16", MeasureDecode, batch);
  }
  return kernels::RunBenchmarks(argc, argv);
}
