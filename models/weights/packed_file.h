// Files of weights that are packed for one kind of CPU: mapped, and used as
// they are.
//
// model.tessera is a safetensors file. Of what loading made it holds
//   - each matrix as the bytes of kernels::PackedMatrix::storage(), U8, and the
//     layout of these in the metadata under the same name;
//   - each vector and table as F32;
//   - each answer to a question about the original file, and facts of it, in
//     the metadata.
// Tensors are padded with zeros to 64 bytes, and begin on 64 of the file.
#ifndef TESSERA_MODELS_WEIGHTS_PACKED_FILE_H_
#define TESSERA_MODELS_WEIGHTS_PACKED_FILE_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "kernels/isa.h"
#include "models/files/model_folder.h"
#include "models/weights/tensor_file.h"

namespace tessera::models {

inline constexpr const char* kPackedFileName = "model.tessera";

// What is told of the files that a model was loaded from.
struct WeightFacts {
  std::size_t parameters = 0;
  std::string stored_types = {};  // "bf16, f32"
  std::vector<std::string> unused_tensors = {};
  std::vector<std::string> warnings = {};  // of the folder
};

// Whatever a file claims, its parts stay within it; weights are not looked at,
// so that a file with other numbers gives other translations.
class PackedFile {
 public:
  // nullopt: the folder has none. Throws tessera::Error for one that is not of
  // this version of the program, or is damaged.
  static std::optional<PackedFile> Open(const ModelFolder& folder);

  // Throws tessera::Error unless matrices are of this type.
  void CheckType(kernels::ElementType want) const;

  kernels::ElementType type() const { return type_; }
  // Of the CPU where it was written.
  kernels::Isa level() const { return level_; }
  const WeightFacts& facts() const { return facts_; }

  // Each throws tessera::Error if the file does not have what is asked for; a
  // matrix must have the layout that this CPU wants for it.
  kernels::PackedMatrix Matrix(const std::string& name, std::size_t outputs,
                               std::size_t inputs) const;
  std::vector<float> Floats(const std::string& name, std::size_t size) const;
  bool Answer(const std::string& question) const;

 private:
  explicit PackedFile(TensorFile file);
  const std::string& Metadata(const std::string& key) const;
  WeightFacts ReadFacts() const;
  // The bytes of so many elements.
  std::span<const std::byte> Bytes(const std::string& name, DType dtype,
                                   std::size_t elements) const;

  TensorFile file_;
  MappedBytes mapped_;
  std::map<std::string_view, const TensorInfo*> tensors_;  // of file_
  kernels::ElementType type_ = kernels::ElementType::kF32;
  kernels::Isa level_ = kernels::Isa::kScalar;
  WeightFacts facts_;
};

// Writes such a file while a model is loaded. What comes twice is kept once.
class PackedFileWriter {
 public:
  // Throws tessera::Error, as all that write do.
  PackedFileWriter(const std::filesystem::path& folder,
                   kernels::ElementType type);

  void AddMatrix(const std::string& name, const kernels::PackedMatrix& matrix);
  void AddFloats(const std::string& name, std::span<const float> values);
  void AddAnswer(const std::string& question, bool yes);

  // Puts the file together.
  void Finish(const WeightFacts& facts);

 private:
  // False: it is there already.
  bool Begin(const std::string& name, const char* dtype, std::size_t elements,
             std::size_t element_bytes);
  // Pads them.
  void Write(std::span<const std::byte> bytes);
  std::string Header() const;

  struct Entry {
    const char* dtype;
    std::size_t elements;
    std::uint64_t begin, end;
  };
  std::filesystem::path path_;
  std::filesystem::path data_path_;  // of the tensors alone
  std::fstream data_;
  std::map<std::string, Entry> entries_;
  std::map<std::string, std::string> metadata_;
  std::uint64_t end_ = 0;
};

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_PACKED_FILE_H_
