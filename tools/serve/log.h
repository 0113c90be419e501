// A line of JSON for each request: how long, how much; never what.
#ifndef TESSERA_TOOLS_SERVE_LOG_H_
#define TESSERA_TOOLS_SERVE_LOG_H_

#include <string>

#include "tools/serve/http.h"

namespace tessera::tools::serve {

// What came of a request. A client that left before its answer: 499.
struct Ending {
  int status = 0;
  double seconds = 0;
};

// {"time", "request_id", "trace_id", "endpoint", "status", "model", "key",
// "texts", "output_tokens", "queue_ms", "total_ms"}, with an end of line; what
// does not apply is left out.
std::string LogLine(const Exchange& exchange, const Ending& ending);

// The 32 digits of W3C's traceparent; empty if it is none.
std::string TraceId(std::string_view traceparent);

// Writes a line to a descriptor unless that would wait; whether it was written.
bool WriteLogLine(int descriptor, const std::string& line);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_LOG_H_
