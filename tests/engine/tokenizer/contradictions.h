// Small tokenizer files that are sound, and the check that changes make them
// errors that name the place.
#ifndef TESSERA_TESTS_ENGINE_TOKENIZER_CONTRADICTIONS_H_
#define TESSERA_TESTS_ENGINE_TOKENIZER_CONTRADICTIONS_H_

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {

using nlohmann::json;

// A small file of each model, sound as it stands.
inline const json kUnigram = json::parse(R"({
  "version": "1.0", "truncation": null, "padding": null,
  "added_tokens": [
    {"id": 0, "content": "</s>", "single_word": false, "lstrip": false,
     "rstrip": false, "normalized": false, "special": true},
    {"id": 5, "content": "<x>", "single_word": false, "lstrip": false,
     "rstrip": false, "normalized": false, "special": false}],
  "normalizer": {"type": "Replace", "pattern": {"Regex": " {2,}"},
                 "content": " "},
  "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581",
                    "prepend_scheme": "always", "split": true},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"Sequence": {"id": "A", "type_id": 0}},
               {"SpecialToken": {"id": "</s>", "type_id": 0}}],
    "pair": [], "special_tokens": {
      "</s>": {"id": "</s>", "ids": [0], "tokens": ["</s>"]}}},
  "decoder": {"type": "Metaspace", "replacement": "\u2581",
              "prepend_scheme": "always", "split": true},
  "model": {"type": "Unigram", "unk_id": 1, "byte_fallback": false,
    "vocab": [["</s>", 0.0], ["<unk>", 0.0], ["\u2581", -2.0], ["a", -3.0],
              ["\u2581a", -2.5]]}})");

inline const json kPairs = json::parse(R"({
  "added_tokens": [{"id": 0, "content": "</s>", "special": true}],
  "normalizer": null,
  "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false,
                    "trim_offsets": true, "use_regex": true},
  "post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 0],
                     "cls": ["</s>", 0], "trim_offsets": true,
                     "add_prefix_space": false},
  "decoder": {"type": "ByteLevel"},
  "model": {"type": "BPE", "dropout": null, "unk_token": null,
    "vocab": {"</s>": 0, "a": 1, "b": 2, "ab": 3}, "merges": ["a b"]}})");

struct Change {
  const char* place;               // a JSON pointer
  const char* value;               // JSON; "" takes the place away
  std::vector<std::string> parts;  // of the message
};

class ContradictionsTest : public testing::Test {
 protected:
  void Load(const json& document, const json& config) {
    ScratchFolder folder;
    folder.Write("tokenizer.json", document.dump());
    folder.Write("tokenizer_config.json", config.dump());
    const auto tokenizer = LoadTokenizer(models::ModelFolder(folder.path()));
    tokenizer->Decode(tokenizer->Encode("a  b\xC3\xA9").ids);
  }

  void ExpectRefused(const json& document, const json& config,
                     const std::vector<std::string>& parts,
                     const std::string& what) {
    try {
      Load(document, config);
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      for (const std::string& part : parts) {
        EXPECT_NE(message.find(part), std::string::npos)
            << what << " is not refused for \"" << part << "\" but so:\n"
            << message;
      }
      return;
    }
    ADD_FAILURE() << what << " is accepted";
  }

  void ExpectEachRefused(const json& sound,
                         const std::vector<Change>& changes) {
    const json config = {{"tokenizer_class", "T5Tokenizer"}};
    EXPECT_NO_THROW(Load(sound, config));
    for (const Change& change : changes) {
      json document = sound;
      const json::json_pointer place(change.place);
      if (*change.value != '\0') {
        document[place] = json::parse(change.value);
      } else {
        document[place.parent_pointer()].erase(place.back());
      }
      ExpectRefused(document, config, change.parts,
                    std::string(change.place) + " = " + change.value);
    }
  }
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_TOKENIZER_CONTRADICTIONS_H_
