// Cases about config.json and generation_config.json.
#include <algorithm>
#include <string>

#include "tests/models/bad_model_corpus_builder.h"

namespace tessera::models {
namespace {

namespace fs = std::filesystem;

void AddConfigs(Corpus& corpus) {
  const std::pair<std::string, std::string> values[] = {
      {"Zero", "0"},
      {"Negative", "-1"},
      {"Billion", "1000000000"},
      {"2To31", "2147483648"},
      {"2To64", "18446744073709551616"},
      {"Text", "\"4\""},
      {"Fraction", "4.5"},
      {"Null", "null"},
  };
  for (const std::string key :
       {"d_model", "encoder_layers", "decoder_layers",
        "encoder_attention_heads", "decoder_attention_heads", "encoder_ffn_dim",
        "decoder_ffn_dim", "vocab_size", "max_position_embeddings"}) {
    for (const auto& [name, value] : values) {
      corpus.Config("Config" + Letters(key) + name, key, value,
                    {"config.json", "\"" + key + "\""});
    }
  }
  corpus.Config("ConfigHeads3", "encoder_attention_heads", "3",
                {"config.json", "divisor of d_model"});
  corpus.Config("ConfigOtherHeads8", "decoder_attention_heads", "8",
                {"config.json", "divisor of d_model"});
  corpus.Config("ConfigOneLayerMore", "encoder_layers", "2",
                {kWeights, "model.encoder.layers.1.", "found no tensor"});
  corpus.Config("ConfigOneDecoderLayerMore", "decoder_layers", "2",
                {kWeights, "model.decoder.layers.1.", "found no tensor"});
  corpus.Config(
      "ConfigVocabularyMore", "vocab_size", "9",
      {kWeights, kShared, "want f32/f16/bf16/f64 [9, 4], found f32 [8, 4]"});
  corpus.Add(
      "ConfigVocabularyLess",
      [](ModelDraft& d) {
        ModelDraft::Set(d.config, "vocab_size", "7");
        ModelDraft::Set(d.config, "pad_token_id", "6");
        for (auto& [key, value] : d.generation_config) {
          std::replace(value.begin(), value.end(), '7', '6');
        }
      },
      {kWeights, kShared, "want f32/f16/bf16/f64 [7, 4], found f32 [8, 4]"});
  // As large as the ranges allow: memory for it must not be taken.
  corpus.Config("ConfigVocabularyHuge", "vocab_size", "16777216",
                {kWeights, kShared, "want f32/f16/bf16/f64 [16777216, 4]"});
  corpus.Config("ConfigWidthHuge", "d_model", "65536",
                {kWeights, "want f32/f16/bf16/f64 [", "65536]"});
  corpus.Config("ConfigFeedForwardHuge", "encoder_ffn_dim", "1048576",
                {kWeights, "fc1", "want f32/f16/bf16/f64 [1048576, 4]"});
  corpus.Config("ConfigOtherFeedForwardHuge", "decoder_ffn_dim", "1048576",
                {kWeights, "fc1", "want f32/f16/bf16/f64 [1048576, 4]"});
  corpus.Config("ConfigManyLayers", "encoder_layers", "1000",
                {kWeights, "model.encoder.layers.1.", "found no tensor"});
  corpus.Add("ConfigVocabularyAndWidthHuge",
             [](ModelDraft& d) {
               ModelDraft::Set(d.config, "vocab_size", "16777216");
               ModelDraft::Set(d.config, "d_model", "65536");
             },
             {kWeights, "want f32/f16/bf16/f64 [", "65536]"});
  corpus.Config("ConfigPaddingOutside", "pad_token_id", "8",
                {"config.json", "pad_token_id", "found 8"});
  corpus.Config("ConfigPaddingNegative", "pad_token_id", "-1",
                {"config.json", "pad_token_id"});
  corpus.Config("ConfigUnknownActivation", "activation_function", "\"selu\"",
                {"config.json", "activation_function", "selu"});
  corpus.Config("ConfigActivationNumber", "activation_function", "1",
                {"config.json", "activation_function"});
  corpus.Config("ConfigUnknownModel", "model_type", "\"gpt2\"",
                {"config.json", "model_type", "gpt2"});
  corpus.Config("ConfigModelTypeNull", "model_type", "null",
                {"config.json", "model_type"});
  corpus.Config("ConfigNan", "d_model", "NaN",
                {"config.json", "d_model", "NaN"});
  corpus.File("ConfigEmpty", "config.json", "", "JSON");
  corpus.File("ConfigIsAList", "config.json", "[]", "JSON object");
  corpus.File("ConfigCut", "config.json", "{\"model_type\": \"mar", "JSON");
  corpus.File("ConfigNotUtf8", "config.json", "{\"a\":\"\xff\"}", "UTF-8");
  corpus.LargeFile(
      "ConfigOf17MiB", "config.json",
      [] { return std::string(17u << 20, ' '); }, "want at most");
  std::string many = "{";
  for (int i = 0; i <= 100'000; ++i) {
    many += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
  }
  corpus.File("ConfigOf100001Keys", "config.json", many + "}", "JSON keys");
  corpus.After("ConfigMissing",
               [](const fs::path& f) { fs::remove(f / "config.json"); },
               {"config.json", "weights without their config.json"});
}

void AddGenerationConfigs(Corpus& corpus) {
  corpus.Generation("GenerationMaxLength0", "max_length", "0");
  corpus.Generation("GenerationMaxLength2To31", "max_length", "2147483648");
  corpus.Generation("GenerationNoBeam", "num_beams", "0");
  corpus.Generation("GenerationNegativeBeams", "num_beams", "-1");
  corpus.Generation("GenerationBillionBeams", "num_beams", "1000000000");
  corpus.Generation("GenerationBeamsAboveVocabulary", "num_beams", "9");
  corpus.Generation("GenerationEosOutside", "eos_token_id", "8");
  corpus.Generation("GenerationEosNull", "eos_token_id", "null");
  corpus.Generation("GenerationNoEos", "eos_token_id", "[]");
  corpus.Generation("GenerationPaddingOutside", "pad_token_id", "8");
  corpus.Generation("GenerationStartNull", "decoder_start_token_id", "null");
  corpus.Generation("GenerationBadWordOutside", "bad_words_ids", "[[8]]");
  corpus.Generation("GenerationEmptyBadWord", "bad_words_ids", "[[]]");
  corpus.Generation("GenerationPenaltyText", "length_penalty", "\"1\"");
  corpus.Generation("GenerationSampling", "do_sample", "1");
  corpus.Generation("GenerationTooManyOutputs", "num_return_sequences", "99");
  corpus.Generation("GenerationGroups", "num_beam_groups", "0");
  corpus.Generation("GenerationRepetition", "repetition_penalty", "0");
  corpus.Generation("GenerationBias", "sequence_bias", "[[[8], 1.0]]");
  corpus.Generation("GenerationBiasOfNothing", "sequence_bias", "[[[], 1.0]]");
  corpus.Generation("GenerationBiasWithout", "sequence_bias", "[[[1]]]");
  corpus.Generation("GenerationDecay", "exponential_decay_length_penalty",
                    "[5]");
  corpus.Generation("GenerationDecayFactor", "exponential_decay_length_penalty",
                    "[5, 0]");
  corpus.Generation("GenerationNoRepeat", "no_repeat_ngram_size", "-3");
  corpus.Generation("GenerationEarlyStopping", "early_stopping", "\"soon\"");
  corpus.File("GenerationPenaltyNan", "generation_config.json",
              "{\"length_penalty\": NaN}", "want a number");
  corpus.File("GenerationPenaltyHuge", "generation_config.json",
              "{\"length_penalty\": 1e400}", "JSON");
}

}  // namespace

void AddConfigCases(Corpus& corpus) {
  AddConfigs(corpus);
  AddGenerationConfigs(corpus);
}

}  // namespace tessera::models
