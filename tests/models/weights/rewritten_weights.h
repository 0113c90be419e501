// The tensors of a file of weights, and files of them in other formats.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_REWRITTEN_WEIGHTS_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_REWRITTEN_WEIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/weights/containers.h"
#include "tests/models/weights/test_tensors.h"
#include "tests/models/weights/test_torch.h"

namespace tessera::models {

struct WholeTensor {
  TensorInfo info;
  std::string bytes;  // row by row
};
using WholeTensors = std::vector<WholeTensor>;

// Those of all files of weights in a folder.
inline WholeTensors ReadWeights(const std::filesystem::path& folder) {
  WholeTensors tensors;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto suffix = entry.path().extension();
    if (suffix != ".bin" && suffix != ".safetensors") continue;
    const auto open = suffix == ".bin" ? OpenTorchFile : OpenSafetensors;
    const TensorFile file = open(entry.path());
    for (const TensorInfo& info : file.tensors()) {
      std::string bytes(info.elements() * Bits(info.dtype) / 8, '\0');
      TensorReader(file, info)
          .Read(0, std::as_writable_bytes(std::span(bytes)));
      tensors.push_back({info, bytes});
    }
  }
  return tensors;
}

// The same numbers in float64; of float16 and float32.
inline WholeTensor AsDoubles(const WholeTensor& tensor) {
  std::vector<float> floats(tensor.info.elements());
  if (tensor.info.dtype == DType::kF16) {
    std::vector<std::uint16_t> halves(floats.size());
    std::memcpy(halves.data(), tensor.bytes.data(), tensor.bytes.size());
    ConvertF16(halves, floats);
  } else {
    std::memcpy(floats.data(), tensor.bytes.data(), tensor.bytes.size());
  }
  WholeTensor doubles = {
      tensor.info, BytesOf(std::vector<double>(floats.begin(), floats.end()))};
  doubles.info.dtype = DType::kF64;
  return doubles;
}

// What the formats call the type of a tensor that a test has.
struct TypeNames {
  const char* safetensors;
  const char* torch;
};
inline TypeNames NamesOf(DType dtype) {
  if (dtype == DType::kF16) return {"F16", "HalfStorage"};
  if (dtype == DType::kF64) return {"F64", "DoubleStorage"};
  return {"F32", "FloatStorage"};
}

inline std::string SafetensorsOf(std::span<const WholeTensor> tensors) {
  std::vector<StoredTensor> stored;
  for (const WholeTensor& tensor : tensors) {
    stored.push_back({tensor.info.name, NamesOf(tensor.info.dtype).safetensors,
                      FormatShape(tensor.info.shape), tensor.bytes});
  }
  return SafetensorsFileBytes(stored);
}

// A state_dict in a zip archive.
inline std::string TorchFileOf(std::span<const WholeTensor> tensors) {
  namespace p = pickle;
  std::vector<std::string> state;
  std::vector<ZipMember> members = {{.name = "a/data.pkl", .bytes = ""}};
  for (const WholeTensor& tensor : tensors) {
    const std::string key = std::to_string(members.size());
    std::vector<std::int64_t> sizes, strides;
    std::int64_t step = 1;
    for (auto size = tensor.info.shape.rbegin();
         size != tensor.info.shape.rend(); ++size) {
      sizes.insert(sizes.begin(), static_cast<std::int64_t>(*size));
      strides.insert(strides.begin(), step);
      step *= sizes.front();
    }
    state.push_back(p::Text(tensor.info.name));
    state.push_back(p::Tensor(
        {.storage = p::Storage({.type = NamesOf(tensor.info.dtype).torch,
                                .key = key,
                                .elements = step}),
         .sizes = sizes,
         .strides = strides}));
    members.push_back({.name = "a/data/" + key, .bytes = tensor.bytes});
  }
  members.front().bytes = p::Object(p::Dict(state));
  return ZipBytes(members);
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_REWRITTEN_WEIGHTS_H_
