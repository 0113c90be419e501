// Files of weights: opened as loading opens them, all values read.
#include <vector>

#include "models/files/model_folder.h"
#include "models/weights/checkpoint.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {
namespace {

void ReadAll(const models::Checkpoint& checkpoint) {
  std::string before;
  for (const std::string& name : checkpoint.Names()) {
    const std::vector<std::size_t> shape = checkpoint.Find(name)->shape;
    MayRefuse([&] { checkpoint.Read(name, shape); });
    MayRefuse([&] { checkpoint.SameBytes(before, name); });
    before = name;
  }
}

}  // namespace

void SafetensorsTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("model.safetensors", bytes);
  MayRefuse([&] {
    ReadAll(models::Checkpoint::Open(models::ModelFolder(folder.path())));
  });
}

void TorchTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("pytorch_model.bin", bytes);
  MayRefuse([&] {
    ReadAll(models::Checkpoint::Open(models::ModelFolder(folder.path())));
  });
}

}  // namespace tessera::fuzz
