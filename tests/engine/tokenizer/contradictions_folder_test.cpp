// Tokenizer folders whose files contradict each other, are none of their kind
// or are not there.
#include <utility>

#include "tests/engine/tokenizer/contradictions.h"

namespace tessera::engine {
namespace {

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
