// What a request asks of a model, in the terms of its generation_config.json.
#ifndef TESSERA_ENGINE_SEARCH_MERGED_OPTIONS_H_
#define TESSERA_ENGINE_SEARCH_MERGED_OPTIONS_H_

#include <tessera/options.h>

#include <memory>

#include "engine/search/token_rules.h"
#include "models/config/generation_config.h"
#include "models/model.h"

namespace tessera::engine {

// The model's options with those of the caller in their place; max_length and
// max_new_tokens are left as the model has them. Throws Error, naming the
// option, for what is out of its range (tessera/options.h), ids that the model
// has not, and with both names for two options that contradict each other.
models::GenerationConfig Merge(const TranslateOptions& options,
                               const models::ModelInfo& model);

// The rules of a request; nothing: those of the model, of which the caller
// changes none.
std::shared_ptr<const ModelRules> RulesOf(const TranslateOptions& options,
                                          const models::ModelInfo& model);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_MERGED_OPTIONS_H_
