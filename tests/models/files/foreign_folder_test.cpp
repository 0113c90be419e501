// What folders and files are that are no Hugging Face models.
#include "models/files/foreign_folder.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/files/file.h"
#include "models/model.h"
#include "tests/models/weights/test_folder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

// The error for a folder with empty files of these names; config.json holds {}.
void ExpectNamed(const std::vector<std::string>& names,
                 std::initializer_list<std::string_view> message) {
  const TestFolder folder;
  for (const std::string& name : names) {
    fs::create_directories((folder.path() / name).parent_path());
    folder.Write(name, name.ends_with("config.json") ? "{}" : "");
  }
  ExpectError([&] { LoadModel(ModelFolder(folder.path())); }, message);
}

TEST(ForeignFolderTest, NamesOtherEngines) {
  for (const bool config : {false, true}) {
    const auto expect = [&](std::vector<std::string> names,
                            const std::string& what) {
      if (config) names.push_back("config.json");
      ExpectNamed(names, {"want a Hugging Face folder with config.json",
                          std::string_view(what)});
    };
    expect({"model.bin", "shared_vocabulary.json"},
           "found a model of CTranslate2; name the Hugging Face folder that it "
           "was converted from");
    expect({"model.bin", "source_vocabulary.txt", "target_vocabulary.txt"},
           "a model of CTranslate2");
    expect({"decoder.yml", "opus.npz", "opus.vocab.yml", "source.spm"},
           "a model of Marian; name its Hugging Face folder");
    expect({"model.npz", "vocab.spm"}, "a model of Marian");
    expect({"model.npz", "vocab.yml"}, "a model of Marian");
    expect({"model.pt", "dict.en.txt"}, "a model of fairseq");
    expect({"encoder_model.onnx", "tokenizer.json"}, "an export to ONNX");
    expect({"openvino_encoder_model.xml"}, "an export to OpenVINO");
    expect({"model-q4_k.gguf"}, "a model of llama.cpp (GGUF)");
    expect({"saved_model.pb"}, "a model of TensorFlow");
    expect({"model_index.json"}, "a pipeline of Diffusers");
    expect({"modules.json"}, "a model of Sentence Transformers");
    expect({"adapter_config.json", "adapter_model.safetensors"},
           "an adapter of PEFT; merge it with its base model first");
  }
}

TEST(ForeignFolderTest, NamesPartsOfAModel) {
  ExpectNamed({}, {"found an empty folder"});
  ExpectNamed({"notes.md"}, {"found no such file"});
  ExpectNamed(
      {"config.json"},
      {"config.json: key \"model_type\": want the name of a family of models, "
       "found no such key"});
  ExpectNamed({"tokenizer_config.json", "source.spm"},
              {"a tokenizer without its model"});
  ExpectNamed({"model.safetensors", "vocab.json"},
              {"weights without their config.json"});
}

TEST(ForeignFolderTest, SaysWhichFolderInItIsTheModel) {
  ExpectNamed({"checkpoint-500/config.json", "checkpoint-1000/config.json"},
              {"name the model in it: ", "/checkpoint-1000"});
  ExpectNamed({"opus-mt-en-de/config.json", "README.md"},
              {"name the model in it: ", "/opus-mt-en-de"});
  ExpectNamed({"models--t5-small/refs/main", "version.txt"},
              {"Hugging Face's cache; name a snapshot",
               "/models--t5-small/snapshots/..."});
  ExpectNamed({"snapshots/abc/notes.md"},
              {"without a snapshot; download it again"});
  ExpectNamed({"snapshots/abc/config.json", "blobs/x"},
              {"name the snapshot in it: ", "/snapshots/abc"});
  const TestFolder cache;
  for (const char* name : {"abc", "def"}) {
    fs::create_directories(cache.path() / "snapshots" / name);
    cache.Write(std::string("snapshots/") + name + "/config.json", "{}");
  }
  fs::create_directories(cache.path() / "refs");
  for (const char* main : {"def", "def\n"}) {
    cache.Write("refs/main", main);
    ExpectError([&] { LoadModel(ModelFolder(cache.path())); },
                {"/snapshots/def"});
  }
  for (const char* main : {"../../x", "", "ghi"}) {
    cache.Write("refs/main", main);
    ExpectError([&] { LoadModel(ModelFolder(cache.path())); },
                {"/snapshots/abc"});
  }
}

TEST(ForeignFolderTest, QuotesNamesWithOddBytes) {
  ExpectNamed({"a\x1b[2J/config.json"},
              {"name the model in it: ", "/\"a\\u001b[2J\""});
  ExpectNamed({"snapshots/\xff\x07/config.json"},
              {"name the snapshot in it: ", "/snapshots/\"\\ufffd\\u0007\""});
  ExpectNamed({"models--\n--b/x"}, {"/\"models--\\n--b\"/snapshots/..."});
}

TEST(ForeignFolderTest, TellsWhatAnotherModelTypeIs) {
  const std::pair<const char*, const char*> cases[] = {
      {"bert", "found \"bert\" (a text encoder, which writes no text)"},
      {"deberta-v2", "a text encoder"},
      {"gpt2", "(a decoder without an encoder; "},
      {"llama", "(a decoder without an encoder; "},
      {"clip", "(a model of images)"},
      {"vit", "(a model of images)"},
      {"whisper", "(a model of speech)"},
      {"led", "(an encoder-decoder that is not supported yet)"},
      {"something", "want one of marian, bart, "}};
  for (const auto& [type, message] : cases) {
    const TestFolder folder;
    folder.Write("config.json",
                 std::string("{\"model_type\": \"") + type + "\"}");
    ExpectError([&] { CheckModelFolder(ModelFolder(folder.path())); },
                {"key \"model_type\"", message});
  }
}

TEST(ForeignFolderTest, NamesAFileInPlaceOfAFolder) {
  const TestFolder folder;
  const auto file = folder.Write("model.safetensors", "");
  ExpectError([&] { const ModelFolder none(file); },
              {"a file in place of the folder; name the folder it is in, " +
               folder.path().string()});
  ExpectError([] { const ModelFolder none("Helsinki-NLP/opus-mt-en-de"); },
              {"no such folder; download a model of Hugging Face first: "
               "hf download Helsinki-NLP/opus-mt-en-de"});
  ExpectError([] { const ModelFolder none("absent"); }, {"no such folder"});
  ExpectError([] { const ModelFolder none("/absent/too"); },
              {"/absent/too", "no such folder"});
}

TEST(ForeignFolderTest, NamesAPlaceholderInPlaceOfAFile) {
  const TestFolder folder;
  const std::pair<const char*, const char*> cases[] = {
      {"version https://git-lfs.github.com/spec/v1\noid sha256:4d",
       "a Git LFS pointer; fetch the file itself with: git lfs pull"},
      {"<!DOCTYPE html><html>", "an HTML page"},
      {"<html lang=\"en\">", "an HTML page"},
      {"../../blobs/0123abcd", "the text of a link"}};
  for (const auto& [text, message] : cases) {
    for (const char* name : {"config.json", "vocab.json", "source.spm"}) {
      const auto file = folder.Write(name, text);
      ExpectError(
          [&] { ReadWholeFile(file, 1000); },
          {std::string(name) + ": want the file itself, found ", message});
    }
  }
  fs::create_symlink(folder.path() / "gone", folder.path() / "link.json");
  ExpectError([&] { ReadWholeFile(folder.path() / "link.json", 1000); },
              {"No such file or directory behind this link; download it "
               "again"});
}

}  // namespace
}  // namespace tessera::models
