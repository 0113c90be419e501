// The formats of weight files: those that are read, and those that are only
// recognised, so that a message can name them.
#ifndef TESSERA_MODELS_WEIGHTS_CONTAINERS_H_
#define TESSERA_MODELS_WEIGHTS_CONTAINERS_H_

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/model_folder.h"
#include "models/weights/tensor_file.h"

namespace tessera::models {

struct Container {
  std::string_view file;    // "model.safetensors"
  std::string_view suffix;  // of its shards, which FILE.index.json names
  // Throws tessera::Error with the file's name, the place, what is wanted there
  // and what was found.
  TensorFile (*open)(const std::filesystem::path& path);
};

// In the order in which Transformers looks for their files, each one's index
// after it.
std::span<const Container> Containers();

// Whether a file of this name holds weights, or an index of them, of whatever
// format.
bool IsWeightFile(std::string_view name);

// What a file is, by its first bytes, given that it is none of the wanted
// format: "a GGUF file". Empty when unknown. Some magic numbers have two bytes
// only, which a safetensors header length may share, so ask once that has been
// ruled out.
std::string_view ForeignFormat(std::string_view prefix);

// Throws "FILE: want WANT, found a GGUF file" if that is what the file is.
void RefuseForeign(const File& file, std::string_view want);

// The first file in a folder, in order of names within each known kind, that
// holds weights in another format: "model.onnx (an ONNX graph)". Empty when
// there is none.
std::string ForeignWeightsIn(const ModelFolder& folder);

// Longest header read. Real ones have 100 bytes a tensor.
inline constexpr std::uint64_t kMaxHeaderBytes = std::uint64_t{16} << 20;

// Reads a header and returns its tensors in the order of their data, where
// they lie counted from the header's end.
//
//   file        the file's name, for messages
//   header      the JSON: name -> {"dtype", "shape", "data_offsets"}, and
//               optionally "__metadata__" with strings
//   data_bytes  bytes in the file after the header
//   metadata    where what is in "__metadata__" goes; nullptr: nowhere
//
// Throws tessera::Error unless
//   - the header is strict JSON (models/files/json.h) of at most kMaxTensors
//     tensors,
//   - each name is 1 to kMaxTensorNameBytes printable ASCII characters,
//   - each type is known and each shape has at most kMaxRank dimensions,
//   - shape and type need exactly the bytes between the offsets,
//   - the tensors fill the data from its first byte to its last without hole
//     or overlap.
// Tensors need not be aligned: old writers sorted by name alone, and values
// are copied out, so alignment has no effect.
std::vector<TensorInfo> ParseSafetensorsHeader(
    const std::string& file, std::string_view header, std::uint64_t data_bytes,
    TensorFile::Metadata* metadata = nullptr);

// Opens a file of this layout:
//   u64 little-endian N | N bytes of JSON header | data of the tensors
// Throws tessera::Error with the file's name, the tensor where it concerns one,
// and the rule broken. A file of another known format is named as such.
TensorFile OpenSafetensors(const std::filesystem::path& path);

// Opens a state_dict, alone or under the key "state_dict", in either form:
//   a zip archive (PyTorch 1.6 and newer): ROOT/data.pkl, and a member
//     ROOT/data/KEY for each storage
//   the older stream: pickles of a magic number, the version, the machine, the
//     object and the list of storage keys, then for each: i64 elements | values
// Tensors are in the order of the state_dict; those that share a storage share
// its bytes, views keep their strides. Other values of the dict are passed
// over.
//
// Nothing in the pickles is executed (pickle.h); they may name OrderedDict, the
// functions that rebuild a tensor or a parameter, and the types of storages.
// Throws tessera::Error for anything else, for storages whose size is not the
// one stored, for tensors that leave their storage and for a big-endian file.
// A file of another known format is named as such.
TensorFile OpenTorchFile(const std::filesystem::path& path);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_CONTAINERS_H_
