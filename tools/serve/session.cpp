// HTTP by Boost.Beast, and the rules that Beast leaves to its users: how long
// each part may take, what happens when the client leaves.
#include "tools/serve/session.h"

#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cerrno>
#include <cstdio>
#include <stop_token>
#include <utility>

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
// What a client may still send behind a refusal, so that it reads the refusal
// and not a reset of the connection.
constexpr std::size_t kLingerBytes = 4 << 20;
constexpr std::chrono::seconds kLingerTime{2};
// How often a client with a pipelined request is asked whether it is there.
constexpr std::chrono::milliseconds kPipelinedPoll{50};

class HttpSession final : public Session,
                          public std::enable_shared_from_this<HttpSession> {
 public:
  HttpSession(asio::io_context& io, int family, int descriptor,
              SessionHost& host)
      : host_(host),
        stream_(io, asio::generic::stream_protocol(family, 0), descriptor),
        poll_timer_(io),
        buffer_(kBufferBytes) {}

  void Start() override { AwaitRequest(); }

  void Close() override {
    if (ended_) return;
    ended_ = true;
    idle_since_.reset();
    poll_timer_.cancel();
    stream_.close();
    ReleaseBody();
    constexpr unsigned kClientLeft = 499;  // as nginx has it
    if (exchange_) Finish(kClientLeft);
    stop_.request_stop();  // last: whoever waits for it may answer
    host_.Ended(*this);
  }

  void CloseIfIdle(bool fresh) override {
    if (!idle_since_ || (requests_ == 0 && !fresh)) return;
    if (PeekByte() <= 0) Close();
  }

  bool served() const override { return requests_ > 0; }

  std::optional<Clock::time_point> idle_since() const override {
    return idle_since_;
  }

 private:
  using OnBytes = void (HttpSession::*)(const error_code&, std::size_t);
  auto Then(OnBytes method) {
    return [self = shared_from_this(), method](const error_code& error,
                                               std::size_t bytes) {
      if (!self->ended_) ((*self).*method)(error, bytes);
    };
  }

  void AwaitRequest() {
    ReleaseBody();
    parser_.reset();
    if (host_.closing()) return Close();
    if (buffer_.size() > 0) return ReadHeader();
    buffer_.shrink_to_fit();
    idle_since_ = Clock::now();
    constexpr std::size_t kFirstBytes = 512;
    stream_.expires_after(host_.limits().idle_time);
    stream_.async_read_some(buffer_.prepare(kFirstBytes),
                            Then(&HttpSession::OnFirstBytes));
  }

  void OnFirstBytes(const error_code& error, std::size_t bytes) {
    idle_since_.reset();
    if (error) return Close();
    buffer_.commit(bytes);
    ReadHeader();
  }

  void ReadHeader() {
    const SessionLimits& limits = host_.limits();
    began_ = Clock::now();
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser_->body_limit(limits.body_bytes);
    stream_.expires_after(limits.header_time);
    http::async_read_header(stream_, buffer_, *parser_,
                            Then(&HttpSession::OnHeader));
  }

  void OnHeader(const error_code& error, std::size_t) {
    if (error) return OnReadError(error, false);
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
      return Write(std::move(*refusal));
    }
    if (parser_->is_done()) return OnBody({}, 0);
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
    stream_.expires_after(limits.body_time);
    if (head[http::field::expect].empty()) return ReadBody({}, 0);
    static constexpr std::string_view kContinue =
        "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(kContinue),
                      Then(&HttpSession::ReadBody));
  }

  void ReadBody(const error_code& error, std::size_t) {
    if (error) return Close();
    http::async_read(stream_, buffer_, *parser_, Then(&HttpSession::OnBody));
  }

  void OnBody(const error_code& error, std::size_t) {
    if (error) return OnReadError(error, true);
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
      if (self->ended_ || self->answered_ || self->requests_ != request) return;
      self->answered_ = true;
      self->Write(std::move(response));
    };
    exchange_->send = [self = shared_from_this(),
                       request](std::string_view bytes) {
      if (self->Computing(request)) self->Send(bytes);
    };
    exchange_->finish = [self = shared_from_this(), request] {
      if (self->Computing(request)) self->FinishStream();
    };
    answered_ = false;
    stream_.expires_never();
    host_.Handle(exchange_);
    if (!answered_) Watch();
  }

  // Sees the client leave while its request is worked on. A half-closed
  // connection counts as left, as it does for nginx.
  void Watch() {
    stream_.socket().async_wait(
        asio::socket_base::wait_read,
        [self = shared_from_this(), request = requests_](const error_code&) {
          if (!self->Computing(request)) return;
          const ssize_t read = self->PeekByte();
          if (read > 0) return self->WatchPipelined();
          if (read < 0 && (errno == EAGAIN || errno == EINTR)) {
            return self->Watch();
          }
          self->Close();
        });
  }

  // The next request hides the end of the connection behind it from recv.
  void WatchPipelined() {
    poll_timer_.expires_after(kPipelinedPoll);
    poll_timer_.async_wait(
        [self = shared_from_this(), request = requests_](const error_code&) {
          if (!self->Computing(request)) return;
          pollfd state = {.fd = self->stream_.socket().native_handle(),
                          .events = POLLRDHUP,
                          .revents = 0};
          if (poll(&state, 1, 0) > 0) return self->Close();
          self->WatchPipelined();
        });
  }

  // What recv would give; 0: the client has closed its end.
  ssize_t PeekByte() {
    char byte = 0;
    errno = 0;
    return recv(stream_.socket().native_handle(), &byte, 1,
                MSG_PEEK | MSG_DONTWAIT);
  }

  // Chunks, or to a client of HTTP/1.0 all that comes until the end.
  void Send(std::string_view bytes) {
    const bool chunked = parser_->get().version() == 11;
    if (!streaming_) {
      streaming_ = true;
      keeps_ = chunked && parser_->get().keep_alive() && !host_.closing() &&
               requests_ < host_.limits().requests;
      outgoing_ = EventStreamHead({.id = exchange_->id,
                                   .headers = ExtraHeaders(),
                                   .chunked = chunked,
                                   .keeps = keeps_});
    }
    if (bytes.empty()) return Flush();
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    if (chunked) outgoing_ += size;
    outgoing_ += bytes;
    if (chunked) outgoing_ += "\r\n";
    Flush();
  }

  void FinishStream() {
    if (parser_->get().version() == 11) outgoing_ += "0\r\n\r\n";
    answered_ = true;
    poll_timer_.cancel();
    Flush();
  }

  void Flush() {
    if (!flying_.empty() || outgoing_.empty()) return;
    flying_.swap(outgoing_);
    stream_.expires_after(host_.limits().write_time);
    asio::async_write(stream_, asio::buffer(flying_),
                      Then(&HttpSession::OnFlushed));
  }

  void OnFlushed(const error_code& error, std::size_t) {
    if (error) return Close();
    flying_.clear();
    stream_.expires_never();
    if (!outgoing_.empty() || !answered_) return Flush();
    streaming_ = false;
    Finish(200);
    EndOrGoOn(keeps_);
  }

  bool Computing(std::size_t request) const {
    return !ended_ && !answered_ && requests_ == request;
  }

  void OnReadError(const error_code& error, bool in_body) {
    const auto failure = FailureOf(error, in_body);
    if (!failure) return Close();
    if (!exchange_) {
      exchange_ = std::make_shared<Exchange>();
      exchange_->id = host_.NewId();
    }
    Refuse(ToResponse(ErrorForm::kNative, *failure));
  }

  // Answers a request of which not all has been read.
  void Refuse(Response response) {
    response.close = true;
    Write(std::move(response));
  }

  void Write(Response response) {
    error_code ignored;
    stream_.socket().cancel(ignored);  // the watch
    poll_timer_.cancel();
    const bool head = parser_->get().method() == http::verb::head;
    const unsigned status = static_cast<unsigned>(response.status);
    response_.emplace(http::int_to_status(status), 11u);
    SetHead(response, {.id = exchange_->id, .headers = ExtraHeaders()},
            *response_);
    response_->keep_alive(!response.close && parser_->get().keep_alive() &&
                          !host_.closing() &&
                          requests_ < host_.limits().requests);
    response_->content_length(response.body.size());
    if (!head) response_->body() = std::move(response.body);
    stream_.expires_after(host_.limits().write_time);
    http::async_write(stream_, *response_, Then(&HttpSession::OnWritten));
  }

  void OnWritten(const error_code& error, std::size_t) {
    if (error) return Close();
    const bool keep = response_->keep_alive();
    Finish(response_->result_int());
    response_.reset();
    EndOrGoOn(keep);
  }

  void EndOrGoOn(bool keep) {
    if (keep) return AwaitRequest();
    stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored_);
    stream_.expires_after(kLingerTime);
    buffer_.clear();
    Linger();
  }

  // The exchange's `answer` holds this session: let go of it.
  void Finish(unsigned status) {
    const std::chrono::duration<double> time = Clock::now() - began_;
    const auto exchange = std::exchange(exchange_, nullptr);
    host_.Finished(*exchange, {.status = static_cast<int>(status),
                               .seconds = time.count()});
  }

  void Linger() {
    constexpr std::size_t kPart = 16 << 10;
    stream_.async_read_some(buffer_.prepare(kPart),
                            Then(&HttpSession::OnLingering));
  }

  void OnLingering(const error_code& error, std::size_t bytes) {
    lingered_ += bytes;
    if (error || lingered_ > kLingerBytes) return Close();
    Linger();
  }

  Pairs ExtraHeaders() const { return host_.Headers(exchange_->request); }

  void ReleaseBody() {
    if (body_bytes_ > 0) host_.ReleaseBody(std::exchange(body_bytes_, 0));
  }

  SessionHost& host_;
  beast::basic_stream<asio::generic::stream_protocol> stream_;
  asio::steady_timer poll_timer_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  std::shared_ptr<Exchange> exchange_;
  std::stop_source stop_;
  std::optional<Clock::time_point> idle_since_;
  Clock::time_point began_;  // the request
  std::size_t requests_ = 0;
  std::size_t head_fields_ = 0;
  std::size_t body_bytes_ = 0;  // reserved
  std::size_t lingered_ = 0;
  error_code ignored_;
  std::string outgoing_;  // of an event stream
  std::string flying_;    // of it: what is being written
  bool streaming_ = false;
  bool keeps_ = false;  // the connection, after the stream
  bool answered_ = false;
  bool ended_ = false;
};

}  // namespace

std::shared_ptr<Session> MakeSession(asio::io_context& io, int family,
                                     int descriptor, SessionHost& host) {
  return std::make_shared<HttpSession>(io, family, descriptor, host);
}

}  // namespace tessera::tools::serve
