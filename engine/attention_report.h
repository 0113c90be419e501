// The attention weights of a translation with the tokens on their axes.
#ifndef TESSERA_ENGINE_ATTENTION_REPORT_H_
#define TESSERA_ENGINE_ATTENTION_REPORT_H_

#include <tessera/attention_report.h>

#include <string_view>

#include "engine/tokenizer/tokenizer.h"
#include "models/model.h"

namespace tessera::engine {

// How `model` reads `text` and writes `output`, which must come from it and
// have tokens. Throws Error.
AttentionReport Explain(const EncodedText& text, Hypothesis output,
                        const models::Model& model, const Tokenizer& tokenizer);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_ATTENTION_REPORT_H_
