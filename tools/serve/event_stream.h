// A response that comes text by text.
#ifndef TESSERA_TOOLS_SERVE_EVENT_STREAM_H_
#define TESSERA_TOOLS_SERVE_EVENT_STREAM_H_

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tools/serve/service.h"
#include "tools/serve/translation_json.h"

namespace tessera::tools::serve {

// Server-Sent Events: what a text grows by, each text when it is done, and
// [DONE].
class EventStream : public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(Loop& loop, std::shared_ptr<Exchange> exchange,
              ReturnedParts returned)
      : loop_(loop), exchange_(std::move(exchange)), returned_(returned) {}

  void Begin();
  void Grow(std::size_t index, const std::string& text);
  void Add(std::size_t index, const Translation& translation);
  void End(JobEnd end);

 private:
  void Send(const nlohmann::ordered_json& event);
  // So that nobody between takes the connection for dead.
  void Ping();

  static constexpr std::chrono::seconds kPingTime{15};
  Loop& loop_;
  std::shared_ptr<Exchange> exchange_;
  ReturnedParts returned_;
  Loop::Timer ping_;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_EVENT_STREAM_H_
