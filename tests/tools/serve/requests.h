// Requests for translations as tests of the server send them.
#ifndef TESSERA_TESTS_TOOLS_SERVE_REQUESTS_H_
#define TESSERA_TESTS_TOOLS_SERVE_REQUESTS_H_

#include <nlohmann/json.hpp>
#include <string>

#include "tests/tools/serve/client.h"

namespace tessera::tools::serve {

inline constexpr const char* kPath = "/v1/translations";

// The body that asks for one text.
inline std::string Input(const std::string& text) {
  return nlohmann::json({{"input", text}}).dump();
}

// Asks while this is the answer's status; what it is then. Each time the limit
// passes before a text is translated: 504, once the request is let in.
inline Answer AskWhile(int status, Client& client) {
  Answer answer;
  do {
    answer = client.Post(kPath, R"({"input": "7", "time_limit": 0.001})");
  } while (answer.status == status);
  return answer;
}

}  // namespace tessera::tools::serve

#endif  // TESSERA_TESTS_TOOLS_SERVE_REQUESTS_H_
