// From a method and a path to what answers it.
#ifndef TESSERA_TOOLS_SERVE_ROUTER_H_
#define TESSERA_TOOLS_SERVE_ROUTER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

// Who may use an endpoint, where keys are needed.
enum class Access {
  kOpen,        // whoever asks
  kKey,         // those with a key in the header Authorization
  kKeyOrField,  // or in a field, which the endpoint sees to
};

struct Endpoint {
  std::string method;
  std::string path;  // a segment "*" stands for any
  ErrorForm form = ErrorForm::kNative;
  Access access = Access::kKey;
  std::function<void(std::shared_ptr<Exchange>)> handle;
};

class Router {
 public:
  // The refusal of a request whose head lacks the key that an endpoint needs.
  using Authorize =
      std::function<std::optional<Response>(const Endpoint&, Exchange&)>;
  explicit Router(Authorize authorize = {})
      : authorize_(std::move(authorize)) {}

  void Add(Endpoint endpoint);

  // The refusal that the head alone calls for, before there is a body: 404, 405
  // with Allow, or a key that is missing.
  std::optional<Response> Refuse(Exchange& exchange) const;

  // Answers, now or later. Requires that it was not refused.
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

  Authorize authorize_;
  std::vector<Endpoint> endpoints_;
};

// The segment of a path with this number, from 0.
std::string_view PathSegment(std::string_view path, std::size_t number);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_ROUTER_H_
