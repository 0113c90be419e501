// The architectures that folders can have, and what their loaders share.
#ifndef TESSERA_MODELS_ARCHITECTURES_ARCHITECTURES_H_
#define TESSERA_MODELS_ARCHITECTURES_ARCHITECTURES_H_

#include <cstddef>
#include <filesystem>
#include <memory>

#include "models/encoder_decoder.h"
#include "models/model.h"
#include "models/weights/matrix_source.h"

namespace tessera::models {

// By config.json's "model_type". All throw Error.

// "marian": OPUS-MT.
std::unique_ptr<Model> LoadMarian(const std::filesystem::path& folder);

// "tessera_transformer", as models/README.md describes it: vanilla, Kyubyong's,
// JayParks', the Weighted Transformer.
std::unique_ptr<Model> LoadTransformer(const std::filesystem::path& folder);

struct TokenTables {
  std::size_t source, target;  // vocabularies
  std::size_t width;           // D
};

// Reads the token embeddings and the output projection, each different matrix
// once: which are the same, the rules of `source` and the file say.
void LoadTokens(const MatrixSource& source, const TokenTables& sizes,
                EncoderDecoderParts& parts);

}  // namespace tessera::models

#endif  // TESSERA_MODELS_ARCHITECTURES_ARCHITECTURES_H_
