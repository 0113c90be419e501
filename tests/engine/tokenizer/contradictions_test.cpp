// Tokenizer files that contradict themselves or ask for what is not there: each
// is an error that names the place.
#include <gtest/gtest.h>
#include <tessera/error.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using nlohmann::json;

// A small file of each model, sound as it stands.
const json kUnigram = json::parse(R"({
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

const json kPairs = json::parse(R"({
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

TEST_F(ContradictionsTest, UnigramFilesThatCannotBe) {
  ExpectEachRefused(
      kUnigram,
      {
          {"/model/type",
           R"("WordPiece")",
           {"tokenizer.json: model.type: want one of Unigram, BPE",
            R"(found "WordPiece")"}},
          {"/model/type", R"("WordLevel")", {"model.type", "WordLevel"}},
          {"/model/type", "7", {"model.type: want a string, found 7"}},
          {"/model", "null", {"model: want an object"}},
          {"/model", "", {"model: want an object, found nothing"}},
          {"/model/unk_id",
           "null",
           {"model.unk_id: want an integer in [0, 4]"}},
          {"/model/unk_id", "5", {"model.unk_id", "[0, 4], found 5"}},
          {"/model/unk_id", "-1", {"model.unk_id", "found -1"}},
          {"/model/unk_id", "0.5", {"model.unk_id", "found 0.5"}},
          {"/model/vocab", "[]", {"model.vocab: want 1 to 1000000 pieces"}},
          {"/model/vocab", R"({"a": 1})", {"model.vocab: want a list"}},
          {"/model/vocab/3",
           R"(["a"])",
           {"model.vocab[3]: want [piece, score]"}},
          {"/model/vocab/3",
           R"(["a", "b"])",
           {"model.vocab[3][1]: want a number"}},
          {"/model/vocab/3/0", "3", {"model.vocab[3][0]: want a string"}},
          {"/model/byte_fallback", "1", {"model.byte_fallback: want true or"}},
          {"/normalizer/type",
           R"("BertNormalizer")",
           {"normalizer.type: want one of Sequence, Precompiled, Replace",
            "BertNormalizer"}},
          {"/normalizer",
           R"({"type": "Precompiled"})",
           {"normalizer.precompiled_charsmap: want a string"}},
          {"/normalizer",
           R"({"type": "Precompiled", "precompiled_charsmap": "?"})",
           {"precompiled_charsmap: want base64"}},
          {"/normalizer",
           R"({"type": "Precompiled", "precompiled_charsmap": "AAAA"})",
           {"precompiled_charsmap: want a normalisation table"}},
          {"/normalizer",
           R"({"type": "Sequence", "normalizers": [{"type": "Odd"}]})",
           {"normalizer.normalizers[0].type", "Odd"}},
          {"/normalizer",
           R"({"type": "Sequence"})",
           {"normalizer.normalizers: want a list"}},
          {"/normalizer/pattern",
           R"-({"Regex": "("})-",
           {"pattern.Regex: want a regular expression"}},
          {"/normalizer/pattern",
           R"({"Regex": "\\R"})",
           {"pattern.Regex: want an expression of known escapes", "\\R"}},
          {"/normalizer/pattern", R"({"Regex": "(a)\\1"})", {"known escapes"}},
          {"/normalizer/pattern",
           R"-({"Regex": "(?<name>a)"})-",
           {"known groups"}},
          {"/normalizer/pattern",
           R"({"Regex": "[[:alpha:]]"})",
           {"known groups"}},
          {"/normalizer/pattern",
           R"({"Regex": "a", "String": "a"})",
           {"normalizer.pattern: want \"String\" or \"Regex\""}},
          {"/normalizer/pattern", "{}", {"normalizer.pattern: want"}},
          {"/normalizer/content", "", {"normalizer.content: want a string"}},
          {"/pre_tokenizer/type",
           R"("BertPreTokenizer")",
           {"pre_tokenizer.type: want one of Sequence, Metaspace"}},
          {"/pre_tokenizer/type", R"("UnicodeScripts")", {"UnicodeScripts"}},
          {"/pre_tokenizer/replacement",
           R"("ab")",
           {"pre_tokenizer.replacement: want one character"}},
          {"/pre_tokenizer/replacement", R"("")", {"want one character"}},
          {"/pre_tokenizer/prepend_scheme",
           R"("last")",
           {"pre_tokenizer.prepend_scheme", "\"never\""}},
          {"/pre_tokenizer/add_prefix_space",
           "false",
           {"add_prefix_space: want what \"prepend_scheme\" says"}},
          {"/pre_tokenizer",
           R"({"type": "Split", "pattern": {"String": "a"}, "invert": false,
               "behavior": "Doubled"})",
           {"pre_tokenizer.behavior", "Doubled"}},
          {"/pre_tokenizer",
           R"({"type": "Split", "pattern": {"String": "a"},
               "behavior": "Removed"})",
           {"pre_tokenizer.invert: want true or false"}},
          {"/pre_tokenizer", R"({"type": "Digits"})", {"individual_digits"}},
          {"/decoder/type",
           R"("CTC")",
           {"decoder.type: want one of Sequence, Metaspace"}},
          {"/decoder/type", R"("WordPiece")", {"decoder.type"}},
          {"/decoder",
           R"({"type": "Strip", "content": "ab", "start": 1, "stop": 0})",
           {"decoder.content: want one character"}},
          {"/decoder",
           R"({"type": "Strip", "content": "a", "start": -1, "stop": 0})",
           {"decoder.start", "found -1"}},
          {"/post_processor/type",
           R"("Odd")",
           {"post_processor.type: want one of Sequence, TemplateProcessing"}},
          {"/post_processor/single",
           R"("$A </s>")",
           {"post_processor.single: want a list"}},
          {"/post_processor/single/0/Sequence/id",
           R"("B")",
           {"post_processor.single[0]: want one text, \"A\""}},
          {"/post_processor/single/1",
           R"({"Sequence": {"id": "A"}})",
           {"post_processor.single[1]: want one text"}},
          {"/post_processor/single/1/SpecialToken/id",
           R"("<y>")",
           {"special_tokens.<y>: want an object, found nothing"}},
          {"/post_processor/special_tokens/<~1s>/ids/0",
           "99",
           {"post_processor: want tokens that have ids"}},
          {"/post_processor/special_tokens/<~1s>/ids/0",
           "-1",
           {"ids[0]: want an integer"}},
          {"/added_tokens/1/id",
           "3",
           {"added_tokens[1]: want an id that no other token has"}},
          {"/added_tokens/0/id",
           "4",
           {"added_tokens[0]: want the id 0, which the token has already"}},
          {"/added_tokens/1/id", "1000000", {"added_tokens[1].id"}},
          {"/added_tokens/1/content",
           R"("")",
           {"added_tokens[1]: want a token of 1 to 1024 bytes"}},
          {"/added_tokens/1/content",
           "null",
           {"added_tokens[1].content: want a string"}},
          {"/added_tokens/1/lstrip",
           R"("yes")",
           {"added_tokens[1].lstrip: want true or false"}},
          {"/added_tokens", "{}", {"added_tokens: want a list"}},
      });
}

TEST_F(ContradictionsTest, TextsDoNotGrowWithoutBounds) {
  const std::string longest(1024, 'a');
  json document = kUnigram;
  const json grow = {{"type", "Replace"},
                     {"pattern", {{"String", "a"}}},
                     {"content", longest}};
  const auto sequence = [&](std::size_t count) {
    return json{{"type", "Sequence"},
                {"normalizers", std::vector<json>(count, grow)}};
  };
  const json config = {{"tokenizer_class", "T5Tokenizer"}};
  document["normalizer"] = sequence(1);
  EXPECT_NO_THROW(Load(document, config));
  document["normalizer"] = sequence(4);
  ExpectRefused(document, config, {"stays below", "when it is normalised"},
                "growth");
  document["normalizer"] = sequence(101);
  ExpectRefused(document, config, {"normalizers: want at most 100 components"},
                "101 components");
  document["normalizer"] = grow;
  document["normalizer"]["content"] = longest + "a";
  ExpectRefused(document, config, {"normalizer.content", "at most 1024 bytes"},
                "1,025 bytes");
  json deep = sequence(1);
  for (int i = 0; i < 20; ++i) {
    deep = {{"type", "Sequence"}, {"normalizers", {deep}}};
  }
  document["normalizer"] = deep;
  ExpectRefused(document, config, {"tokenizer.json"}, "depth");
}

TEST_F(ContradictionsTest, ByteLevelFilesThatCannotBe) {
  ExpectEachRefused(
      kPairs,
      {
          {"/model/vocab", "{}", {"model.vocab: want pieces with ids"}},
          {"/model/vocab", R"([["a", 0]])", {"model.vocab: want an object"}},
          {"/model/vocab/b", "1", {"model.vocab.b: want an id of one piece"}},
          {"/model/vocab/b", "-2", {"model.vocab.b", "found -2"}},
          {"/model/vocab/b", "4000000000", {"model.vocab.b: want an integer"}},
          {"/model/vocab/b", R"("2")", {"model.vocab.b: want an integer"}},
          {"/model/merges",
           R"(["a c"])",
           {"model.merges[0]: want two pieces of \"vocab\""}},
          {"/model/merges", R"(["b a"])", {"model.merges[0]", "a third"}},
          {"/model/merges",
           R"(["a b", "ab"])",
           {"model.merges[1]: want two pieces"}},
          {"/model/merges",
           R"(["a b c"])",
           {"model.merges[0]: want two pieces"}},
          {"/model/merges", R"([["a", "b", "c"]])", {"model.merges[0]"}},
          {"/model/merges",
           R"([["a", 1]])",
           {"model.merges[0][1]: want a string"}},
          {"/model/merges", "{}", {"model.merges: want a list"}},
          {"/model/merges", "", {"model.merges: want a list"}},
          {"/model/unk_token",
           R"("<unk>")",
           {"model.unk_token: want a piece of \"vocab\", found \"<unk>\""}},
          {"/model/dropout", "0.1", {"model.dropout: want null or 0"}},
          {"/model/continuing_subword_prefix",
           R"("####")",
           {"model.merges[0]: want a right piece with prefix"}},
          {"/model/fuse_unk", "3", {"model.fuse_unk: want true or false"}},
          {"/pre_tokenizer/use_regex", "0", {"pre_tokenizer.use_regex"}},
          {"/post_processor/sep",
           R"(["</s>"])",
           {"post_processor.sep: want [token, id]"}},
          {"/post_processor/cls",
           R"(["<s>", 77])",
           {"post_processor: want tokens that have ids"}},
      });
}

// The places of all values in a document, outer ones too.
void ListPlaces(const json& value, const json::json_pointer& place,
                std::vector<json::json_pointer>& places) {
  places.push_back(place);
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      ListPlaces(inner, place / key, places);
    }
  }
  for (std::size_t i = 0; value.is_array() && i < value.size(); ++i) {
    ListPlaces(value[i], place / i, places);
  }
}

TEST_F(ContradictionsTest, AnyValueAnywhereIsReadOrRefused) {
  const json odd[] = {nullptr,
                      true,
                      -1,
                      2'000'000,
                      1e308,
                      "",
                      "a",
                      "\xE2\x96\x81",
                      json::array(),
                      json::object(),
                      {"a", "b"},
                      {{"type", "Sequence"}},
                      {{"type", "ByteLevel"}, {"add_prefix_space", true}},
                      {{"id", "A"}, {"type", "Fuse"}}};
  const json config = {{"tokenizer_class", "BartTokenizer"}};
  std::size_t refused = 0, read = 0;
  for (const json& sound : {kUnigram, kPairs}) {
    std::vector<json::json_pointer> places;
    ListPlaces(sound, json::json_pointer(), places);
    for (const json::json_pointer& place : places) {
      for (const json& value : odd) {
        json document = sound;
        document[place] = value;
        try {
          Load(document, config);
          ++read;
        } catch (const Error& error) {
          EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
          ++refused;
        }
      }
    }
  }
  EXPECT_GT(refused, 500u);
  EXPECT_GT(read, 100u);
}

TEST_F(ContradictionsTest, ConfigurationsThatContradictTheFile) {
  const std::pair<json, std::vector<std::string>> configs[] = {
      {{{"tokenizer_class", "LlamaTokenizer"}},
       {"tokenizer_config.json: key \"tokenizer_class\"", "LlamaTokenizer"}},
      {{{"tokenizer_class", 3}}, {"tokenizer_class", "want a string"}},
      {{{"tokenizer_class", "T5Tokenizer"}, {"eos_token", 3}}, {"eos_token"}},
      {{{"tokenizer_class", "T5Tokenizer"}, {"add_prefix_space", 1}},
       {"add_prefix_space", "want true or false"}},
      {{{"tokenizer_class", "T5Tokenizer"},
        {"added_tokens_decoder", {{"x", "a"}}}},
       {"added_tokens_decoder", "ids as keys"}},
      {{{"tokenizer_class", "T5Tokenizer"},
        {"added_tokens_decoder", {{"4", {{"content", "</s>"}}}}}},
       {"tokenizer.json", "want the id 0, which the token has already"}},
      {{{"tokenizer_class", "T5Tokenizer"},
        {"added_tokens_decoder", {{"3", {{"content", "<y>"}}}}}},
       {"want an id that no other token has"}},
      {{{"tokenizer_class", "T5Tokenizer"},
        {"added_tokens_decoder", {{"9", {{"lstrip", true}}}}}},
       {"content"}},
      {{{"tokenizer_class", "NllbTokenizer"}, {"src_lang", "xx_Xxxx"}},
       {"tokenizer.json: want tokens of languages, found none"}},
      {{{"tokenizer_class", "NllbTokenizer"}, {"src_lang", 3}}, {"src_lang"}},
      {{{"tokenizer_class", "MBart50Tokenizer"}, {"eos_token", "<end>"}},
       {"tokenizer.json: want the token"}},
  };
  for (const auto& [config, parts] : configs) {
    ExpectRefused(kUnigram, config, parts, config.dump());
  }
}

TEST_F(ContradictionsTest, FilesThatAreNoneOfTheirKind) {
  const auto expect = [&](const std::string& text, const std::string& part) {
    ScratchFolder folder;
    folder.Write("tokenizer.json", text);
    folder.Write("tokenizer_config.json",
                 R"({"tokenizer_class": "PreTrainedTokenizerFast"})");
    try {
      LoadTokenizer(models::ModelFolder(folder.path()));
      ADD_FAILURE() << text.substr(0, 60) << " is accepted";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("tokenizer.json"), 0u);
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos)
          << error.what();
    }
  };
  expect("", "tokenizer.json");
  expect("[]", "want an object");
  expect("{", "tokenizer.json");
  expect(R"({"model": {}, "model": {}})", "model");
  expect(std::string(40, '[') + std::string(40, ']'), "tokenizer.json");
  expect("version https://git-lfs.github.com/spec/v1\n", "tokenizer.json");
  expect(R"({"model": {"type": "BPE", "vocab": {"\ud800": 1}}})",
         "tokenizer.json");
}

TEST_F(ContradictionsTest, FoldersWithoutTheFilesOfTheirClass) {
  for (const auto& [name, file] :
       std::vector<std::pair<std::string, std::string>>{
           {"T5Tokenizer", "spiece.model"},
           {"PegasusTokenizer", "spiece.model"},
           {"MBartTokenizer", "sentencepiece.bpe.model"},
           {"MBart50Tokenizer", "sentencepiece.bpe.model"},
           {"NllbTokenizer", "sentencepiece.bpe.model"},
           {"M2M100Tokenizer", "sentencepiece.bpe.model"},
           {"BartTokenizer", "vocab.json"},
           {"RobertaTokenizer", "vocab.json"},
           {"BlenderbotTokenizer", "vocab.json"},
           {"BlenderbotSmallTokenizer", "vocab.json"},
           {"MarianTokenizer", "source.spm"},
           {"PreTrainedTokenizerFast", "tokenizer.json"},
           {"TokenizersBackend", "tokenizer.json"}}) {
    ScratchFolder folder;
    folder.Write("tokenizer_config.json",
                 json{{"tokenizer_class", name}}.dump());
    try {
      LoadTokenizer(models::ModelFolder(folder.path()));
      ADD_FAILURE() << name << " is accepted";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(file), std::string::npos)
          << name << ": " << error.what();
    }
  }
}

TEST_F(ContradictionsTest, SmallVocabulariesWithoutTheirControlTokens) {
  for (const std::string name :
       {"__start__", "__end__", "__unk__", "__null__"}) {
    json vocabulary = {{"__null__", 0},
                       {"__start__", 1},
                       {"__end__", 2},
                       {"__unk__", 3},
                       {"a", 4}};
    vocabulary.erase(name);
    ScratchFolder folder;
    folder.Write("tokenizer_config.json",
                 R"({"tokenizer_class": "BlenderbotSmallTokenizer"})");
    folder.Write("vocab.json", vocabulary.dump());
    folder.Write("merges.txt", "#version: 0.2\na b</w>\n");
    try {
      LoadTokenizer(models::ModelFolder(folder.path()));
      ADD_FAILURE() << "without " << name << " it is accepted";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos)
          << error.what();
    }
  }
}

}  // namespace
}  // namespace tessera::engine
