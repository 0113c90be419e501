// A corpus of model folders that are wrong in one way each, made by code.
#ifndef TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_H_
#define TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_H_

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace tessera::models {

struct ModelCase {
  std::string name;  // letters and digits
  std::function<void(const std::filesystem::path& folder)> write;
  // What the error message of a bad one holds: the file, and the tensor, key
  // or rule.
  std::vector<std::string> message;
};

inline void PrintTo(const ModelCase& model, std::ostream* out) {
  *out << model.name;  // what gtest shows when a case fails
}

// Folders that loading must refuse.
std::vector<ModelCase> BadModels();

// Folders that look odd and load.
std::vector<ModelCase> OddModels();

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_H_
