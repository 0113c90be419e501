// From a method and a path to what answers it.
#ifndef TESSERA_TOOLS_SERVE_ROUTER_H_
#define TESSERA_TOOLS_SERVE_ROUTER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

struct Endpoint {
  std::string method;
  std::string path;  // a segment "*" stands for any
  ErrorForm form = ErrorForm::kNative;
  std::function<void(std::shared_ptr<Exchange>)> handle;
};

class Router {
 public:
  void Add(Endpoint endpoint);

  // The refusal that head and path alone call for, before there is a body: 404,
  // or 405 with Allow.
  std::optional<Response> Refuse(const Request& head) const;

  // Answers, now or later.
  void Handle(std::shared_ptr<Exchange> exchange) const;

 private:
  // HEAD finds what GET does. The endpoint is null if there is none; `allowed`
  // then holds the methods of the path, `form` is that of its errors.
  struct Found {
    const Endpoint* endpoint = nullptr;
    std::string allowed = {};
    ErrorForm form = ErrorForm::kNative;
  };
  Found Find(const Request& head) const;

  std::vector<Endpoint> endpoints_;
};

// The segment of a path with this number, from 0.
std::string_view PathSegment(std::string_view path, std::size_t number);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_ROUTER_H_
