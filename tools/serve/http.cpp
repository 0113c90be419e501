// Error bodies, percent signs, targets.
#include "tools/serve/http.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace tessera::tools::serve {
namespace {

using Json = nlohmann::ordered_json;

const char* TypeOf(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    case 504:
      return "timeout_error";
    default:
      return status < 500 ? "invalid_request_error" : "server_error";
  }
}

Json OrNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::string_view Request::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

Response ToResponse(ErrorForm form, const Failure& failure) {
  if (form == ErrorForm::kLibreTranslate) {
    return {.status = failure.status,
            .body = Dump({{"error", failure.message}})};
  }
  if (form == ErrorForm::kDeepL) {
    return {.status = failure.status,
            .body = Dump({{"message", failure.message}})};
  }
  const Json error = {{"message", failure.message},
                      {"type", TypeOf(failure.status)},
                      {"param", OrNull(failure.param)},
                      {"code", OrNull(failure.code)}};
  return {.status = failure.status, .body = Dump({{"error", error}})};
}

std::optional<std::string> PercentDecoded(std::string_view text, Plus plus) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kSpace) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      unsigned byte = 0;
      if (i + 2 >= text.size()) return std::nullopt;
      const char* const begin = text.data() + i + 1;
      const auto [stop, error] = std::from_chars(begin, begin + 2, byte, 16);
      if (error != std::errc() || stop != begin + 2) return std::nullopt;
      decoded += static_cast<char>(byte);
      i += 2;
    }
  }
  return decoded;
}

std::optional<std::pair<std::string, std::string>> SplitTarget(
    std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  const std::size_t mark = target.find('?');
  std::optional<std::string> path =
      PercentDecoded(target.substr(0, mark), Plus::kItself);
  if (!path || path->find('\0') != std::string::npos) return std::nullopt;
  std::string query;
  if (mark != std::string_view::npos) query = target.substr(mark + 1);
  return std::pair(std::move(*path), std::move(query));
}

std::string Dump(const Json& json) {
  constexpr int kOneLine = -1;
  constexpr bool kAscii = false;
  return json.dump(kOneLine, ' ', kAscii, Json::error_handler_t::replace);
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

}  // namespace tessera::tools::serve
