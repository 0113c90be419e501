// Attention weights as JSON.
#ifndef TESSERA_TOOLS_TESSERA_ATTENTION_JSON_H_
#define TESSERA_TOOLS_TESSERA_ATTENTION_JSON_H_

#include <cstddef>
#include <string>

#include "tools/tessera/attention/choice.h"

namespace tessera::tools {

// How the weights of a head stand in JSON: numbers [n][m], or packed for the
// page's script.
enum class WeightsForm { kNumbers, kPacked };

// {"model", "text", "translation", "score", "attentions": {NAME: {
//     "queries": [n pieces], "keys": [m pieces], "layers": [numbers, from 1],
//     "heads": [numbers], "shape": [layers, heads, n, m],
//     "weights": [layers][heads][n][m]}}}
//
// in one line without its end, of the attentions, layers and heads chosen; all
// where none is. A weight is rounded to 6 decimals; null: the query may not
// look at the key. Requires a choice that Check passes.
std::string ToJson(const ShownTranslation& shown, const AttentionChoice& choice,
                   WeightsForm form = WeightsForm::kNumbers);

// Weights that it would hold.
std::size_t CountWeights(const AttentionReport& report,
                         const AttentionChoice& choice);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_ATTENTION_JSON_H_
