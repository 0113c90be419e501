// Configurations: of a model, by every family's reader, and of its outputs.
#include "models/architectures/architectures.h"
#include "models/config/generation_config.h"
#include "models/files/model_folder.h"
#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/targets.h"

namespace tessera::fuzz {

void ConfigTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("config.json", bytes);
  for (const auto read :
       {models::ReadBart, models::ReadT5, models::ReadTransformer}) {
    MayRefuse([&] {
      const models::Architecture model =
          read(models::ModelFolder(folder.path()));
      Expect(model.info.width > 0 && model.info.target_vocabulary > 0 &&
                 model.info.max_source_tokens > 0,
             "what is read has sizes");
      Expect(!model.info.generation.eos_token_ids.empty(), "outputs can end");
    });
  }
}

void GenerationTarget(std::string_view bytes) {
  static const MemoryFolder folder;
  folder.Write("generation_config.json", bytes);
  folder.Write("config.json", R"({"model_type":"marian"})");
  constexpr std::size_t kVocabulary = 50, kPositions = 64;
  models::GenerationContext context;
  context.vocab_size = kVocabulary;
  context.max_positions = kPositions;
  context.eos_token_id = 0;
  for (const bool ignore : {false, true}) {
    MayRefuse([&] {
      const models::GenerationConfig config = models::ReadGenerationConfig(
          models::ModelFolder(folder.path(), {.ignore_unsupported = ignore}),
          context);
      Expect(config.max_length <= kPositions + 1, "outputs have positions");
      Expect(config.num_beams >= 1, "there are beams");
      Expect(!config.eos_token_ids.empty(), "outputs can end");
      for (const std::int32_t id : config.eos_token_ids) {
        Expect(id >= 0 && static_cast<std::size_t>(id) < kVocabulary,
               "ids are of the vocabulary");
      }
    });
  }
}

}  // namespace tessera::fuzz
