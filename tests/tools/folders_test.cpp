// Folders as people have them, from the command line.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tools/process.h"

namespace tessera {
namespace {

namespace fs = std::filesystem;

const fs::path kBundled = TESSERA_SOURCE_DIR "/models/bundled/tatoeba-en-fr";

// The bundled model behind links, whose small files a test may replace.
class BundledCopy {
 public:
  BundledCopy() {
    for (const auto& file : fs::directory_iterator(kBundled)) {
      fs::create_symlink(file.path(),
                         folder_.Path(file.path().filename().string()));
    }
  }
  void Replace(const std::string& name, const std::string& bytes) const {
    fs::remove(folder_.Path(name));
    folder_.Write(name, bytes);
  }
  std::string path() const { return folder_.Path(""); }

 private:
  TestFolder folder_;
};

// Replaces `from`, which must be there.
std::string With(std::string text, const std::string& from,
                 const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(FoldersTest, GoOnWithoutUnsupportedOptionsOnlyIfTold) {
  const BundledCopy copy;
  const std::string config = ReadFile(kBundled / "generation_config.json");
  copy.Replace("generation_config.json",
               With(config, "{", "{\"guidance_scale\": 1.5, "));
  const std::string text = "Where is the station?\n";
  const Outcome refused =
      RunTessera({"translate", "--model", copy.path()}, text);
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.out, "");
  EXPECT_NE(refused.err.find("--ignore-unsupported goes on without them"),
            std::string::npos)
      << refused.err;
  const Outcome told = RunTessera(
      {"translate", "--ignore-unsupported", "--model", copy.path()}, text);
  EXPECT_EQ(told.code, 0);
  EXPECT_EQ(told.out, RunTessera({"translate"}, text).out);
  ASSERT_EQ(Lines(told.err).size(), 1u) << told.err;
  EXPECT_EQ(told.err.find("tessera: warning: generation_config.json: key "
                          "\"guidance_scale\": \"1.5\" is not supported"),
            0u)
      << told.err;
  EXPECT_NE(RunTessera({"inspect", "--model", copy.path()})
                .out.find("guidance_scale"),
            std::string::npos);
}

// What draws may have a warper, without an option that says so again.
TEST(FoldersTest, AModelThatSamplesDoes) {
  const BundledCopy copy;
  const std::string config = ReadFile(kBundled / "generation_config.json");
  copy.Replace("generation_config.json",
               With(config, "{", "{\"do_sample\": true, "));
  const std::vector<std::string> command = {"translate", "--model", copy.path(),
                                            "--top-k", "5"};
  EXPECT_EQ(RunTessera(command, "Hello!\n").err, "");
  std::vector<std::string> without = command;
  without.push_back("--no-sample");
  EXPECT_NE(RunTessera(without, "Hello!\n").err.find("top_k, sample"),
            std::string::npos);
}

// Of one token there is nothing to draw: the folder's top_k counts.
TEST(FoldersTest, OptionsOfSamplingHoldWhereTheFolderDoesNotSample) {
  const BundledCopy copy;
  const std::string config = ReadFile(kBundled / "generation_config.json");
  const std::string text = "I have never seen so many stars in the sky.\n";
  copy.Replace("generation_config.json", With(config, "{", "{\"top_k\": 1, "));
  const auto translate = [&](std::vector<std::string> options) {
    options.insert(options.begin(),
                   {"translate", "--model", copy.path(), "--beam-size", "1"});
    return RunTessera(options, text).out;
  };
  const std::string greedy = translate({});
  EXPECT_EQ(translate({"--sample"}), greedy);
  EXPECT_NE(translate({"--sample", "--top-k", "0", "--temperature", "9"}),
            greedy);
}

// A switch that is not on the command line does not change what a folder says.
TEST(FoldersTest, SwitchesOfAFolderHoldUnlessTheCommandLineHasThem) {
  const BundledCopy copy;
  const std::string config = ReadFile(kBundled / "generation_config.json");
  const std::string text =
      "I have never seen so many stars in the sky.\n"
      "She could not help laughing at what he had on his head.\n"
      "If it rains tomorrow, we will have to put the meeting off.\n";
  const auto translate = [&](const std::string& settings,
                             std::vector<std::string> options) {
    copy.Replace("generation_config.json", With(config, "{", "{" + settings));
    options.insert(options.begin(),
                   {"translate", "--format", "json", "--model", copy.path()});
    const Outcome outcome = RunTessera(options, text);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return outcome.out;
  };
  struct Switch {
    std::string key, others, name, beams;
  };
  for (const Switch& one :
       {Switch{"renormalize_logits", R"("repetition_penalty": 1.5,)",
               "renormalize-logits", "4"},
        Switch{"do_sample", "", "sample", "1"}}) {
    SCOPED_TRACE(one.key);
    const auto run = [&](const std::string& value,
                         std::vector<std::string> options) {
      options.insert(options.end(), {"--beam-size", one.beams});
      return translate("\"" + one.key + "\": " + value + "," + one.others,
                       options);
    };
    const std::string yes = "--" + one.name, no = "--no-" + one.name;
    const std::string on = run("true", {}), off = run("false", {});
    EXPECT_NE(on, off);
    EXPECT_EQ(run("false", {yes}), on);
    EXPECT_EQ(run("true", {no}), off);
    EXPECT_EQ(run("true", {yes, no}), off);
    EXPECT_EQ(run("false", {no, yes}), on);
  }
}

// The token that outputs start with is no part of their text, whatever pads.
TEST(FoldersTest, PaddingByAnotherTokenChangesNoText) {
  const std::string text = "Where is the station?\n";
  const std::string want = RunTessera({"translate"}, text).out;
  const std::string config = ReadFile(kBundled / "tokenizer_config.json");
  const auto expect_same = [&](const std::string& file,
                               const std::string& bytes) {
    const BundledCopy copy;
    copy.Replace(file, bytes);
    const Outcome outcome =
        RunTessera({"translate", "--model", copy.path()}, text);
    EXPECT_EQ(outcome.out, want) << bytes << outcome.err;
  };
  for (const std::string pad :
       {R"("</s>")", R"("<unk>")", R"({"content": "</s>", "special": true})"}) {
    expect_same("special_tokens_map.json", "{\"pad_token\": " + pad + "}");
    expect_same("tokenizer_config.json",
                With(config, "{",
                     "{\"eos_token\": \"</s>\", \"unk_token\": \"<unk>\", "
                     "\"pad_token\": " +
                         pad + ", "));
  }
}

TEST(FoldersTest, AVocabularyBeyondTheEmbeddingsFailsTheTextsThatNeedIt) {
  const BundledCopy copy;
  const std::string vocabulary = ReadFile(kBundled / "vocab.json");
  copy.Replace("vocab.json", With(vocabulary, "{", "{\"▁zyxw\": 8001, "));
  const Outcome fine = RunTessera({"translate", "--model", copy.path()},
                                  "Where is the station?\n");
  EXPECT_EQ(fine.code, 0);
  EXPECT_EQ(fine.out, RunTessera({"translate"}, "Where is the station?\n").out);
  EXPECT_NE(fine.err.find("warning: source vocabulary: ids up to 8001 where "
                          "the model has 8000 embeddings"),
            std::string::npos)
      << fine.err;
  copy.Replace("added_tokens.json", R"({"zyxw": 8001})");
  const Outcome one =
      RunTessera({"translate", "--model", copy.path()}, "Hello.\nzyxw\n");
  EXPECT_EQ(one.code, 3);
  EXPECT_EQ(Lines(one.out).size(), 2u);
  EXPECT_NE(one.err.find("token \"zyxw\": want an id below 8000"),
            std::string::npos)
      << one.err;
}

TEST(FoldersTest, WhatIsNoModelIsNamedInOneLine) {
  const TestFolder folder;
  fs::create_directory(folder.Path("ct2"));
  folder.Write("ct2/model.bin", "");
  folder.Write("ct2/shared_vocabulary.json", "[]");
  fs::create_directory(folder.Path("bert"));
  folder.Write("bert/config.json", R"({"model_type": "bert"})");
  const std::pair<std::string, const char*> cases[] = {
      {folder.Path("ct2"), "found a model of CTranslate2"},
      {folder.Path("bert"), "(a text encoder, which writes no text)"},
      {folder.Path("bert/config.json"), "name the folder it is in"},
      {folder.Path("absent"), "no such folder"},
      {folder.Path(""), "name the model in it"}};
  for (const auto& [path, part] : cases) {
    const Outcome outcome = RunTessera({"translate", "--model", path}, "x\n");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(Lines(outcome.err).size(), 1u) << outcome.err;
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace tessera
