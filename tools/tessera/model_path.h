// Which model a command uses.
#ifndef TESSERA_TOOLS_TESSERA_MODEL_PATH_H_
#define TESSERA_TOOLS_TESSERA_MODEL_PATH_H_

#include <filesystem>
#include <optional>

namespace tessera::tools {

// The folder that was asked for, else that of the English-French model, which
// is looked for in the source tree of a build and beside an installed program.
// Throws Error if that is not there.
std::filesystem::path FindModel(
    const std::optional<std::filesystem::path>& asked);

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_MODEL_PATH_H_
