// Files of PyTorch's torch.save.
#ifndef TESSERA_MODELS_WEIGHTS_TORCH_FILE_H_
#define TESSERA_MODELS_WEIGHTS_TORCH_FILE_H_

#include <filesystem>

#include "models/weights/tensor_file.h"

namespace tessera::models {

// Opens a state_dict, alone or under the key "state_dict", in either form:
//   a zip archive (PyTorch 1.6 and newer): ROOT/data.pkl, and a member
//     ROOT/data/KEY for each storage
//   the older stream: four pickles (magic number, version, machine, object),
//   the
//     list of storage keys, then for each: i64 elements | values
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

#endif  // TESSERA_MODELS_WEIGHTS_TORCH_FILE_H_
