// The ways to spoil a folder.
#include "tests/models/bad_model_corpus_builder.h"

#include <cctype>

#include "tests/models/weights/test_tensors.h"

namespace tessera::models {

void Corpus::Add(const std::string& name,
                 std::function<void(ModelDraft&)> spoil, Message message) {
  cases_.push_back({name,
                    [spoil](const Folder& folder) {
                      ModelDraft draft = TinyMarian();
                      spoil(draft);
                      draft.Write(folder);
                    },
                    std::move(message)});
}

void Corpus::After(const std::string& name,
                   std::function<void(const Folder&)> action, Message message) {
  cases_.push_back({name,
                    [action](const Folder& folder) {
                      TinyMarian().Write(folder);
                      action(folder);
                    },
                    std::move(message)});
}

void Corpus::File(const std::string& name, const std::string& file,
                  const std::string& contents, const std::string& why) {
  LargeFile(
      name, file, [contents] { return contents; }, why);
}

void Corpus::LargeFile(const std::string& name, const std::string& file,
                       std::function<std::string()> contents,
                       const std::string& why) {
  After(name,
        [=](const Folder& folder) { WriteFile(folder / file, contents()); },
        {file, why});
}

void Corpus::Entry(const std::string& name, const std::string& entry,
                   const std::string& why) {
  Add(name, [=](ModelDraft& d) { ModelDraft::Set(d.header, kShared, entry); },
      {kWeights + ": " + kShared, why});
}

void Corpus::Header(const std::string& name,
                    std::function<std::string(const std::string&)> edit,
                    const std::string& why) {
  After(name,
        [edit](const Folder& folder) {
          const ModelDraft draft = TinyMarian();
          WriteFile(folder / kWeights,
                    SafetensorsFileBytes(edit(ModelDraft::Text(draft.header)),
                                         draft.data));
        },
        {kWeights, why});
}

void Corpus::Config(const std::string& name, const std::string& key,
                    const std::string& value, Message message) {
  Add(
      name, [=](ModelDraft& d) { ModelDraft::Set(d.config, key, value); },
      std::move(message));
}

void Corpus::Generation(const std::string& name, const std::string& key,
                        const std::string& value) {
  Add(name,
      [=](ModelDraft& d) { ModelDraft::Set(d.generation_config, key, value); },
      {"generation_config.json", "\"" + key + "\""});
}

std::string Letters(const std::string& text) {
  std::string letters;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c))) letters += c;
  }
  return letters;
}

}  // namespace tessera::models
