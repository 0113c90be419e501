// Options that change the scores of tokens, and how many outputs there are.
#ifndef TESSERA_TOOLS_TESSERA_TOKEN_OPTIONS_H_
#define TESSERA_TOOLS_TESSERA_TOKEN_OPTIONS_H_

#include <tessera/options.h>

namespace CLI {
class App;
}

namespace tessera::tools {

// --n-best, --alternatives, --beam-groups, --diversity-penalty,
// --coverage-penalty, --early-stopping, --min-length, --min-new-tokens,
// --length-decay,
// --repetition-penalty, --encoder-repetition-penalty, --no-repeat-ngram-size,
// --encoder-no-repeat-ngram-size, --bad-words-ids, --sequence-bias,
// --suppress-tokens, --begin-suppress-tokens, --forced-first-token,
// --forced-last-token, --target-prefix-ids, --required-words-ids,
// --renormalize-logits, --replace-unknown, and those of sampling: --sample,
// --seed, --temperature, --top-k, --top-p, --min-p, --typical-p,
// --epsilon-cutoff, --eta-cutoff. `translate` must outlive the
// parsing.
void AddTokenOptions(CLI::App& command, TranslateOptions& translate);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_TOKEN_OPTIONS_H_
