// The weights of a model folder, whether in one file or in shards.
#ifndef TESSERA_MODELS_WEIGHTS_CHECKPOINT_H_
#define TESSERA_MODELS_WEIGHTS_CHECKPOINT_H_

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/model_folder.h"
#include "models/weights/tensor_file.h"

namespace tessera::models {

struct Container;

// Tensors by name. Opening checks every header; values are read one tensor at
// a time into the caller's memory, so that loading holds what the caller keeps
// and one tensor more. Use from one thread at a time.
class Checkpoint {
 public:
  // Opens the weights of a Hugging Face folder: the first that is there of
  // model.safetensors, the shards that model.safetensors.index.json names, and
  // the same of the other containers (containers.h). Throws tessera::Error for
  // a malformed file, for an index and shards that disagree, for a tensor found
  // in two shards, and when the folder has none of these; the message then
  // names weights in another format if there are any.
  static Checkpoint Open(const ModelFolder& folder);

  // What the files say about a tensor; nullptr when it is absent.
  const TensorInfo* Find(std::string_view name) const;
  std::vector<std::string> Names() const;  // sorted

  // Throws as Read does for an absent tensor, another type or another shape,
  // without reading values: before memory is taken for what follows from them.
  void Check(std::string_view name,
             std::span<const std::size_t> want_shape) const;

  // Reads a tensor as float32, row-major. Marks it as used. Throws
  // tessera::Error unless it is there with exactly this shape and a type of
  // F32, F16, BF16 (both exact in float32) or F64 (rounded), and all its values
  // are finite:
  //   model.safetensors: decoder.fc1.weight: want f32/f16/bf16/f64 [2048, 512],
  //   found f32 [512, 2048]
  // Requires: out.size() is the product of want_shape.
  void Read(std::string_view name, std::span<const std::size_t> want_shape,
            std::span<float> out) const;

  // The same for values [first, first + out.size()) of the tensor, so that one
  // is never held whole.
  void ReadPart(std::string_view name, std::span<const std::size_t> want_shape,
                std::size_t first, std::span<float> out) const;

  // All values into new memory, taken once the file is known to hold a tensor
  // of this shape: a size that only config.json claims allocates nothing.
  std::vector<float> Read(std::string_view name,
                          std::span<const std::size_t> want_shape) const;

  // Whether two tensors have the same type, shape and values, bit for bit: a
  // tied matrix stored under both its names. False when either is absent. Marks
  // both as used when they are the same.
  bool SameBytes(std::string_view a, std::string_view b) const;

  // The names of tensors that nobody has used so far, sorted.
  std::vector<std::string> Unused() const;

 private:
  struct Entry {
    TensorInfo info;
    std::size_t file = 0;  // in files_
  };

  Checkpoint() = default;
  void AddFile(TensorFile file);
  void AddShards(const ModelFolder& folder, const Container& container);
  const Entry* FindEntry(std::string_view name) const;
  const Entry& Require(std::string_view name,
                       std::span<const std::size_t> want_shape) const;
  const TensorFile& FileOf(const Entry& entry) const {
    return files_[entry.file];
  }
  // Of tensors with the same type and shape.
  bool SameValues(const Entry& a, const Entry& b) const;
  // "model.safetensors: NAME", with which messages begin.
  std::string Where(const Entry& entry) const;

  std::string name_;  // model.safetensors or its index, for absent tensors
  std::vector<TensorFile> files_;
  std::map<std::string, Entry, std::less<>> entries_;
  mutable std::set<std::string, std::less<>> used_;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_CHECKPOINT_H_
