// The component "normalizer" of tokenizer.json.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_NORMALIZER_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_NORMALIZER_H_

#include <functional>

#include "engine/tokenizer/pipeline/node.h"
#include "engine/tokenizer/pipeline/segment.h"

namespace tessera::engine {

// Changes a segment, which stays well-formed UTF-8. Any number of threads may
// use one.
using Normalizer = std::function<void(Segment&)>;

// Null is one that changes nothing. Of Hugging Face's: Sequence, Precompiled,
// Replace, Prepend, Strip, StripAccents, Lowercase, NFC, NFD, NFKC, NFKD, Nmt.
// Throws Error for another, with the names of these.
//
// Characters are those of ICU's version of Unicode. Hugging Face's library has
// older tables: its NFKC leaves characters of Unicode 12 and later as they are
// (72 of Unicode 14), its StripAccents 315 marks.
Normalizer ReadNormalizer(const Node& node);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_NORMALIZER_H_
