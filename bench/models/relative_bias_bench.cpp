// An encoder of FLAN-T5-base's layers (D 768, F 2048 gated, 12 heads) with
// biases by distance beside one without, same weights, in turn.
//
//   Encode/B:32/S:24   sentences
//   Encode/B:1/S:512   a document
//
// `ratio`: how many times as fast the one without biases is: 1.03 at most.
#include "bench/models/in_turn.h"
#include "bench/models/random_folder.h"
#include "kernels/isa.h"
#include "models/layers/encoder.h"
#include "models/weights/checkpoint.h"

namespace tessera::models {
namespace {

constexpr std::size_t kWidth = 768, kHidden = 2048, kHeads = 12, kLayers = 4;

StackShape Shape(bool biased) {
  StackShape shape = {.layers = kLayers,
                      .width = kWidth,
                      .attention = {.heads = kHeads,
                                    .key_width = kWidth / kHeads,
                                    .value_width = kWidth / kHeads,
                                    .score = Score::kDot},
                      .hidden_width = kHidden,
                      .activation = kernels::Activation::kGeluTanh,
                      .gated = true,
                      .norm = {.first = true, .kind = kernels::NormKind::kRms}};
  if (biased) shape.relative = {.count = 32, .reach = 128, .both_ways = true};
  return shape;
}

TensorNames Names() {
  TensorNames names;
  for (const char* block : {"self_attention", "feed_forward"}) {
    const std::string layer = "layers.*." + std::string(block);
    names.rules.push_back({layer + ".norm", {layer + ".norm"}});
    names.rules.push_back({layer + ".*", {layer + ".*"}, {.vector = ""}});
  }
  names.rules.push_back({"norm", {"norm"}});
  return names;
}

void Fill(RandomFolder& folder) {
  for (std::size_t i = 0; i < kLayers; ++i) {
    const std::string layer = "layers." + std::to_string(i);
    for (const char* part : {"query", "key", "value", "output"}) {
      folder.AddMatrix(layer + ".self_attention." + part + ".weight", kWidth,
                       kWidth);
    }
    folder.AddMatrix(layer + ".self_attention.relative_bias.weight", 32,
                     kHeads);
    folder.AddMatrix(layer + ".feed_forward.in.weight", kHidden, kWidth);
    folder.AddMatrix(layer + ".feed_forward.gate.weight", kHidden, kWidth);
    folder.AddMatrix(layer + ".feed_forward.out.weight", kWidth, kHidden);
    folder.AddVector(layer + ".self_attention.norm.weight", kWidth);
    folder.AddVector(layer + ".feed_forward.norm.weight", kWidth);
  }
  folder.AddVector("norm.weight", kWidth);
  folder.Write("{}");
}

class Work {
 public:
  Work(const MatrixSource& source, bool biased, std::size_t sentences,
       std::size_t tokens)
      : encoder_(source, Shape(biased)), states_(sentences * tokens * kWidth) {
    for (std::size_t b = 1; b <= sentences; ++b) {
      offsets_.push_back(static_cast<std::int32_t>(b * tokens));
    }
  }

  void Encode() {
    for (std::size_t i = 0; i < states_.size(); ++i) {
      states_[i] = static_cast<float>(i % 2003) / 2003 - 0.5f;
    }
    const SourceVisibility visibility({}, {}, offsets_);
    encoder_.Run(
        {kernels::Dense(states_.data(), states_.size() / kWidth, kWidth),
         offsets_, visibility},
        context_);
  }

 private:
  Encoder encoder_;
  std::vector<float> states_;
  std::vector<std::int32_t> offsets_ = {0};
  kernels::ExecContext context_;
};

void Measure(benchmark::State& state, std::size_t sentences,
             std::size_t tokens) {
  RandomFolder folder;
  Fill(folder);
  const ModelFolder opened(folder.path());
  const Checkpoint checkpoint = Checkpoint::Open(opened);
  const MatrixSource source(checkpoint, Names());
  Work biased(source, true, sentences, tokens);
  Work plain(source, false, sentences, tokens);
  InTurn(
      state, "biased", [&] { biased.Encode(); }, "plain",
      [&] { plain.Encode(); });
}

}  // namespace
}  // namespace tessera::models

int main(int argc, char** argv) {
  using namespace tessera;
  kernels::CheckIsaRequest();
  for (const auto& [sentences, tokens] :
       {std::pair<std::size_t, std::size_t>{32, 24}, {1, 512}}) {
    const std::string name = "Encode/B:" + std::to_string(sentences) +
                             "/S:" + std::to_string(tokens);
    benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
      models::Measure(state, sentences, tokens);
    })->Iterations(31);
  }
  return kernels::RunBenchmarks(argc, argv);
}
