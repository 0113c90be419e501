// What `tessera serve` reads from strangers.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/memory_folder.h"
#include "tests/fuzz/targets.h"
#include "tools/serve/fields.h"
#include "tools/serve/language_detector.h"
#include "tools/serve/markup/markup.h"
#include "tools/serve/params.h"
#include "tools/serve/session.h"

namespace tessera::fuzz {
namespace {

using namespace tools::serve;

// Answers each request with what it has read of it.
class Host : public SessionHost {
 public:
  const SessionLimits& limits() const override { return limits_; }
  std::optional<Response> Refuse(Exchange&) override { return std::nullopt; }
  Pairs Headers(const Request&) const override { return {}; }
  void Handle(std::shared_ptr<Exchange> exchange) override {
    exchange->answer({.body = exchange->request.path});
  }
  void Finished(const Exchange&, const Ending&) override {}
  std::string NewId() override { return "tr-0"; }
  bool closing() const override { return false; }
  bool ReserveBody(std::size_t bytes) override {
    reserved_ += bytes;
    return true;
  }
  void ReleaseBody(std::size_t bytes) override { reserved_ -= bytes; }
  void Ended(Session&) override { ended_ = true; }

  bool ended() const { return ended_; }
  std::size_t reserved() const { return reserved_; }

 private:
  SessionLimits limits_ = {};
  std::size_t reserved_ = 0;
  bool ended_ = false;
};

std::string ReadAll(int socket) {
  std::string all;
  char part[4096];
  for (ssize_t got = 0; (got = read(socket, part, sizeof part)) > 0;) {
    all.append(part, static_cast<std::size_t>(got));
  }
  return all;
}

// The tags, sorted; together with all else they must be the text.
std::vector<std::string> Tags(std::string_view text, MarkupKind kind) {
  MarkupTokenizer tokenizer(text, kind);
  std::vector<std::string> tags;
  std::size_t bytes = 0;
  while (const auto token = tokenizer.Next()) {
    Expect(!token->bytes.empty(), "a token has bytes");
    bytes += token->bytes.size();
    if (token->name.empty()) continue;
    tags.emplace_back(token->bytes);
  }
  Expect(bytes == text.size(), "tokens are all of the markup");
  std::ranges::sort(tags);
  return tags;
}

// The text itself, as one word that looks at its beginning.
Translation Unchanged(const std::string& text) {
  Hypothesis output = {
      .text = text, .ids = {}, .pieces = {text}, .log_probs = {}};
  output.alignment = {0};
  Translation translation;
  translation.hypotheses.push_back(std::move(output));
  translation.source_pieces = {text};
  return translation;
}

}  // namespace

void RequestTarget(std::string_view bytes) {
  // What a pair of sockets holds without a reader.
  bytes = bytes.substr(0, 64 << 10);
  int ends[2];
  Expect(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0,
         "there are sockets");
  Host host;
  std::string answer;
  {
    boost::asio::io_context io;
    const auto session = MakeSession(io, AF_UNIX, ends[0], host);
    const ssize_t sent = write(ends[1], bytes.data(), bytes.size());
    Expect(sent == static_cast<ssize_t>(bytes.size()), "they hold the request");
    shutdown(ends[1], SHUT_WR);
    session->Start();
    io.run();
    answer = ReadAll(ends[1]);
  }
  close(ends[1]);
  Expect(host.ended(), "a connection ends when its client has");
  Expect(host.reserved() == 0, "bodies are released");
  Expect(answer.empty() || answer.starts_with("HTTP/1.1 "),
         "an answer is one of HTTP");
}

void FieldsTarget(std::string_view bytes) {
  MayRefuse([&] {
    Fields fields(bytes);
    const auto input = fields.Take("input");
    if (input) {
      for (const std::string& text : input->Strings())
        ExpectUtf8(text, "a text");
    }
    if (const auto field = fields.Take("stream")) field->Boolean();
    if (const auto field = fields.Take("layer")) {
      const std::size_t layer = field->Count(1, 6);
      Expect(layer >= 1 && layer <= 6, "counts are in range");
    }
    Expect(!fields.Take("input"), "a field is taken once");
  });
}

void ParamsTarget(std::string_view bytes) {
  if (bytes.empty()) return;
  static constexpr const char* kTypes[] = {
      "application/json", "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=b",
      "multipart/form-data; x=\"; boundary=b"};
  const auto number = static_cast<unsigned char>(bytes.front());
  const std::string_view rest = bytes.substr(1);
  const std::size_t line = std::min(rest.find('\n'), rest.size());
  Request request;
  request.headers = {{"content-type", kTypes[number % std::size(kTypes)]}};
  request.query = rest.substr(0, line);
  request.body = rest.substr(std::min(line + 1, rest.size()));
  MayRefuse([&] {
    const Params params(request);
    const std::vector<std::string> texts = params.Texts("q");
    Expect(params.Text("q") == (texts.empty() ? "" : texts.front()),
           "a field's text is its first");
    Expect(params.Number("n", 8) <= 8, "numbers are in range");
    for (const DetectedLanguage& found : DetectLanguages(params.Text("q"))) {
      Expect(found.confidence <= 100, "confidence is in percent");
    }
  });
}

void MarkupTarget(std::string_view bytes) {
  if (bytes.empty()) return;
  const MarkupKind kind =
      bytes.front() == 'x' ? MarkupKind::kXml : MarkupKind::kHtml;
  const std::string text(bytes.substr(1));
  const std::vector<std::string> tags = Tags(text, kind);
  MayRefuse([&] {
    const Markup markup(text, {.kind = kind});
    std::vector<Translation> translations;
    for (const Run& run : markup.runs()) {
      translations.push_back(Unchanged(run.text));
    }
    Expect(Tags(markup.Put(translations), kind) == tags,
           "each tag comes out once");
  });
}

}  // namespace tessera::fuzz
