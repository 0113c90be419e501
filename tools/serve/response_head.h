// What stands in front of the body of a response.
#ifndef TESSERA_TOOLS_SERVE_RESPONSE_HEAD_H_
#define TESSERA_TOOLS_SERVE_RESPONSE_HEAD_H_

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>
#include <string_view>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

// Whether a client's id of its request may stand in logs and headers: up to 64
// letters, digits and -_.
bool FitsAsId(std::string_view id);

struct HeadParts {
  std::string id;  // of the request
  Pairs headers = {};
  // Of an event stream.
  bool chunked = false;
  bool keeps = false;  // the connection, after it
};

// All of the head of a response of text/event-stream.
std::string EventStreamHead(const HeadParts& parts);

// Sets headers of a message, all but those of its length and connection.
using Message = boost::beast::http::response<boost::beast::http::string_body>;
void SetHead(const Response& response, const HeadParts& parts,
             Message& message);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_RESPONSE_HEAD_H_
