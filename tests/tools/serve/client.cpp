// Blocking sockets; a read that takes a minute ends the connection.
#include "tests/tools/serve/client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

#include "tools/serve/http.h"
#include "tools/serve/listen_address.h"

namespace tessera::tools::serve {
namespace {

std::string WithoutScheme(std::string address) {
  if (address.starts_with("http://")) address = address.substr(7);
  return address;
}

}  // namespace

Client::Client(const std::string& address)
    : socket_(Connect(ParseListenAddress(WithoutScheme(address)))) {
  const timeval limit = {.tv_sec = 60, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

Client::~Client() { close(socket_); }

void Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Client::Fill() {
  char part[16 << 10];
  const ssize_t bytes = recv(socket_, part, sizeof part, 0);
  if (bytes <= 0) return false;
  buffer_.append(part, static_cast<std::size_t>(bytes));
  return true;
}

Answer Client::Read(bool has_body) {
  Answer answer;
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return answer;
  }
  std::string_view head(buffer_.data(), end + 2);
  answer.status = std::stoi(std::string(head.substr(9, 3)));
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const std::size_t colon = head.find(": ");
    const std::size_t stop = head.find("\r\n");
    answer.headers[Lower(head.substr(0, colon))] =
        head.substr(colon + 2, stop - colon - 2);
    head.remove_prefix(stop + 2);
  }
  buffer_.erase(0, end + 4);
  if (has_body && answer.headers.contains("transfer-encoding")) {
    while (const std::size_t size = std::stoul(TakeLine(), nullptr, 16)) {
      answer.body += Take(size);
      TakeLine();
    }
    TakeLine();
    return answer;
  }
  std::size_t length = 0;
  const auto found = answer.headers.find("content-length");
  if (has_body && found != answer.headers.end()) {
    length = std::stoul(found->second);
  }
  answer.body = Take(length);
  return answer;
}

std::string Client::Take(std::size_t bytes) {
  while (buffer_.size() < bytes) {
    if (!Fill()) throw std::runtime_error("the body was cut short");
  }
  std::string taken = buffer_.substr(0, bytes);
  buffer_.erase(0, bytes);
  return taken;
}

std::string Client::TakeLine() {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!Fill()) throw std::runtime_error("a line was cut short");
  }
  std::string line = Take(end);
  Take(2);
  return line;
}

std::string Client::ReadRest() {
  while (Fill()) {
  }
  return std::exchange(buffer_, {});
}

bool Client::IsClosed() {
  return buffer_.empty() && !Fill() && errno != EAGAIN;
}

void Client::CloseOutput() { shutdown(socket_, SHUT_WR); }

Answer Client::Get(const std::string& target) {
  Send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return Read();
}

Answer Client::Post(const std::string& target, const std::string& body,
                    const std::string& type) {
  Send(PostText(target, body, type));
  return Read();
}

std::string PostText(const std::string& target, const std::string& body,
                     const std::string& type) {
  return "POST " + target + " HTTP/1.1\r\nHost: test\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

}  // namespace tessera::tools::serve
