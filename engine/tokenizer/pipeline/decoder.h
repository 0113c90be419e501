// The component "decoder" of tokenizer.json.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_DECODER_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_DECODER_H_

#include <functional>
#include <string>
#include <vector>

#include "engine/tokenizer/pipeline/node.h"

namespace tessera::engine {

// Pieces into stretches of text, which are then joined. Any number of threads
// may use one.
using Decoder =
    std::function<std::vector<std::string>(std::vector<std::string>)>;

// Null is one that puts spaces between pieces. Of Hugging Face's: Sequence,
// Metaspace, ByteLevel, Replace, Fuse, Strip, ByteFallback, BPEDecoder. Throws
// Error for another, with the names of these.
Decoder ReadDecoder(const Node& node);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_DECODER_H_
