// The fuzz targets: each reads any bytes as one kind of file, text or option
// and returns, whatever they are.
//
// What is wrong with bytes is an Error of the library, which a target swallows;
// anything else that is thrown, a broken promise (Expect) among it, is a
// finding.
#ifndef TESSERA_TESTS_FUZZ_TARGETS_H_
#define TESSERA_TESTS_FUZZ_TARGETS_H_

#include <span>
#include <string_view>

namespace tessera::fuzz {

void ConfigTarget(std::string_view bytes);         // config.json
void GenerationTarget(std::string_view bytes);     // generation_config.json
void SafetensorsTarget(std::string_view bytes);    // model.safetensors
void TorchTarget(std::string_view bytes);          // pytorch_model.bin
void SentencePieceTarget(std::string_view bytes);  // source.spm
void VocabularyTarget(std::string_view bytes);     // vocab.json, lines
void TokenizerJsonTarget(std::string_view bytes);  // tokenizer.json
void TextTarget(std::string_view bytes);     // a scheme's number, then a text
void FolderTarget(std::string_view bytes);   // tiny_folder.h
void OptionsTarget(std::string_view bytes);  // the options of a text as JSON

struct Target {
  const char* name;  // of its program and of its folder in corpus/
  void (*run)(std::string_view bytes);
};

inline constexpr Target kTargets[] = {
    {"config", ConfigTarget},
    {"generation", GenerationTarget},
    {"safetensors", SafetensorsTarget},
    {"torch", TorchTarget},
    {"sentencepiece", SentencePieceTarget},
    {"vocabulary", VocabularyTarget},
    {"tokenizer_json", TokenizerJsonTarget},
    {"text", TextTarget},
    {"folder", FolderTarget},
    {"options", OptionsTarget},
};

}  // namespace tessera::fuzz

#endif  // TESSERA_TESTS_FUZZ_TARGETS_H_
