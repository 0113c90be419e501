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
void ShortlistTarget(std::string_view bytes);      // lexical translations
void TextTarget(std::string_view bytes);     // a scheme's number, then a text
void FilesTarget(std::string_view bytes);    // named files, tiny_folder.h
void FolderTarget(std::string_view bytes);   // tiny_folder.h
void PackedTarget(std::string_view bytes);   // model.tessera
void OptionsTarget(std::string_view bytes);  // the options of a text as JSON
// What a server reads.
void RequestTarget(std::string_view bytes);  // of a connection
void FieldsTarget(std::string_view bytes);   // JSON of the native endpoints
void ParamsTarget(std::string_view bytes);   // encoding, query, line feed, body
void MarkupTarget(std::string_view bytes);   // h or x, then HTML or XML

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
    {"shortlist", ShortlistTarget},
    {"text", TextTarget},
    {"files", FilesTarget},
    {"folder", FolderTarget},
    {"packed", PackedTarget},
    {"options", OptionsTarget},
    {"serve_request", RequestTarget},
    {"serve_fields", FieldsTarget},
    {"serve_params", ParamsTarget},
    {"serve_markup", MarkupTarget},
};

}  // namespace tessera::fuzz

#endif  // TESSERA_TESTS_FUZZ_TARGETS_H_
