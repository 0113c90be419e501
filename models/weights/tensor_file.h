// An open file of weights, whatever its format.
#ifndef TESSERA_MODELS_WEIGHTS_TENSOR_FILE_H_
#define TESSERA_MODELS_WEIGHTS_TENSOR_FILE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/files/file.h"
#include "models/weights/dtype.h"

namespace tessera::models {

// What a file may hold, whatever its format.
inline constexpr std::size_t kMaxTensors = 65'536;
inline constexpr std::size_t kMaxTensorNameBytes = 256;
inline constexpr std::size_t kMaxRank = 8;

// Throws tessera::Error unless name is acceptable as a tensor's: 1 to
// kMaxTensorNameBytes printable ASCII characters.
void CheckTensorName(const std::string& file, std::string_view name);

// What a file says about one of its tensors.
struct TensorInfo {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::size_t> shape;  // empty: a scalar

  // Elements from one index to the next, in each dimension. Empty: row-major
  // without gaps, as every safetensors file has it.
  std::vector<std::size_t> strides = {};

  // Where the values lie in the file, little-endian: [begin_bytes, end_bytes),
  // from the first element to the last. The loader has checked that shape,
  // strides and type need exactly these bytes. Tensors may share bytes.
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;

  std::uint64_t bytes() const { return end_bytes - begin_bytes; }
  std::uint64_t elements() const;

  // Whether strides give an element more than once, so that a small file can
  // claim a large tensor.
  bool repeats() const { return elements() > bytes() * 8 / Bits(dtype); }
};

// "[2048, 512]"; "[]" for a scalar.
std::string FormatShape(std::span<const std::size_t> shape);

// What a container's reader makes of a file: tensors, and where in it their
// values lie. Each function that opens one (containers.h lists them) checks the
// whole structure first, so that nothing here leads out of the file. Values are
// read in place: what is compressed or encrypted is refused.
class TensorFile {
 public:
  using Metadata = std::map<std::string, std::string, std::less<>>;

  TensorFile(File file, std::vector<TensorInfo> tensors, Metadata metadata = {})
      : file_(std::move(file)),
        tensors_(std::move(tensors)),
        metadata_(std::move(metadata)) {}

  const std::string& name() const { return file_.name(); }
  const std::vector<TensorInfo>& tensors() const { return tensors_; }
  // What else the file says, where its format has room for that.
  const Metadata& metadata() const { return metadata_; }

  // Copies out.size() bytes of those that a tensor of this file occupies, from
  // `offset` in them on. Requires: offset + out.size() <= tensor.bytes().
  void ReadAt(const TensorInfo& tensor, std::uint64_t offset,
              std::span<std::byte> out) const {
    file_.ReadAt(tensor.begin_bytes + offset, out);
  }

  // All of the file, for one that this program has written (file.h).
  MappedBytes Map() const { return file_.Map(); }

 private:
  File file_;
  std::vector<TensorInfo> tensors_;
  Metadata metadata_;
};

// The values of one tensor in row-major order. Where the file has them so they
// are read piece by piece; a tensor with strides is held while this lives.
class TensorReader {
 public:
  TensorReader(const TensorFile& file, const TensorInfo& tensor);

  // Copies out.size() bytes of the row-major tensor, from `offset` on.
  // Requires whole elements.
  void Read(std::uint64_t offset, std::span<std::byte> out) const;

 private:
  const TensorFile& file_;
  const TensorInfo& tensor_;
  std::vector<std::byte> held_;  // tensor_.bytes() if it has strides
};

// Reads values [first, first + out.size()) of a tensor of type F32, F16, BF16
// or F64 into out, in pieces that stay in cache. Returns the index in out of
// the first one that is not finite, if any. Requires: the tensor has that many.
std::optional<std::size_t> ReadFloats(const TensorFile& file,
                                      const TensorInfo& tensor,
                                      std::size_t first, std::span<float> out);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_TENSOR_FILE_H_
