// Looks for the bundled model from the program's own folder.
#include "tools/tessera/model_path.h"

#include <tessera/error.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
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

// "org/name", as huggingface.co calls a model.
bool IsHubName(const std::string& name) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' ||
           c == '_' || c == '.';
  };
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos || slash == 0 || name.front() == '.') {
    return false;
  }
  const std::string_view model = std::string_view(name).substr(slash + 1);
  return !model.empty() && std::ranges::all_of(name.substr(0, slash), plain) &&
         std::ranges::all_of(model, plain);
}

std::string Advice(const std::string& name) {
  const std::string folder = name.substr(name.find('/') + 1);
  return "; a model of huggingface.co is to be downloaded first: hf download " +
         name + " --local-dir " + folder;
}

}  // namespace

std::filesystem::path FindModel(
    const std::optional<std::filesystem::path>& asked) {
  if (!asked) return BundledModel();
  if (IsFolder(*asked)) return *asked;
  throw Error("--model " + asked->string() +
              ": want a Hugging Face folder, found no such folder" +
              (IsHubName(asked->string()) ? Advice(asked->string()) : ""));
}

}  // namespace tessera::tools
