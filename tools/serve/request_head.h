// The head of a request: what it asks, and why it is refused.
#ifndef TESSERA_TOOLS_SERVE_REQUEST_HEAD_H_
#define TESSERA_TOOLS_SERVE_REQUEST_HEAD_H_

#include <boost/beast/http.hpp>
#include <boost/system/error_code.hpp>
#include <optional>

#include "tools/serve/http.h"
#include "tools/serve/session.h"

namespace tessera::tools::serve {

using Head = boost::beast::http::request<boost::beast::http::string_body>;

// As the endpoints see it, without its body; the path is empty if it is none.
Request ToRequest(const Head& head);

// Refuses what is too long, what asks for what there is not, and framings that
// Beast 1.81 accepts and should not, for a proxy in front may read them
// otherwise. `request` is what ToRequest made of the head.
std::optional<Failure> CheckHead(const Head& head, const Request& request,
                                 const SessionLimits& limits);

// What a client reads of an error of Beast's; nullopt if there is nobody to
// read it.
std::optional<Failure> FailureOf(const boost::system::error_code& error,
                                 bool in_body);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_REQUEST_HEAD_H_
