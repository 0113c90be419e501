// Reads the tensors of one architecture by their Hugging Face names.
#ifndef TESSERA_MODELS_WEIGHTS_MATRIX_SOURCE_H_
#define TESSERA_MODELS_WEIGHTS_MATRIX_SOURCE_H_

#include <cstddef>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "models/weights/checkpoint.h"

namespace tessera::models {

// Names are given without the prefix of the class with a head ("model."):
// folders saved from the headless class lack it, and both are read.
class WeightReader {
 public:
  WeightReader(const Checkpoint& checkpoint, std::string prefix);

  bool Has(const std::string& name) const;

  // Throws Error unless the tensor is there with this shape.
  void Check(const std::string& name, std::span<const std::size_t> shape) const;

  // The tensor as f32, row-major. Throws Error unless it has this shape.
  std::vector<float> Read(const std::string& name,
                          std::span<const std::size_t> shape);
  std::vector<float> Read(const std::string& name,
                          std::initializer_list<std::size_t> shape) {
    return Read(name, std::span(shape.begin(), shape.size()));
  }

  // Whether both are there with the same bytes.
  bool Same(const std::string& a, const std::string& b) const;

  // Of everything read so far.
  std::size_t parameters() const { return parameters_; }
  std::string stored_types() const;  // "BF16, F32"

  const Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  // The name as stored; the unprefixed one if neither is there.
  std::string Stored(const std::string& name) const;

  const Checkpoint& checkpoint_;
  std::string prefix_;
  std::size_t parameters_ = 0;
  std::set<std::string> types_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_MATRIX_SOURCE_H_
