// Nothing that is answered may be kept, or taken for another type.
#include "tools/serve/response_head.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <ctime>

namespace tessera::tools::serve {
namespace {

namespace http = boost::beast::http;

// Made once a second.
const std::string& HttpDate() {
  thread_local std::time_t made = 0;
  thread_local std::string date;
  const std::time_t now = std::time(nullptr);
  if (now == made) return date;
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  date.assign(text, std::strftime(text, sizeof text,
                                  "%a, %d %b %Y %H:%M:%S GMT", &parts));
  made = now;
  return date;
}

void Add(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void Add(std::string& head, const Pairs& headers) {
  for (const auto& [name, value] : headers) Add(head, name, value);
}

// What all responses have, and the end of the head.
void End(std::string& head, const HeadParts& parts) {
  Add(head, parts.headers);
  Add(head, "Date", HttpDate());
  Add(head, "X-Request-Id", parts.id);
  Add(head, "X-Content-Type-Options", "nosniff");
  Add(head, "Cache-Control", "no-store");
  if (!parts.keeps) Add(head, "Connection", "close");
  head += "\r\n";
}

}  // namespace

bool FitsAsId(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
}

std::string ResponseHead(const Response& response, const HeadParts& parts) {
  const auto status = static_cast<unsigned>(response.status);
  const auto reason = http::obsolete_reason(http::int_to_status(status));
  std::string head;
  constexpr std::size_t kUsual = 512;
  head.reserve(kUsual + response.body.size());
  head.append("HTTP/1.1 ").append(std::to_string(status)).append(" ");
  head.append(reason.data(), reason.size()).append("\r\n");
  Add(head, "Content-Type", response.content_type);
  Add(head, "Content-Length", std::to_string(response.body.size()));
  Add(head, response.headers);
  End(head, parts);
  return head;
}

std::string EventStreamHead(const HeadParts& parts, bool chunked) {
  std::string head = "HTTP/1.1 200 OK\r\n";
  Add(head, "Content-Type", "text/event-stream");
  Add(head, "X-Accel-Buffering", "no");
  if (chunked) Add(head, "Transfer-Encoding", "chunked");
  End(head, parts);
  return head;
}

}  // namespace tessera::tools::serve
