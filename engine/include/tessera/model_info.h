// Facts of a loaded model.
#ifndef TESSERA_MODEL_INFO_H_
#define TESSERA_MODEL_INFO_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace tessera {

// Grows at the end, as options do.
struct ModelInfo {
  std::string architecture;  // model_type of its config.json: "marian"
  // What the architecture tells of its layers and switches, name and value, for
  // people; the names may change.
  std::vector<std::pair<std::string, std::string>> dimensions;
  std::size_t width = 0;              // of its states
  std::size_t source_vocabulary = 0;  // embeddings; the tokenizer may use fewer
  std::size_t target_vocabulary = 0;
  std::size_t source_pieces = 0;  // entries of the tokenizer's vocabularies
  std::size_t target_pieces = 0;
  std::size_t max_source_tokens = 0;  // longest text that it reads, as
                                      // Translator::CountTokens counts
  std::size_t max_target_tokens = 0;  // longest output, without start token
  std::size_t parameters = 0;
  std::size_t memory_bytes = 0;             // of its weights
  std::string stored_types;                 // of its files: "f16", "bf16, f32"
  std::string compute_type;                 // of its products: "f32"
  std::vector<std::string> unused_tensors;  // of its files, by name

  // What TranslateOptions leave open is done so, by generation_config.json.
  std::size_t beam_size = 1;
  double length_penalty = 1;
  std::string length_penalty_form;  // "power" or "gnmt"
  std::string early_stopping;       // "false", "true", "never" or "top_beam"
  std::size_t max_length = 0;

  std::vector<std::string> languages;  // codes, sorted; of few models any
  // The CPU level that a folder of `tessera pack` was made for, "avx512vnni";
  // empty for any other.
  std::string packed_for;
  std::size_t decoder_layers = 0;
  std::size_t decoder_heads = 0;  // of each layer
  // What its user should know, a sentence each: matrices that are tied and
  // differ, options that are ignored, a vocabulary beyond the embeddings.
  std::vector<std::string> warnings;
  std::string cache_type;  // of the keys and values of decoding: "bf16"
};

}  // namespace tessera

#endif  // TESSERA_MODEL_INFO_H_
