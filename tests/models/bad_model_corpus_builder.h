// How the cases of the bad-model corpus are written down.
#ifndef TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_BUILDER_H_
#define TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_BUILDER_H_

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tests/models/bad_model_corpus.h"
#include "tests/models/bad_model_corpus_draft.h"

namespace tessera::models {

// Collects cases; each method takes the good folder and spoils one part of it.
class Corpus {
 public:
  using Message = std::vector<std::string>;
  using Folder = std::filesystem::path;

  std::vector<ModelCase> Take() { return std::move(cases_); }

  // Any part of the draft.
  void Add(const std::string& name, std::function<void(ModelDraft&)> spoil,
           Message message);

  // The folder once it is written.
  void After(const std::string& name, std::function<void(const Folder&)> action,
             Message message);

  // A file has these contents.
  void File(const std::string& name, const std::string& file,
            const std::string& contents, const std::string& why);

  // The same, where contents are too large to keep.
  void LargeFile(const std::string& name, const std::string& file,
                 std::function<std::string()> contents, const std::string& why);

  // The entry of kShared in the header; it has 128 bytes of f32 [8, 4] at 0.
  void Entry(const std::string& name, const std::string& entry,
             const std::string& why);

  // The text of the header.
  void Header(const std::string& name,
              std::function<std::string(const std::string&)> edit,
              const std::string& why);

  // A key of config.json.
  void Config(const std::string& name, const std::string& key,
              const std::string& value, Message message);

  // A key of generation_config.json.
  void Generation(const std::string& name, const std::string& key,
                  const std::string& value);

 private:
  std::vector<ModelCase> cases_;
};

// The letters and digits of a text, for the name of a case.
std::string Letters(const std::string& text);

void AddHeaderCases(Corpus& corpus);  // bad_model_corpus_header.cpp
void AddTensorCases(Corpus& corpus);  // bad_model_corpus_tensors.cpp
void AddConfigCases(Corpus& corpus);  // bad_model_corpus_configs.cpp
void AddFolderCases(Corpus& corpus);  // bad_model_corpus_folders.cpp

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_BAD_MODEL_CORPUS_BUILDER_H_
