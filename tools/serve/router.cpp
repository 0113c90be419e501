// A list of endpoints, searched from its beginning: there are some twenty.
#include "tools/serve/router.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace tessera::tools::serve {
namespace {

bool Matches(std::string_view pattern, std::string_view path) {
  while (true) {
    const std::size_t end = pattern.find('/');
    const std::size_t path_end = path.find('/');
    const std::string_view segment = pattern.substr(0, end);
    if (segment == "*" ? path.substr(0, path_end).empty()
                       : segment != path.substr(0, path_end)) {
      return false;
    }
    if (end == std::string_view::npos || path_end == std::string_view::npos) {
      return end == path_end;
    }
    pattern.remove_prefix(end + 1);
    path.remove_prefix(path_end + 1);
  }
}

}  // namespace

void Router::Add(Endpoint endpoint) {
  endpoints_.push_back(std::move(endpoint));
}

Router::Found Router::Find(const Request& head) const {
  Found found;
  for (const Endpoint& endpoint : endpoints_) {
    if (!Matches(endpoint.path, head.path)) continue;
    found.form = endpoint.form;
    if (endpoint.method == head.method ||
        (endpoint.method == "GET" && head.method == "HEAD")) {
      found.endpoint = &endpoint;
      return found;
    }
    found.allowed += (found.allowed.empty() ? "" : ", ") + endpoint.method;
  }
  return found;
}

std::optional<Response> Router::Refuse(Exchange& exchange) const {
  const Found found = Find(exchange.request);
  if (found.endpoint != nullptr) {
    exchange.record.endpoint = found.endpoint->path;
    if (!authorize_) return std::nullopt;
    return authorize_(*found.endpoint, exchange);
  }
  if (found.allowed.empty()) {
    return ToResponse(found.form, {.status = 404, .message = "no such path"});
  }
  Response response = ToResponse(
      found.form,
      {.status = 405, .message = "want the method " + found.allowed});
  response.headers.emplace_back("Allow", found.allowed);
  return response;
}

void Router::Handle(std::shared_ptr<Exchange> exchange) const {
  const Endpoint* const endpoint = Find(exchange->request).endpoint;
  try {
    endpoint->handle(exchange);
  } catch (const std::exception&) {  // out of memory
    exchange->answer(ToResponse(
        endpoint->form, {.status = 503, .message = "out of resources"}));
  }
}

std::string_view PathSegment(std::string_view path, std::size_t number) {
  for (path.remove_prefix(1); number > 0; --number) {
    path.remove_prefix(std::min(path.find('/'), path.size() - 1) + 1);
  }
  return path.substr(0, path.find('/'));
}

}  // namespace tessera::tools::serve
