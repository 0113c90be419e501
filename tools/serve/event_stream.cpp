// An event is a line of JSON.
#include "tools/serve/event_stream.h"

#include <nlohmann/json.hpp>

namespace tessera::tools::serve {

void EventStream::Begin() {
  exchange_->send("");
  Ping();
}

void EventStream::Grow(std::size_t index, const std::string& text) {
  Send({{"index", index}, {"delta", text}});
}

void EventStream::Add(std::size_t index, const Translation& translation) {
  Send(ToJson(translation, index, returned_));
}

void EventStream::End(JobEnd end) {
  ping_.reset();
  if (end == JobEnd::kTimedOut) {
    const Response error = ToResponse(ErrorForm::kNative, TimePassed());
    Send(nlohmann::ordered_json::parse(error.body));
  }
  exchange_->send("data: [DONE]\n\n");
  exchange_->finish();
}

void EventStream::Send(const nlohmann::ordered_json& event) {
  exchange_->send("data: " + Dump(event) + "\n\n");
}

void EventStream::Ping() {
  ping_ = loop_.After(kPingTime, [kept = weak_from_this()] {
    const auto stream = kept.lock();
    if (!stream) return;
    stream->exchange_->send(": ping\n\n");
    stream->Ping();
  });
}

}  // namespace tessera::tools::serve
