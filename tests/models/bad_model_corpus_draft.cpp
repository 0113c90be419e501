// The tiny Marian: its configuration, tensors and values.
#include "tests/models/bad_model_corpus_draft.h"

#include <fstream>
#include <stdexcept>

#include "models/weights/tensor_file.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {
namespace {

constexpr std::size_t kWidth = 4;
constexpr std::size_t kFeedForward = 6;
constexpr std::size_t kVocabulary = 8;

std::size_t Elements(const std::vector<std::size_t>& shape) {
  std::size_t elements = 1;
  for (const std::size_t dimension : shape) elements *= dimension;
  return elements;
}

}  // namespace

void ModelDraft::Set(Members& members, const std::string& key,
                     const std::string& value) {
  for (auto& member : members) {
    if (member.first != key) continue;
    member.second = value;
    return;
  }
  members.push_back({key, value});
}

std::string ModelDraft::Text(const Members& members) {
  std::string text;
  for (const auto& [key, value] : members) {
    text += (text.empty() ? "{\"" : ",\"") + key + "\":" + value;
  }
  return text.empty() ? "{}" : text + "}";
}

void ModelDraft::Write(const std::filesystem::path& folder) const {
  WriteFile(folder / "config.json", Text(config));
  WriteFile(folder / "generation_config.json", Text(generation_config));
  WriteFile(folder / kWeights, SafetensorsFileBytes(Text(header), data));
}

std::vector<TinyTensor> TinyMarianTensors() {
  std::vector<TinyTensor> tensors = {{kShared, {kVocabulary, kWidth}}};
  const auto add = [&](const std::string& name, std::size_t out,
                       std::size_t in) {
    tensors.push_back({name + ".weight", {out, in}});
    tensors.push_back({name + ".bias", {out}});
  };
  const auto add_norm = [&](const std::string& name) {
    tensors.push_back({name + ".weight", {kWidth}});
    tensors.push_back({name + ".bias", {kWidth}});
  };
  const auto add_attention = [&](const std::string& name) {
    for (const char* projection : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
      add(name + "." + projection, kWidth, kWidth);
    }
    add_norm(name + "_layer_norm");
  };
  const auto add_layer = [&](const std::string& layer, bool cross) {
    add_attention(layer + ".self_attn");
    if (cross) add_attention(layer + ".encoder_attn");
    add(layer + ".fc1", kFeedForward, kWidth);
    add(layer + ".fc2", kWidth, kFeedForward);
    add_norm(layer + ".final_layer_norm");
  };
  add_layer("model.encoder.layers.0", false);
  add_layer("model.decoder.layers.0", true);
  tensors.push_back({kBias, {1, kVocabulary}});
  return tensors;
}

ModelDraft TinyMarian() {
  ModelDraft draft;
  draft.config = {
      {"model_type", "\"marian\""},
      {"d_model", "4"},
      {"encoder_layers", "1"},
      {"decoder_layers", "1"},
      {"encoder_attention_heads", "2"},
      {"decoder_attention_heads", "2"},
      {"encoder_ffn_dim", "6"},
      {"decoder_ffn_dim", "6"},
      {"max_position_embeddings", "16"},
      {"vocab_size", "8"},
      {"pad_token_id", "7"},
      {"activation_function", "\"swish\""},
  };
  draft.generation_config = {
      {"eos_token_id", "0"},
      {"pad_token_id", "7"},
      {"decoder_start_token_id", "7"},
      {"bad_words_ids", "[[7]]"},
      {"num_beams", "4"},
      {"max_length", "16"},
  };
  AppendTinyTensors(draft);
  return draft;
}

void AppendTinyTensors(ModelDraft& draft) {
  float value = 0.0f;
  for (const auto& [name, shape] : TinyMarianTensors()) {
    std::vector<float> values(Elements(shape));
    for (float& v : values) v = (value += 0.125f);
    const std::size_t begin = draft.data.size();
    draft.data += BytesOf(values);
    draft.header.push_back({name, HeaderEntry("F32", FormatShape(shape), begin,
                                              draft.data.size())});
  }
}

std::pair<std::size_t, std::size_t> TinyRange(const std::string& tensor) {
  std::size_t begin = 0;
  for (const auto& [name, shape] : TinyMarianTensors()) {
    const std::size_t end = begin + 4 * Elements(shape);
    if (name == tensor) return {begin, end};
    begin = end;
  }
  throw std::logic_error("no tensor " + tensor);
}

void WriteFile(const std::filesystem::path& path, const std::string& contents) {
  std::ofstream out(path, std::ios::binary);
  out.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  out.close();
  if (!out) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace tessera::models
