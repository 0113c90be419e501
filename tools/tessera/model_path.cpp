// Looks for the bundled model from the program's own folder.
#include "tools/tessera/model_path.h"

#include <tessera/error.h>

#include <system_error>

namespace tessera::tools {
namespace {

bool IsFolder(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

std::filesystem::path BundledModel() {
  constexpr const char* kModel = "tatoeba-en-fr";
  const std::filesystem::path here =
      std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto installed = here / TESSERA_MODELS_INSTALLED / kModel;
  for (const auto& folder :
       {installed, here / TESSERA_MODELS_IN_BUILD / kModel}) {
    if (IsFolder(folder)) return folder.lexically_normal();
  }
  throw Error("bundled model: want it at " +
              installed.lexically_normal().string() +
              ", found no such folder; --model names another");
}

}  // namespace

std::filesystem::path FindModel(
    const std::optional<std::filesystem::path>& asked) {
  return asked ? *asked : BundledModel();
}

}  // namespace tessera::tools
