// Reads the golden files of Transformers: `tools/golden/` writes them.
#ifndef TESSERA_TESTS_MODELS_GOLDEN_H_
#define TESSERA_TESTS_MODELS_GOLDEN_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "models/weights/containers.h"

namespace tessera::models {

inline std::filesystem::path GoldenFolder() {
  return std::filesystem::path(TESSERA_SOURCE_DIR) / "tests/golden";
}

inline std::filesystem::path BundledFolder() {
  return std::filesystem::path(TESSERA_SOURCE_DIR) /
         "models/bundled/tatoeba-en-fr";
}

inline nlohmann::json ReadGoldenJson(const std::filesystem::path& path) {
  return nlohmann::json::parse(std::ifstream(path));
}

// The folders of tiny random models, "marian/NAME" and the like, sorted.
inline std::vector<std::string> TinyModels() {
  std::set<std::string> names;
  for (const std::string family : {"marian", "bart", "t5", "family"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(GoldenFolder() / family)) {
      if (!entry.is_directory()) continue;
      names.insert(family + "/" + entry.path().filename().string());
    }
  }
  return {names.begin(), names.end()};
}

// "marian_NAME", for the names of tests.
inline std::string TestName(std::string model) {
  std::replace(model.begin(), model.end(), '/', '_');
  return model;
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_GOLDEN_H_
