// What stands in front of the body of a response.
#ifndef TESSERA_TOOLS_SERVE_RESPONSE_HEAD_H_
#define TESSERA_TOOLS_SERVE_RESPONSE_HEAD_H_

#include <string>
#include <string_view>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

// Whether a client's id of its request may stand in logs and headers: up to 64
// letters, digits and -_.
bool FitsAsId(std::string_view id);

struct HeadParts {
  std::string_view id;  // of the request
  const Pairs& headers;
  bool keeps = false;  // the connection, after it
};

// All of the head of a response whose body is known.
std::string ResponseHead(const Response& response, const HeadParts& parts);

// All of the head of a response of text/event-stream.
std::string EventStreamHead(const HeadParts& parts, bool chunked);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_RESPONSE_HEAD_H_
