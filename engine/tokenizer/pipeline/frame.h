// The component "post_processor" of tokenizer.json.
#ifndef TESSERA_ENGINE_TOKENIZER_PIPELINE_FRAME_H_
#define TESSERA_ENGINE_TOKENIZER_PIPELINE_FRAME_H_

#include <cstdint>
#include <vector>

#include "engine/tokenizer/pipeline/node.h"

namespace tessera::engine {

// The tokens round those of a text.
struct Frame {
  std::vector<std::int32_t> before;
  std::vector<std::int32_t> behind;

  // Null is an empty one. Of Hugging Face's: Sequence, TemplateProcessing,
  // RobertaProcessing, BertProcessing, ByteLevel. Throws Error for another,
  // with the names of these, and for a template that has the text not once.
  static Frame Read(const Node& node);
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_TOKENIZER_PIPELINE_FRAME_H_
