// A tiny, complete Marian folder in parts that can be spoilt.
#ifndef TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_DRAFT_H_
#define TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_DRAFT_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace tessera::models {

inline const std::string kWeights = "model.safetensors";
inline const std::string kShared = "model.shared.weight";  // the first tensor
inline const std::string kBias = "final_logits_bias";      // the last

struct ModelDraft {
  // Keys and values are JSON text; a key may stand twice.
  using Members = std::vector<std::pair<std::string, std::string>>;

  Members config;
  Members generation_config;
  Members header;  // of model.safetensors: name -> entry
  std::string data;

  // Replaces the value of a key, or adds it.
  static void Set(Members& members, const std::string& key,
                  const std::string& value);
  static std::string Text(const Members& members);

  void Write(const std::filesystem::path& folder) const;
};

// D = 4, F = 6, 2 heads, 1 + 1 layers, a vocabulary of 8, all float32.
ModelDraft TinyMarian();

struct TinyTensor {
  std::string name;
  std::vector<std::size_t> shape;
};

// What TinyMarian has, in the order of its data.
std::vector<TinyTensor> TinyMarianTensors();

// Adds TinyMarian's tensors, with values that tell them apart, to the end of
// a draft.
void AppendTinyTensors(ModelDraft& draft);

// The begin and the end of a tensor in TinyMarian's data.
std::pair<std::size_t, std::size_t> TinyRange(const std::string& tensor);

void WriteFile(const std::filesystem::path& path, const std::string& contents);

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_DRAFT_H_
