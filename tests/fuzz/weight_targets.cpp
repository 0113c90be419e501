// Files of weights: opened as loading opens them, all values read.
#include "models/files/model_folder.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/readers.h"
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {

void SafetensorsTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("model.safetensors", bytes);
  ReadWeights(models::ModelFolder(folder.path()));
}

void TorchTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("pytorch_model.bin", bytes);
  ReadWeights(models::ModelFolder(folder.path()));
}

}  // namespace tessera::fuzz
