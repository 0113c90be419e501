// Languages that are asked for: defaults of folders, and errors.
#include "engine/tokenizer/languages.h"

#include <gtest/gtest.h>
#include <tessera/error.h>

#include <nlohmann/json.hpp>
#include <string>

#include "engine/tokenizer/text.h"
#include "engine/tokenizer/tokenizer.h"
#include "tests/engine/tokenizer/scratch_folder.h"

namespace tessera::engine {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

const std::filesystem::path kGolden =
    std::filesystem::path(TESSERA_SOURCE_DIR) /
    "tests/golden/tokenizer/families";

// A folder of a class with these files of settings.
class Folder {
 public:
  explicit Folder(const std::string& name) {
    const json golden = json::parse(ReadBytes(kGolden / (name + ".json")));
    for (const auto& [own, file] : golden["files"].items()) {
      folder_.Write(own, ReadBytes(kGolden / file.get<std::string>()));
    }
    config_ = golden["config"];
  }
  Folder& Set(const std::string& key, const json& value) {
    config_[key] = value;
    return *this;
  }
  Folder& Write(const std::string& file, const json& content) {
    folder_.Write(file, content.dump());
    return *this;
  }
  std::unique_ptr<Tokenizer> Load() const {
    folder_.Write("tokenizer_config.json", config_.dump());
    return LoadTokenizer(models::ModelFolder(folder_.path()));
  }

 private:
  ScratchFolder folder_;
  json config_;
};

template <class Action>
std::string ErrorOf(Action&& action) {
  try {
    action();
  } catch (const TextError& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kBadLanguage);
    return error.what();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

TEST(LanguagesTest, AnUnknownOneListsThoseNear) {
  const auto tokenizer = Folder("mbart50").Load();
  EXPECT_EQ(ErrorOf([&] {
              tokenizer->EncodeFor({"en", "fr_XX"}, "a");
            }),
            "source language: want one of the model's 52: en_XX, es_XX, et_EE, "
            "af_ZA, ar_AR, az_AZ, bn_IN, cs_CZ, ...; found \"en\"")
      << "codes that begin alike come first";
  EXPECT_NE(ErrorOf([&] {
              tokenizer->EncodeFor({"", "FR_xx"}, "a");
            }).find("target language: want one of the model's 52: fr_XX,"),
            std::string::npos);
}

TEST(LanguagesTest, AMissingTargetIsAnErrorUnlessTheFolderSaysWhat) {
  Folder folder("m2m100");
  EXPECT_NE(ErrorOf([&] { folder.Load()->Encode("a"); }).find("found none"),
            std::string::npos);
  folder.Write("generation_config.json", {{"forced_bos_token_id", 500}});
  const EncodedText encoded = folder.Load()->Encode("a");
  EXPECT_EQ(encoded.forced_first, std::nullopt);
  EXPECT_TRUE(folder.Set("tgt_lang", "fr").Load()->Encode("a").forced_first);
}

TEST(LanguagesTest, OutputsOfMbartBeginWithTheirLanguage) {
  Folder folder("mbart");
  EXPECT_NE(ErrorOf([&] { folder.Load()->Encode("a"); }).find("found none"),
            std::string::npos);
  folder.Write("config.json", {{"decoder_start_token_id", 502}});
  EXPECT_TRUE(folder.Load()->Encode("a").prompt.empty());
  EXPECT_EQ(folder.Load()->EncodeFor({"", "ar_AR"}, "a").prompt, Ids{501});
}

TEST(LanguagesTest, TheListsOfClassesAreThoseOfTransformers) {
  EXPECT_EQ(Folder("mbart").Load()->languages().size(), 25u);
  EXPECT_EQ(Folder("mbart50").Load()->languages().size(), 52u);
  EXPECT_EQ(Folder("m2m100").Load()->languages().size(), 100u);
  EXPECT_EQ(Folder("m2m100").Set("language_codes", "wmt21").Load()->languages(),
            (std::vector<std::string>{"cs", "de", "en", "ha", "is", "ja", "ru",
                                      "zh"}));
  // Without a list in the folder, the class's begins behind the pieces.
  Folder nllb("nllb");
  nllb.Set("added_tokens_decoder", nullptr);
  EXPECT_EQ(nllb.Load()->languages().size(), 202u);
  EXPECT_EQ(nllb.Load()->EncodeFor({"ace_Arab", "eng_Latn"}, "").ids.front(),
            501);
  EXPECT_EQ(nllb.Load()->EncodeFor({"ace_Arab", "eng_Latn"}, "").forced_first,
            501 + 46);
}

TEST(LanguagesTest, AFolderMayHaveAListOfItsOwn) {
  Folder nllb("nllb");
  nllb.Set("src_lang", "tlh_Latn")
      .Set("added_tokens_decoder", {{"501", {{"content", "tlh_Latn"}}},
                                    {"502", {{"content", "epo_Latn"}}},
                                    {"503", {{"content", "<mask>"}}}});
  const auto tokenizer = nllb.Load();
  EXPECT_EQ(tokenizer->languages(),
            (std::vector<std::string>{"epo_Latn", "tlh_Latn"}));
  EXPECT_EQ(tokenizer->source_size(), 503u);
  EXPECT_EQ(tokenizer->EncodeFor({"", "epo_Latn"}, "").ids, (Ids{501, 2}));
  EXPECT_EQ(tokenizer->EncodeFor({"", "epo_Latn"}, "").forced_first, 502);
}

TEST(LanguagesTest, TargetsOfMarianAreCodesOfItsVocabulary) {
  const auto tokenizer =
      LoadTokenizer(models::ModelFolder(kGolden.parent_path() / "separate"));
  ASSERT_FALSE(tokenizer->languages().empty());
  const std::string code = tokenizer->languages().front();
  EXPECT_EQ(tokenizer->EncodeFor({"", code}, "Where is it?").ids,
            tokenizer->Encode(">>" + code + "<< Where is it?").ids);
  EXPECT_NE(ErrorOf([&] {
              tokenizer->EncodeFor({"", "xx"}, "a");
            }).find("target language: want one of the model's"),
            std::string::npos);
  EXPECT_NE(ErrorOf([&] {
              tokenizer->EncodeFor({code, ""}, "a");
            }).find("source language: want none"),
            std::string::npos);
}

TEST(LanguagesTest, OthersHaveNone) {
  for (const std::string name : {"t5", "byt5", "pegasus", "bart"}) {
    const auto tokenizer = Folder(name).Load();
    EXPECT_EQ(
        ErrorOf([&] {
          tokenizer->EncodeFor({"", "fr"}, "a");
        }),
        "target language: want none, as the model has no languages; found "
        "\"fr\"")
        << name;
  }
}

TEST(LanguagesTest, RefusesFoldersThatContradictThemselves) {
  const auto error = [](Folder& folder) {
    return ErrorOf([&] { folder.Load(); });
  };
  const auto expect = [](const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
  };
  expect(error(Folder("m2m100").Set("language_codes", "wmt19")),
         "\"language_codes\": want \"m2m100\" or \"wmt21\"");
  expect(error(Folder("t5").Set("extra_ids", -1)), "extra_ids");
  expect(error(Folder("t5").Set("extra_ids", "100")), "extra_ids");
  expect(error(Folder("byt5").Set("extra_ids", 1000000)), "extra_ids");
  expect(error(Folder("nllb").Set("added_tokens_decoder", {{"x", "y"}})),
         "ids as keys");
  expect(error(Folder("nllb").Set("added_tokens_decoder",
                                  {{"-1", {{"content", "y"}}}})),
         "ids as keys");
  expect(error(Folder("nllb").Set("added_tokens_decoder",
                                  {{"5", {{"text", "y"}}}})),
         "content");
  expect(error(Folder("nllb").Set("src_lang", 3)), "src_lang");
  expect(error(Folder("mbart").Set("tgt_lang", true)), "tgt_lang");
  expect(error(Folder("nllb").Set("legacy_behaviour", "no")),
         "legacy_behaviour");
  expect(error(Folder("bart").Set("add_prefix_space", 1)), "add_prefix_space");
  expect(error(Folder("bart").Set("tokenizer_class", "BertTokenizer")),
         "found \"BertTokenizer\"");
  expect(
      error(Folder("bart").Set("tokenizer_class", "BlenderbotSmallTokenizer")),
      "want the piece \"__start__\"");
  // The files of another class.
  expect(error(Folder("bart").Set("tokenizer_class", "T5Tokenizer")),
         "spiece.model: want a readable file");
  expect(error(Folder("t5").Set("tokenizer_class", "NllbTokenizer")),
         "sentencepiece.bpe.model: want a readable file");
  expect(error(Folder("mbart").Set("tokenizer_class", "M2M100Tokenizer")),
         "vocab.json: want a readable file");
  expect(error(Folder("bart").Write("vocab.json", {{"a", 0}})), "</s>");
}

TEST(LanguagesTest, FoldersWithoutAClassHaveThatOfTheirModel) {
  Folder folder("t5");
  folder.Set("tokenizer_class", nullptr)
      .Write("config.json", {{"model_type", "umt5"}});
  EXPECT_EQ(folder.Load()->source_size(), 700u);
  folder.Write("config.json",
               {{"model_type", "t5"}, {"tokenizer_class", "PegasusTokenizer"}});
  EXPECT_EQ(folder.Load()->source_size(), 703u);
  folder.Write("config.json", {{"model_type", "blenderbot-small"}});
  EXPECT_NE(ErrorOf([&] { folder.Load(); }).find("vocab.json"),
            std::string::npos);
}

}  // namespace
}  // namespace tessera::engine
