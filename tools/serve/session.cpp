// HTTP by Boost.Beast's parser, and the rules that it leaves to its users: how
// long each part may take, what happens when the client leaves. A request that
// has come whole is read by one call and answered by one, without Beast's own
// operations, which do more.
#include "tools/serve/session.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stop_token>
#include <utility>

#include "tools/serve/connection.h"
#include "tools/serve/request_head.h"
#include "tools/serve/response_head.h"

namespace tessera::tools::serve {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// A chunk's header, and what of the next request comes with this one.
constexpr std::size_t kBufferBytes = 64 << 10;
constexpr std::size_t kReadBytes = 16 << 10;
// What a client may still send behind a refusal, so that it reads the refusal
// and not a reset of the connection.
constexpr std::size_t kLingerBytes = 4 << 20;
constexpr std::chrono::seconds kLingerTime{2};
// How often a client with a pipelined request is asked whether it is there.
constexpr std::chrono::milliseconds kPipelinedPoll{50};

class HttpSession final : public Session,
                          public ConnectionOwner,
                          public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(asio::io_context& io, int family, int descriptor,
              SessionHost& host)
      : host_(host),
        io_(io),
        connection_(io, family, descriptor),
        poll_timer_(io),
        buffer_(kBufferBytes) {}

  void Start() override {
    connection_.SetOwner(weak_from_this());
    AwaitRequest();
  }

  void Close() override {
    if (ended_) return;
    ended_ = true;
    idle_since_.reset();
    poll_timer_.cancel();
    connection_.Close();
    ReleaseBody();
    constexpr unsigned kClientLeft = 499;  // as nginx has it
    if (exchange_) Finish(kClientLeft);
    stop_.request_stop();  // last: whoever waits for it may answer
    host_.Ended(*this);
  }

  void CloseIfIdle(bool fresh) override {
    if (!idle_since_ || (requests_ == 0 && !fresh)) return;
    if (connection_.Peek() <= 0) Close();
  }

  bool served() const override { return requests_ > 0; }

  std::optional<Clock::time_point> idle_since() const override {
    return idle_since_;
  }

  void OnReadable() override {
    switch (phase_) {
      case Phase::kIdle:
      case Phase::kHead:
      case Phase::kBody:
        return Read();
      case Phase::kAtWork:
        return Watch();
      case Phase::kAnswering:
        return;  // the next request waits for its turn
      case Phase::kLingering:
        return Linger();
    }
  }

  void OnBroken() override { Close(); }

  void OnSent() override {
    if (phase_ == Phase::kAtWork) connection_.ForgetDeadline();
    if (phase_ != Phase::kAnswering) return;
    Finish(status_);
    if (!keeps_) return BeginToLinger();
    if (buffer_.size() == 0) return AwaitRequest();
    // Pipelined: others have their turn first, and the stack an end.
    asio::post(io_, [self = shared_from_this()] {
      if (!self->ended_) self->AwaitRequest();
    });
  }

 private:
  enum class Phase {
    kIdle,
    kHead,
    kBody,
    kAtWork,     // an endpoint has the request; a stream may have begun
    kAnswering,  // all of the answer is known
    kLingering,
  };

  void AwaitRequest() {
    ReleaseBody();
    parser_.reset();
    phase_ = Phase::kIdle;
    if (host_.closing()) return Close();
    if (buffer_.size() > 0) {
      BeginRequest();
      return Parse();
    }
    buffer_.shrink_to_fit();
    idle_since_ = Clock::now();
    connection_.SetDeadline(host_.limits().idle_time);
    connection_.AwaitReadable();
  }

  void BeginRequest() {
    const SessionLimits& limits = host_.limits();
    idle_since_.reset();
    began_ = Clock::now();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser_->body_limit(limits.body_bytes);
    phase_ = Phase::kHead;
    connection_.SetDeadline(limits.header_time);
  }

  void Read() {
    char bytes[kReadBytes];
    const std::size_t room = kBufferBytes - buffer_.size();
    const ssize_t read = connection_.Read({bytes, std::min(kReadBytes, room)});
    if (read < 0 && errno == EAGAIN) return connection_.AwaitReadable();
    if (read <= 0) return Close();
    const auto count = static_cast<std::size_t>(read);
    std::memcpy(buffer_.prepare(count).data(), bytes, count);
    buffer_.commit(count);
    if (phase_ == Phase::kIdle) BeginRequest();
    Parse();
  }

  void Parse() {
    if (phase_ == Phase::kHead) {
      const error_code error = ParseTo(Part::kHead);
      if (error) return OnUnparsed(error);
      OnHead();
    }
    if (phase_ != Phase::kBody) return;
    const error_code error = ParseTo(Part::kBody);
    if (error) return OnUnparsed(error);
    OnBody();
  }

  // Parses what has come up to the end of a part; need_more: it has not come.
  enum class Part { kHead, kBody };
  error_code ParseTo(Part part) {
    const auto done = [&] {
      return part == Part::kHead ? parser_->is_header_done()
                                 : parser_->is_done();
    };
    parser_->eager(part == Part::kBody);
    while (!done()) {
      if (buffer_.size() == 0) return http::error::need_more;
      error_code error;
      const std::size_t used = parser_->put(buffer_.data(), error);
      buffer_.consume(used);
      if (error) return error;
      if (used == 0) return http::error::need_more;
    }
    return {};
  }

  void OnUnparsed(const error_code& error) {
    if (error != http::error::need_more) return OnReadError(error);
    if (buffer_.size() < kBufferBytes) return connection_.AwaitReadable();
    OnReadError(http::error::buffer_overflow);
  }

  void OnReadError(const error_code& error) {
    const auto failure = FailureOf(error, phase_ == Phase::kBody);
    if (!failure) return Close();
    if (!exchange_) {
      exchange_ = std::make_shared<Exchange>();
      exchange_->id = host_.NewId();
    }
    Refuse(ToResponse(ErrorForm::kNative, *failure));
  }

  void OnHead() {
    ++requests_;
    const Head& head = parser_->get();
    const SessionLimits& limits = host_.limits();
    exchange_ = std::make_shared<Exchange>();
    exchange_->request = ToRequest(head);
    // The client's own, so that its logs and ours fit, if it is a harmless one.
    const auto asked = exchange_->request.Header("x-request-id");
    exchange_->id = FitsAsId(asked) ? std::string(asked) : host_.NewId();
    head_fields_ = exchange_->request.headers.size();
    if (const auto failure = CheckHead(head, exchange_->request, limits)) {
      return Refuse(ToResponse(ErrorForm::kNative, *failure));
    }
    if (auto refusal = host_.Refuse(*exchange_)) {
      refusal->close |= !parser_->is_done();
      return Answer(std::move(*refusal));
    }
    phase_ = Phase::kBody;
    if (parser_->is_done()) return;
    const auto length = parser_->content_length();
    const std::size_t bytes =
        length ? static_cast<std::size_t>(*length) : limits.body_bytes;
    if (!host_.ReserveBody(bytes)) {
      Response busy = ToResponse(
          ErrorForm::kNative, {.status = 429, .message = "too many requests"});
      busy.headers.emplace_back("Retry-After", "1");
      return Refuse(std::move(busy));
    }
    body_bytes_ = bytes;
    connection_.SetDeadline(limits.body_time);
    if (head[http::field::expect].empty()) return;
    connection_.Send("HTTP/1.1 100 Continue\r\n\r\n");
  }

  void OnBody() {
    Head& message = parser_->get();
    // Beast merges trailers into the headers, behind the checks of those.
    const auto fields = std::distance(message.begin(), message.end());
    if (static_cast<std::size_t>(fields) != head_fields_) {
      return Refuse(ToResponse(ErrorForm::kNative,
                               {.status = 400, .message = "want no trailers"}));
    }
    exchange_->request.body = std::move(message.body());
    stop_ = {};
    exchange_->gone = stop_.get_token();
    const std::size_t request = requests_;
    exchange_->answer = [self = shared_from_this(),
                         request](Response response) {
      if (self->AtWork(request)) self->Answer(std::move(response));
    };
    exchange_->send = [self = shared_from_this(),
                       request](std::string_view bytes) {
      if (self->AtWork(request)) self->Stream(bytes);
    };
    exchange_->finish = [self = shared_from_this(), request] {
      if (self->AtWork(request)) self->FinishStream();
    };
    streams_ = false;
    phase_ = Phase::kAtWork;
    if (!connection_.sends()) connection_.ForgetDeadline();
    host_.Handle(exchange_);
    if (AtWork(request)) connection_.AwaitReadable();
  }

  bool AtWork(std::size_t request) const {
    return !ended_ && phase_ == Phase::kAtWork && requests_ == request;
  }

  // Sees the client leave while its request is worked on. A half-closed
  // connection counts as left, as it does for nginx.
  void Watch() {
    const ssize_t read = connection_.Peek();
    if (read > 0) return WatchPipelined();
    if (read < 0 && (errno == EAGAIN || errno == EINTR)) {
      return connection_.AwaitReadable();
    }
    Close();
  }

  // The next request hides the end of the connection behind it from recv.
  void WatchPipelined() {
    poll_timer_.expires_after(kPipelinedPoll);
    poll_timer_.async_wait(
        [self = shared_from_this(), request = requests_](const error_code&) {
          if (!self->AtWork(request)) return;
          if (self->connection_.HasEnd()) return self->Close();
          self->WatchPipelined();
        });
  }

  // Chunks, or to a client of HTTP/1.0 all that comes until the end.
  void Stream(std::string_view bytes) {
    const bool chunked = parser_->get().version() == 11;
    std::string part;
    if (!std::exchange(streams_, true)) {
      keeps_ = chunked && MayKeep();
      part = EventStreamHead({.id = exchange_->id,
                              .headers = host_.Headers(exchange_->request),
                              .keeps = keeps_},
                             chunked);
    }
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    const bool frames = chunked && !bytes.empty();
    if (frames) part += size;
    part += bytes;
    if (frames) part += "\r\n";
    Send(part);
  }

  void FinishStream() {
    status_ = 200;
    phase_ = Phase::kAnswering;
    poll_timer_.cancel();
    if (parser_->get().version() == 11) return Send("0\r\n\r\n");
    if (!connection_.sends()) OnSent();
  }

  // Answers a request of which not all has been read.
  void Refuse(Response response) {
    response.close = true;
    Answer(std::move(response));
  }

  void Answer(Response response) {
    phase_ = Phase::kAnswering;
    poll_timer_.cancel();
    status_ = static_cast<unsigned>(response.status);
    keeps_ = !response.close && MayKeep();
    std::string bytes =
        ResponseHead(response, {.id = exchange_->id,
                                .headers = host_.Headers(exchange_->request),
                                .keeps = keeps_});
    if (parser_->get().method() != http::verb::head) bytes += response.body;
    Send(bytes);
  }

  bool MayKeep() const {
    return parser_->get().keep_alive() && !host_.closing() &&
           requests_ < host_.limits().requests;
  }

  // A client has a whole time to read what is under way.
  void Send(std::string_view bytes) {
    if (!connection_.sends()) {
      connection_.SetDeadline(host_.limits().write_time);
    }
    connection_.Send(bytes);
  }

  // The exchange's `answer` holds this session: let go of it.
  void Finish(unsigned status) {
    const std::chrono::duration<double> time = Clock::now() - began_;
    const auto exchange = std::exchange(exchange_, nullptr);
    host_.Finished(*exchange, {.status = static_cast<int>(status),
                               .seconds = time.count()});
  }

  void BeginToLinger() {
    phase_ = Phase::kLingering;
    connection_.EndOutput();
    connection_.SetDeadline(kLingerTime);
    buffer_.clear();
    connection_.AwaitReadable();
  }

  void Linger() {
    char bytes[kReadBytes];
    const ssize_t read = connection_.Read(bytes);
    if (read < 0 && errno == EAGAIN) return connection_.AwaitReadable();
    if (read > 0) lingered_ += static_cast<std::size_t>(read);
    if (read <= 0 || lingered_ > kLingerBytes) return Close();
    connection_.AwaitReadable();
  }

  void ReleaseBody() {
    if (body_bytes_ > 0) host_.ReleaseBody(std::exchange(body_bytes_, 0));
  }

  SessionHost& host_;
  asio::io_context& io_;
  Connection connection_;
  asio::steady_timer poll_timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::shared_ptr<Exchange> exchange_;
  std::stop_source stop_;
  std::optional<Clock::time_point> idle_since_;
  Clock::time_point began_;  // the request
  std::size_t requests_ = 0;
  std::size_t head_fields_ = 0;
  std::size_t body_bytes_ = 0;  // reserved
  std::size_t lingered_ = 0;
  unsigned status_ = 0;  // of the answer
  Phase phase_ = Phase::kIdle;
  bool streams_ = false;
  bool keeps_ = false;  // the connection, after the answer
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<Session> MakeSession(asio::io_context& io, int family,
                                     int descriptor, SessionHost& host) {
  return std::make_shared<HttpSession>(io, family, descriptor, host);
}

}  // namespace tessera::tools::serve
