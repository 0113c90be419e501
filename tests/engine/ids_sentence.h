// A sentence of ids that keeps its outputs, for tests of workers.
#ifndef TESSERA_TESTS_ENGINE_IDS_SENTENCE_H_
#define TESSERA_TESTS_ENGINE_IDS_SENTENCE_H_

#include <cstdint>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "engine/request/request.h"

namespace tessera::engine {

class IdsSentence : public Sentence {
 public:
  IdsSentence(std::vector<std::int32_t> source, const SearchOptions& options)
      : Sentence(options), source_(std::move(source)) {}

  std::vector<std::int32_t> Encode() override { return source_; }
  void Finish(std::vector<Hypothesis> outputs) override {
    result_.hypotheses = std::move(outputs);
    done_.set_value();
  }
  void Fail(std::string error) noexcept override {
    result_.error = std::move(error);
    done_.set_value();
  }

  const std::vector<std::int32_t>& source() const { return source_; }

  // Waits until a worker has finished it; once.
  Translation Result() {
    done_.get_future().get();
    return std::move(result_);
  }
  // Without waiting, for sentences of a batch that has stopped.
  const Translation& result() const { return result_; }

 private:
  std::vector<std::int32_t> source_;
  Translation result_;
  std::promise<void> done_;
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_IDS_SENTENCE_H_
