// A text of several sentences while their tokens come.
#ifndef TESSERA_ENGINE_REQUEST_DOCUMENT_GROWTH_H_
#define TESSERA_ENGINE_REQUEST_DOCUMENT_GROWTH_H_

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/request/text_growth.h"

namespace tessera::engine {

// Tells a sink of sentences, one after another whatever order they come in, and
// of what stands between them: the texts told are what JoinSentences makes of
// the sentences'.
class DocumentGrowth {
 public:
  // `sentences`, views into `text`, must outlive it as well as that.
  DocumentGrowth(std::string_view text,
                 const std::vector<std::string_view>& sentences,
                 TextGrowth::Sink sink);

  // Takes what sentence i has grown by, and that it will grow no more. May be
  // called from any thread; calls of the sink follow one another.
  void Grow(std::size_t i, const Growth& growth);
  void Finish(std::size_t i);

 private:
  struct Waiting {
    std::string text = {};
    std::vector<std::int32_t> ids = {};
    bool finished = false;
  };

  std::string_view Between(std::size_t i) const;
  void Tell(std::string_view text, std::span<const std::int32_t> ids);

  const std::string_view text_;
  const std::vector<std::string_view>& sentences_;
  const TextGrowth::Sink sink_;
  std::mutex mutex_;
  std::vector<Waiting>
      waiting_;           // what has come of sentences before their turn
  std::size_t turn_ = 0;  // the sentence that is told of
  bool begun_ = false;    // it has had text
  std::string between_;   // what is to be told before its next text
  std::string told_;      // the last text that was told
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_REQUEST_DOCUMENT_GROWTH_H_
