// Requests and responses as the endpoints see them, whatever carries them.
#ifndef TESSERA_TOOLS_SERVE_HTTP_H_
#define TESSERA_TOOLS_SERVE_HTTP_H_

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tessera::tools::serve {

// Names and values. Names of headers are in lower case.
using Pairs = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method;
  std::string path;   // percent-decoded
  std::string query;  // as it came, without '?'
  Pairs headers;
  std::string body;

  // The header's value; empty if there is none.
  std::string_view Header(std::string_view name) const;
};

struct Response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
  Pairs headers = {};
  bool close = false;  // the connection, after it
};

// What logs and metrics tell of a request.
struct Record {
  std::string endpoint = "other";
  std::string model = {};
  std::string key = {};  // its holder's name
  std::size_t texts = 0;
  std::size_t output_tokens = 0;
  double queue_seconds = 0;  // until the engine got the first text
};

class Holder;

// A request in the hands of an endpoint, which answers once, from the thread
// that handed it over. `gone` is requested when the client leaves before.
struct Exchange {
  Request request;
  std::string id;  // for clients and logs
  Record record;
  Holder* holder = nullptr;  // of the key that it came with
  std::stop_token gone;
  std::function<void(Response)> answer;
  // Instead of `answer`: a response of text/event-stream that comes bit by bit.
  // The first call of `send` begins it, `finish` ends it.
  std::function<void(std::string_view)> send;
  std::function<void()> finish;
};

// Whose habits an error body follows.
enum class ErrorForm {
  kNative,          // {"error": {"message", "type", "param", "code"}}
  kLibreTranslate,  // {"error": MESSAGE}
  kDeepL,           // {"message": MESSAGE}
};

struct Failure {
  int status = 400;
  std::string message;
  std::string param = {};  // the field that is to blame, if one is
  std::string code = {};   // for programs: "model_not_found"
};

Response ToResponse(ErrorForm form, const Failure& failure);

// "%41+b" is "A+b", or "A b" where '+' is a space; nullopt if a percent sign is
// not followed by two hexadecimal digits.
enum class Plus { kItself, kSpace };
std::optional<std::string> PercentDecoded(std::string_view text, Plus plus);

// Splits what came behind the method into path and query. Empty if it does not
// begin with '/', or cannot be decoded, or holds a NUL.
std::optional<std::pair<std::string, std::string>> SplitTarget(
    std::string_view target);

// On one line; bytes that are not UTF-8 as U+FFFD.
std::string Dump(const nlohmann::ordered_json& json);

std::string Lower(std::string_view text);  // of ASCII letters

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_HTTP_H_
