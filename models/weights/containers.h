// The formats of weight files: those that are read, and those that are only
// recognised, so that a message can name them.
#ifndef TESSERA_MODELS_WEIGHTS_CONTAINERS_H_
#define TESSERA_MODELS_WEIGHTS_CONTAINERS_H_

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "models/files/model_folder.h"
#include "models/weights/tensor_file.h"

namespace tessera::models {

struct Container {
  std::string_view file;    // "model.safetensors"
  std::string_view suffix;  // of its shards, which FILE.index.json names
  // Throws tessera::Error with the file's name, the place, what is wanted there
  // and what was found.
  TensorFile (*open)(const std::filesystem::path& path);
};

// In the order in which Transformers looks for their files, each one's index
// after it.
std::span<const Container> Containers();

// What a file is, by its first bytes, given that it is none of the wanted
// format: "a GGUF file". Empty when unknown. Some magic numbers have two bytes
// only, which a safetensors header length may share, so ask once that has been
// ruled out.
std::string_view ForeignFormat(std::string_view prefix);

// Throws "FILE: want WANT, found a GGUF file" if that is what the file is.
void RefuseForeign(const File& file, std::string_view want);

// The first file in a folder, in order of names within each known kind, that
// holds weights in another format: "model.onnx (an ONNX graph)". Empty when
// there is none.
std::string ForeignWeightsIn(const ModelFolder& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_CONTAINERS_H_
