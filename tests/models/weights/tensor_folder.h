// A folder with one safetensors file of tensors given in code, for tests.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_TENSOR_FOLDER_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_TENSOR_FOLDER_H_

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "models/weights/checkpoint.h"
#include "models/weights/matrix_source.h"
#include "tests/models/weights/test_folder.h"
#include "tests/models/weights/test_tensors.h"

namespace tessera::models {

class TensorFolder {
 public:
  using Shape = std::vector<std::size_t>;

  static std::size_t Size(const Shape& shape) {
    std::size_t size = 1;
    for (const std::size_t n : shape) size *= n;
    return size;
  }

  void Add(const std::string& name, const Shape& shape,
           const std::vector<float>& values) {
    std::string text;
    for (const std::size_t n : shape) {
      text += (text.empty() ? '[' : ',');
      text += std::to_string(n);
    }
    text += ']';
    tensors_.push_back(FloatTensor(name, text, values));
  }

  // Normally distributed numbers; the same ones for a seed.
  std::vector<float> AddRandom(const std::string& name, const Shape& shape,
                               float deviation = 1) {
    std::normal_distribution<float> normal(0, deviation);
    std::vector<float> values(Size(shape));
    for (float& value : values) value = normal(random_);
    Add(name, shape, values);
    return values;
  }

  // What was added so far, by the names of BART.
  MatrixSource Source() { return Source({.prefix = "", .rules = BartRules()}); }
  MatrixSource Source(const TensorNames& names) {
    folder_.Write("model.safetensors", SafetensorsFileBytes(tensors_));
    checkpoint_.emplace(Checkpoint::Open(ModelFolder(folder_.path())));
    return MatrixSource(*checkpoint_, names);
  }

  // What the last source reads.
  const Checkpoint& checkpoint() const { return *checkpoint_; }

  // The tensors that nobody has read from the last source.
  std::vector<std::string> Unused() const { return checkpoint_->Unused(); }

 private:
  TestFolder folder_;
  std::mt19937 random_{7};
  std::vector<StoredTensor> tensors_;
  std::optional<Checkpoint> checkpoint_;
};

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_TENSOR_FOLDER_H_
