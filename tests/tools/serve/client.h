// A client of HTTP that can misbehave: bytes out, bytes in.
#ifndef TESSERA_TESTS_TOOLS_SERVE_CLIENT_H_
#define TESSERA_TESTS_TOOLS_SERVE_CLIENT_H_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tessera::tools::serve {

struct Answer {
  int status = 0;  // 0: the connection ended without one
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

class Client {
 public:
  // `address` is one of Server::addresses().
  explicit Client(const std::string& address);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends what the server takes: it may have closed the connection.
  void Send(std::string_view bytes);
  // The next answer, its chunks put together.
  Answer Read(bool has_body = true);
  // All that comes until the server ends the connection.
  std::string ReadRest();
  // Whether the server ends the connection, without another byte.
  bool IsClosed();
  // Tells the server that no more comes.
  void CloseOutput();

  Answer Get(const std::string& target);
  Answer Post(const std::string& target, const std::string& body,
              const std::string& type = "application/json");

 private:
  bool Fill();  // reads more; false at the end
  std::string Take(std::size_t bytes);
  std::string TakeLine();  // without its end

  int socket_ = -1;
  std::string buffer_;
};

std::string PostText(const std::string& target, const std::string& body,
                     const std::string& type = "application/json");

}  // namespace tessera::tools::serve

#endif  // TESSERA_TESTS_TOOLS_SERVE_CLIENT_H_
