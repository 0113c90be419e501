// The facts of a loaded model, for people.
#ifndef TESSERA_ENGINE_DESCRIBE_H_
#define TESSERA_ENGINE_DESCRIBE_H_

#include <string>
#include <utility>
#include <vector>

#include "engine/runtime.h"

namespace tessera::engine {

// Name and value, in the order to be shown.
std::vector<std::pair<std::string, std::string>> Describe(
    const Runtime& runtime);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_DESCRIBE_H_
