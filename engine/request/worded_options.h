// Options that are given as texts.
#ifndef TESSERA_ENGINE_REQUEST_WORDED_OPTIONS_H_
#define TESSERA_ENGINE_REQUEST_WORDED_OPTIONS_H_

#include <tessera/options.h>

#include "engine/tokenizer/tokenizer.h"

namespace tessera::engine {

bool HasWords(const TranslateOptions& options);

// The options with ids in place of their texts. Throws Error, naming the
// option, for a text that cannot be encoded or has no ids, and for a prefix as
// text beside one of ids.
TranslateOptions WithIdsOfWords(const TranslateOptions& options,
                                const Tokenizer& tokenizer);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_WORDED_OPTIONS_H_
