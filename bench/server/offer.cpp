// Requests over HTTP from one thread, which takes little of the machine that it
// measures: in a closed loop, as fast as connections are answered, or in an
// open one, by a Poisson process whatever becomes of the requests before.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace tessera {
namespace {

using Clock = std::chrono::steady_clock;
using Json = nlohmann::ordered_json;

constexpr const char* kLost = "lost";
// How long answers are waited for when no more requests are due.
constexpr std::chrono::seconds kPatience{30};

double Seconds(Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

struct Arguments {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string path = "/v1/translations";
  std::string texts;
  double rate = 0;  // requests a second; 0: a closed loop
  std::size_t connections = 64;
  double seconds = 10;
};

// All requests, ready to be sent: a text each.
std::vector<std::string> Requests(const Arguments& arguments) {
  std::ifstream file(arguments.texts);
  std::vector<std::string> requests;
  for (std::string line; std::getline(file, line);) {
    const std::string body = Json{{"input", line}}.dump();
    requests.push_back("POST " + arguments.path +
                       " HTTP/1.1\r\nHost: " + arguments.host +
                       "\r\nContent-Type: application/json\r\n"
                       "Content-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  if (requests.empty()) throw std::runtime_error("no texts in the file");
  return requests;
}

// What is known of an answer by its first bytes.
struct Answer {
  std::string status;  // empty until it is whole
  bool closes = false;
};

Answer Parse(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  std::string head(bytes.substr(0, end));
  std::ranges::transform(head, head.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  constexpr std::string_view kLength = "\r\ncontent-length:";
  const std::size_t length = head.find(kLength);
  if (length == std::string::npos) return {.status = kLost, .closes = true};
  const std::size_t body = std::stoul(head.substr(length + kLength.size()));
  if (bytes.size() < end + 4 + body) return {};
  return {.status = head.substr(9, 3),
          .closes = head.find("\r\nconnection: close") != std::string::npos};
}

struct Connection {
  int socket = -1;
  const std::string* request = nullptr;  // null: it is free
  std::size_t sent = 0;
  std::string answer = {};
  Clock::time_point due = {};
};

class Load {
 public:
  explicit Load(const Arguments& arguments)
      : arguments_(arguments),
        requests_(Requests(arguments)),
        epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  Json Run() {
    begin_ = Clock::now();
    end_ = begin_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(arguments_.seconds));
    // The first fifth fills batches and caches.
    warm_ = begin_ + (end_ - begin_) / 5;
    arguments_.rate > 0 ? RunOpen() : RunClosed();
    return Report();
  }

 private:
  void RunClosed() {
    for (std::size_t i = 0; i < arguments_.connections; ++i) {
      Begin(Clock::now());
    }
    while (running_ > 0 && Clock::now() < end_ + kPatience) Wait(end_);
  }

  void RunOpen() {
    std::exponential_distribution<double> pause(arguments_.rate);
    double offset = pause(random_);
    const auto due = [&] {
      return begin_ + std::chrono::duration_cast<Clock::duration>(
                          std::chrono::duration<double>(offset));
    };
    while (true) {
      for (; due() <= Clock::now() && due() < end_; offset += pause(random_)) {
        if (due() >= warm_) late_.push_back(Seconds(Clock::now() - due()));
        Begin(due());
      }
      if (due() >= end_ && (running_ == 0 || Clock::now() > end_ + kPatience)) {
        return;
      }
      Wait(due() < end_ ? due() : end_ + kPatience);
    }
  }

  void Wait(Clock::time_point until) {
    const auto left = std::max(until - Clock::now(), Clock::duration(0));
    const timespec timeout = {
        .tv_sec =
            std::chrono::duration_cast<std::chrono::seconds>(left).count(),
        .tv_nsec = std::chrono::nanoseconds(left).count() % 1'000'000'000};
    epoll_event events[64];
    const int count = epoll_pwait2(epoll_, events, 64, &timeout, nullptr);
    for (int i = 0; i < count; ++i) {
      auto& connection = *static_cast<Connection*>(events[i].data.ptr);
      constexpr std::uint32_t kEnded = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
      if (connection.request != nullptr) {
        Go(connection);
      } else if ((events[i].events & kEnded) != 0) {
        Close(connection);  // the server ended it while it was idle
      }
    }
  }

  void Begin(Clock::time_point due) {
    if (free_.empty()) Open();
    Connection& connection = *free_.back();
    free_.pop_back();
    ++running_;
    connection.due = due;
    connection.request = &requests_[random_() % requests_.size()];
    connection.sent = 0;
    connection.answer.clear();
    if (connection.socket < 0) return End(connection, {kLost, true});
    Go(connection);
  }

  void Open() {
    const auto& made = all_.emplace_back(std::make_unique<Connection>());
    free_.push_back(made.get());
    const int socket =
        ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return;
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(arguments_.port);
    inet_pton(AF_INET, arguments_.host.c_str(), &address.sin_addr);
    // A failure shows when it is written to.
    (void)connect(socket, reinterpret_cast<sockaddr*>(&address),
                  sizeof address);
    epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                         .data = {.ptr = made.get()}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
    made->socket = socket;
  }

  // Sends what is left of the request and reads what has come of the answer.
  void Go(Connection& connection) {
    const std::string& request = *connection.request;
    while (connection.sent < request.size()) {
      const ssize_t sent =
          send(connection.socket, request.data() + connection.sent,
               request.size() - connection.sent, MSG_NOSIGNAL);
      // EAGAIN also while the connection is being made.
      if (sent < 0 && errno == EAGAIN) return;
      if (sent < 0) return End(connection, {kLost, true});
      connection.sent += static_cast<std::size_t>(sent);
      if (connection.sent == request.size()) return;
    }
    char bytes[16 << 10];
    while (true) {
      const ssize_t read = recv(connection.socket, bytes, sizeof bytes, 0);
      if (read < 0 && errno == EAGAIN) return;
      if (read <= 0) return End(connection, {kLost, true});
      connection.answer.append(bytes, static_cast<std::size_t>(read));
      const Answer answer = Parse(connection.answer);
      if (!answer.status.empty()) return End(connection, answer);
    }
  }

  void End(Connection& connection, const Answer& answer) {
    const auto now = Clock::now();
    --running_;
    connection.request = nullptr;
    const bool closed_loop = arguments_.rate == 0;
    if (closed_loop ? now >= warm_ && now < end_ : connection.due >= warm_) {
      times_[answer.status].push_back(Seconds(now - connection.due));
    }
    free_.push_back(&connection);
    if (answer.closes) Close(connection);
    if (closed_loop && now < end_) Begin(now);
  }

  void Close(Connection& connection) {
    if (connection.socket >= 0) close(connection.socket);
    std::erase(free_, &connection);
    connection.socket = -1;
  }

  static Json Percentiles(std::vector<double>& times) {
    std::ranges::sort(times);
    Json json = {{"count", times.size()}};
    for (const auto& [name, share] :
         {std::pair{"p50", .5}, {"p90", .9}, {"p99", .99}, {"max", 1.}}) {
      const auto index =
          static_cast<std::size_t>(share * static_cast<double>(times.size()));
      if (!times.empty()) {
        json[name] = 1000 * times[std::min(index, times.size() - 1)];
      }
    }
    return json;
  }

  Json Report() {
    rusage used = {};
    getrusage(RUSAGE_SELF, &used);
    const auto cpu = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) +
             1e-6 * static_cast<double>(time.tv_usec);
    };
    if (running_ > 0) times_[kLost].resize(times_[kLost].size() + running_);
    Json json = {{"seconds", Seconds(end_ - warm_)},
                 {"cpu", (cpu(used.ru_utime) + cpu(used.ru_stime)) /
                             Seconds(Clock::now() - begin_)},
                 {"late_ms", Percentiles(late_)},
                 {"connections", all_.size()}};
    for (auto& [status, times] : times_) {
      json["answers"][status] = Percentiles(times);
    }
    return json;
  }

  Arguments arguments_;
  std::vector<std::string> requests_;
  int epoll_;
  std::mt19937_64 random_{1};
  Clock::time_point begin_, warm_, end_;
  std::vector<std::unique_ptr<Connection>> all_;
  std::vector<Connection*> free_;
  std::size_t running_ = 0;
  std::vector<double> late_;  // seconds, of when requests left
  std::map<std::string, std::vector<double>> times_;  // seconds, by status
};

}  // namespace
}  // namespace tessera

int main(int argc, char** argv) {
  tessera::Arguments arguments;
  CLI::App app("Requests over HTTP, a text each; prints a line of JSON");
  app.add_option("--port", arguments.port, "of 127.0.0.1")->required();
  app.add_option("--texts", arguments.texts, "a file of lines")->required();
  app.add_option("--path", arguments.path, "what is posted to");
  app.add_option("--rate", arguments.rate,
                 "requests a second of an open loop; 0: a closed loop");
  app.add_option("--connections", arguments.connections, "of a closed loop");
  app.add_option("--seconds", arguments.seconds, "the first fifth not counted");
  CLI11_PARSE(app, argc, argv);
  std::printf("%s\n", tessera::Load(arguments).Run().dump().c_str());
}
