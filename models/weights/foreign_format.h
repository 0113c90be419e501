// Recognises files of other formats, so that a message can name them.
#ifndef TESSERA_MODELS_WEIGHTS_FOREIGN_FORMAT_H_
#define TESSERA_MODELS_WEIGHTS_FOREIGN_FORMAT_H_

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace tessera::models {

// Bytes of a file that ForeignFormat wants to see.
inline constexpr std::size_t kFormatPrefixBytes = 64;

// What a file that begins so is, given that it is not safetensors: "a GGUF
// file". Empty when unknown. Some magic numbers have two bytes only, which a
// safetensors header length may share, so ask once that has been ruled out.
std::string_view ForeignFormat(std::span<const std::byte> prefix);

// The first file in a folder, in order of names within each known kind, that
// holds weights in another format: "pytorch_model.bin (PyTorch weights)".
// Empty when there is none.
std::string ForeignWeightsIn(const std::filesystem::path& folder);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_WEIGHTS_FOREIGN_FORMAT_H_
