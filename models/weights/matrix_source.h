// Gives layers their weights, whatever file holds them and however.
#ifndef TESSERA_MODELS_WEIGHTS_MATRIX_SOURCE_H_
#define TESSERA_MODELS_WEIGHTS_MATRIX_SOURCE_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/gemm/packed_matrix.h"
#include "kernels/views.h"
#include "models/weights/checkpoint.h"
#include "models/weights/packed_file.h"
#include "models/weights/tensor_names.h"

namespace tessera::models {

// Matrices and vectors by the names of tensor_names.h. A value: copies and
// scopes share what they count. Tensors are read one at a time, in slices where
// the file has their rows as they are, and never before the file is known to
// hold one of the shape that was asked for. All that read throw Error with the
// name in the file, what was wanted and what was found.
//
// A packed file (packed_file.h) holds what these methods gave when it was
// written, so that it answers the same calls and no others.
class MatrixSource {
 public:
  // One of several matrices of the same inputs.
  struct Part {
    std::string_view name;
    std::size_t outputs;
    std::string_view bias_of = {};  // another matrix, whose bias it gets
  };
  // Rows [outputs, inputs] that were made of others, and biases [outputs].
  struct Plain {
    std::vector<float> rows, bias;
  };

  // Packs matrices of `type`, and writes all that it gives to `writer`, if
  // there is one. Both must live as long as this.
  MatrixSource(const Checkpoint& checkpoint, TensorNames names,
               kernels::ElementType type = kernels::ElementType::kF32,
               PackedFileWriter* writer = nullptr);
  explicit MatrixSource(const PackedFile& packed);

  // The same, where names are those behind SCOPE and a dot.
  MatrixSource Within(std::string_view scope) const;

  // Matrices [outputs, inputs] with their biases, packed one after another.
  kernels::PackedMatrix Matrix(std::initializer_list<Part> parts,
                               std::size_t inputs) const;

  // A matrix [outputs, inputs] of which no file holds the rows; `make` is not
  // called where a packed file has it.
  kernels::PackedMatrix Made(std::string_view name, std::size_t outputs,
                             std::size_t inputs,
                             const std::function<Plain()>& make) const;

  // A matrix in plain rows, f32 [outputs, inputs].
  std::vector<float> Rows(std::string_view name, std::size_t outputs,
                          std::size_t inputs) const;

  // The bias of a matrix, f32 [outputs].
  std::vector<float> Bias(std::string_view name, std::size_t outputs) const {
    return Vector(std::string(name) + ".bias", outputs);
  }

  // f32 [size].
  std::vector<float> Vector(std::string_view name, std::size_t size) const;

  bool HasMatrix(std::string_view name) const;

  // Whether b may be the same matrix as a (they share a name in the table) and
  // is: stored once, or twice with the same bytes, or only as a.
  bool SameMatrix(std::string_view a, std::string_view b) const;

  // Of everything so far.
  struct Totals {
    std::size_t parameters = 0;        // read
    std::set<std::string> types = {};  // of these: "f16"
    // Names in the file of matrices that should be one and differ: the one
    // that was read, the other.
    std::set<std::pair<std::string, std::string>> differing = {};
    std::size_t packed_bytes = 0;  // of matrices that were made
  };
  const Totals& totals() const;

 private:
  struct State;  // the file, its table, counts

  // What the packed file has under a name within this scope, or else what the
  // function gives.
  kernels::PackedMatrix Packed(
      const std::string& name, std::size_t outputs, std::size_t inputs,
      const std::function<kernels::PackedMatrix()>& make) const;
  std::vector<float> Floats(
      const std::string& name, std::size_t size,
      const std::function<std::vector<float>()>& read) const;
  bool Answer(const std::string& question,
              const std::function<bool()>& ask) const;

  TensorPlace Find(std::string_view name, std::string_view leaf) const;
  std::string Stored(const std::vector<std::string>& names) const;
  // Tells what was read, under all of its names.
  void Count(const std::string& stored, std::size_t values) const;
  void CountCopies(const TensorPlace& place, const std::string& stored) const;
  std::vector<float> Read(const std::string& stored, std::string_view axes,
                          std::size_t outputs, std::size_t inputs) const;
  std::vector<float> ReadRows(const TensorPlace& place, std::size_t outputs,
                              std::size_t inputs) const;
  std::vector<float> ReadVector(std::string_view name, std::size_t size) const;
  // Puts rows into the matrix from output `first` on.
  void PackRows(const Part& part, std::size_t first,
                kernels::PackedMatrix& matrix) const;

  std::shared_ptr<State> state_;
  std::string scope_;  // with its dot
};

// a b^T in f32: [m, n] of a [m, inputs] and b [n, inputs].
std::vector<float> Product(kernels::Rows<const float> a,
                           kernels::Rows<const float> b);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_MATRIX_SOURCE_H_
