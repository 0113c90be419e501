// A request of ids that keeps its outputs, for tests of workers.
#ifndef TESSERA_TESTS_ENGINE_IDS_REQUEST_H_
#define TESSERA_TESTS_ENGINE_IDS_REQUEST_H_

#include <cstdint>
#include <future>
#include <memory>
#include <stop_token>
#include <utility>
#include <vector>

#include "engine/request/request.h"

namespace tessera::engine {

class IdsRequest {
 public:
  IdsRequest(std::vector<std::int32_t> source, const SearchOptions& options,
             RequestRules rules = {},
             std::shared_ptr<const ModelRules> own_rules = {})
      : source_(std::move(source)),
        options_(options),
        rules_(std::move(rules)),
        own_rules_(std::move(own_rules)) {}
  IdsRequest(const IdsRequest&) = delete;
  IdsRequest& operator=(const IdsRequest&) = delete;

  // The request itself, once; this object must outlive it.
  std::unique_ptr<Request> Make() {
    return std::make_unique<Request>(Request{.source = source_,
                                             .rules = rules_,
                                             .options = options_,
                                             .own_rules = own_rules_,
                                             .sink =
                                                 [this](Translation result) {
                                                   result_ = std::move(result);
                                                   done_.set_value();
                                                 },
                                             .stop = stop_.get_token()});
  }

  const std::vector<std::int32_t>& source() const { return source_; }
  const SearchOptions& options() const { return options_; }
  const RequestRules& rules() const { return rules_; }

  void Stop() { stop_.request_stop(); }

  // Waits until a worker has finished it; once.
  Translation Result() {
    done_.get_future().get();
    return std::move(result_);
  }
  // Without waiting, for requests of a batch that has stopped.
  const Translation& result() const { return result_; }

 private:
  std::vector<std::int32_t> source_;
  SearchOptions options_;
  RequestRules rules_;
  std::shared_ptr<const ModelRules> own_rules_;
  std::stop_source stop_;
  Translation result_;
  std::promise<void> done_;
};

}  // namespace tessera::engine

#endif  // TESSERA_TESTS_ENGINE_IDS_REQUEST_H_
