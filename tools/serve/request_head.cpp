// Heads by the rules of RFC 9112, the doubtful ones refused.
#include "tools/serve/request_head.h"

#include <boost/beast/core.hpp>
#include <cstddef>
#include <utility>

namespace tessera::tools::serve {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;

std::string Text(beast::string_view text) { return {text.data(), text.size()}; }

Failure Bad(const char* message) { return {.status = 400, .message = message}; }

std::size_t Count(const Head& head, http::field name) {
  return static_cast<std::size_t>(head.count(name));
}

// Heads that Beast 1.81 accepts and should not, for a proxy in front may read
// them otherwise: it takes "chunked, gzip" for a request without a body.
std::optional<Failure> CheckFraming(const Head& head) {
  const std::size_t encodings = Count(head, http::field::transfer_encoding);
  if (encodings > 1 ||
      (encodings == 1 &&
       !beast::iequals(head[http::field::transfer_encoding], "chunked"))) {
    return Bad("want no Transfer-Encoding but chunked");
  }
  if (encodings == 1 && head.version() != 11) {
    return Bad("want HTTP/1.1 for Transfer-Encoding");
  }
  if (Count(head, http::field::content_length) + encodings > 1) {
    return Bad("want one Content-Length, or none");
  }
  const std::size_t hosts = Count(head, http::field::host);
  if (hosts > 1 || (hosts == 0 && head.version() == 11)) {
    return Bad("want one Host");
  }
  if (head.version() != 11 && head.version() != 10) {
    return Failure{.status = 505, .message = "want HTTP/1.1"};
  }
  return std::nullopt;
}

}  // namespace

Request ToRequest(const Head& head) {
  Request request;
  request.method = Text(head.method_string());
  for (const auto& field : head) {
    request.headers.emplace_back(Lower(Text(field.name_string())),
                                 Text(field.value()));
  }
  if (auto parts = SplitTarget(Text(head.target()))) {
    request.path = std::move(parts->first);
    request.query = std::move(parts->second);
  }
  return request;
}

std::optional<Failure> CheckHead(const Head& head, const Request& request,
                                 const SessionLimits& limits) {
  if (auto failure = CheckFraming(head)) return failure;
  if (head.target().size() > limits.target_bytes) {
    return Failure{.status = 414, .message = "the target is too long"};
  }
  if (request.path.empty()) return Bad("want a target that begins with /");
  if (Count(head, http::field::content_encoding) > 0) {
    return Failure{.status = 415, .message = "want no Content-Encoding"};
  }
  const auto expect = head[http::field::expect];
  if (!expect.empty() && !beast::iequals(expect, "100-continue")) {
    return Failure{.status = 417, .message = "want no Expect but 100-continue"};
  }
  return std::nullopt;
}

std::optional<Failure> FailureOf(const boost::system::error_code& error,
                                 bool in_body) {
  if (error == http::error::header_limit ||
      (error == http::error::buffer_overflow && !in_body)) {
    return Failure{.status = 431, .message = "the headers are too long"};
  }
  if (error == http::error::body_limit) {
    return Failure{.status = 413, .message = "the body is too long"};
  }
  if (error == http::error::end_of_stream ||
      error == http::error::partial_message ||
      error.category() !=
          http::make_error_code(http::error::bad_method).category()) {
    return std::nullopt;
  }
  return Bad("want a request of HTTP/1.1");
}

}  // namespace tessera::tools::serve
