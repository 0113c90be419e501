// One safetensors file: its tensors and their bytes.
#ifndef TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_
#define TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "models/files/file.h"
#include "models/weights/tensor_info.h"

namespace tessera::models {

// Longest header read. Real ones have 100 bytes a tensor.
inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;

// An open file of this layout, all of it checked when opened:
//   u64 little-endian N | N bytes of JSON header | data of the tensors
class SafetensorsFile {
 public:
  // Throws tessera::Error with the file's name, the tensor where it concerns
  // one, and the rule broken (safetensors_header.h lists them). A file of
  // another known format is named as such.
  static SafetensorsFile Open(const std::filesystem::path& path);

  const std::string& name() const { return file_.name(); }
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  // Copies out.size() bytes of a tensor of this file, from `offset` in it on.
  // Requires: offset + out.size() <= tensor.bytes().
  void ReadAt(const TensorInfo& tensor, std::uint64_t offset,
              std::span<std::byte> out) const;

 private:
  SafetensorsFile(File file, std::uint64_t data_begin,
                  std::vector<TensorInfo> tensors)
      : file_(std::move(file)),
        data_begin_(data_begin),
        tensors_(std::move(tensors)) {}

  File file_;
  std::uint64_t data_begin_;
  std::vector<TensorInfo> tensors_;  // in the order of their data
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_SAFETENSORS_H_
