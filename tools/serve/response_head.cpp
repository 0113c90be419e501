// Nothing that is answered may be kept, or taken for another type.
#include "tools/serve/response_head.h"

#include <algorithm>
#include <boost/beast/http/field.hpp>
#include <ctime>

namespace tessera::tools::serve {
namespace {

namespace http = boost::beast::http;

std::string HttpDate() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return text;
}

}  // namespace

bool FitsAsId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
}

std::string EventStreamHead(const HeadParts& parts) {
  std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
      "Cache-Control: no-store\r\nX-Accel-Buffering: no\r\n"
      "X-Content-Type-Options: nosniff\r\nDate: " +
      HttpDate() + "\r\nX-Request-Id: " + parts.id + "\r\n";
  for (const auto& [name, value] : parts.headers) {
    head += name + ": " + value + "\r\n";
  }
  if (parts.chunked) head += "Transfer-Encoding: chunked\r\n";
  if (!parts.keeps) head += "Connection: close\r\n";
  return head + "\r\n";
}

void SetHead(const Response& response, const HeadParts& parts,
             Message& message) {
  for (const Pairs* headers : {&response.headers, &parts.headers}) {
    for (const auto& [name, value] : *headers) message.set(name, value);
  }
  message.set(http::field::content_type, response.content_type);
  message.set(http::field::date, HttpDate());
  message.set("X-Request-Id", parts.id);
  message.set("X-Content-Type-Options", "nosniff");
  message.set(http::field::cache_control, "no-store");
}

}  // namespace tessera::tools::serve
