// Sockets of TCP and of the file system.
#include "tools/serve/listen_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "models/files/message.h"

namespace tessera::tools::serve {
namespace {

using models::Cat;
using models::Refuse;

// A socket's address of any family, to be passed to the system's functions.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  template <class Kind>
  const Kind& as() const {
    return reinterpret_cast<const Kind&>(storage);
  }
};

std::string Reason() { return std::generic_category().message(errno); }

std::string Shown(const ListenAddress& address) {
  if (!address.path.empty()) return "unix:" + address.path;
  return address.host + ":" + address.port;
}

Address UnixAddress(const std::string& path) {
  Address address;
  auto& name = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof name.sun_path) {
    Refuse("unix:" + path,
           Cat("a path of less than ", sizeof name.sun_path, " bytes"),
           path.size());
  }
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof name;
  return address;
}

Address TcpAddress(const ListenAddress& asked) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      getaddrinfo(asked.host.c_str(), asked.port.c_str(), &hints, &found);
  if (error != 0) {
    Refuse(Shown(asked), "an address", gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found,
                                                             freeaddrinfo);
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  return address;
}

Address Resolve(const ListenAddress& asked) {
  return asked.path.empty() ? TcpAddress(asked) : UnixAddress(asked.path);
}

class Socket {
 public:
  Socket(int family, int flags)
      : descriptor_(socket(family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)) {
    if (descriptor_ < 0) Refuse("socket", "a descriptor", Reason());
  }
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int get() const { return descriptor_; }
  int Release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

// A server that was killed leaves its socket's file, which nobody answers.
void RemoveStale(const std::string& path, Address& address) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const Socket probe(AF_UNIX, 0);
  if (connect(probe.get(), address.get(), address.size) != 0 &&
      errno == ECONNREFUSED) {
    unlink(path.c_str());
  }
}

Address NameOfSocket(int socket) {
  Address address;
  getsockname(socket, address.get(), &address.size);
  return address;
}

}  // namespace

ListenAddress ParseListenAddress(const std::string& text) {
  constexpr const char* kWant = "HOST:PORT or unix:PATH";
  if (text.starts_with("unix:")) {
    if (text.size() == 5) Refuse("address", kWant, models::QuoteText(text));
    ListenAddress address;
    address.path = text.substr(5);
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
    Refuse("address", kWant, models::QuoteText(text));
  }
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return {.host = std::move(host), .port = text.substr(colon + 1), .path = {}};
}

int Listen(const ListenAddress& asked) {
  Address address = Resolve(asked);
  const int family = address.storage.ss_family;
  if (family == AF_UNIX) RemoveStale(asked.path, address);
  Socket listener(family, SOCK_NONBLOCK);
  const int on = 1;
  if (family != AF_UNIX) {
    setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  constexpr int kBacklog = 4096;
  if (bind(listener.get(), address.get(), address.size) != 0 ||
      listen(listener.get(), kBacklog) != 0) {
    Refuse(Shown(asked), "to listen", Reason());
  }
  return listener.Release();
}

int Connect(const ListenAddress& asked) {
  Address address = Resolve(asked);
  Socket connected(address.storage.ss_family, 0);
  if (connect(connected.get(), address.get(), address.size) != 0) {
    Refuse(Shown(asked), "a server that listens", Reason());
  }
  return connected.Release();
}

bool IsLocal(int socket) {
  const Address address = NameOfSocket(socket);
  switch (address.storage.ss_family) {
    case AF_UNIX:
      return true;
    case AF_INET:
      return ntohl(address.as<sockaddr_in>().sin_addr.s_addr) >> 24 == 127;
    case AF_INET6:
      return IN6_IS_ADDR_LOOPBACK(&address.as<sockaddr_in6>().sin6_addr);
    default:
      return false;
  }
}

std::string NameOf(int socket) {
  Address address = NameOfSocket(socket);
  if (address.storage.ss_family == AF_UNIX) {
    return std::string("unix:") + address.as<sockaddr_un>().sun_path;
  }
  char host[NI_MAXHOST], port[NI_MAXSERV];
  getnameinfo(address.get(), address.size, host, sizeof host, port, sizeof port,
              NI_NUMERICHOST | NI_NUMERICSERV);
  const bool v6 = address.storage.ss_family == AF_INET6;
  return std::string("http://") + (v6 ? "[" : "") + host + (v6 ? "]" : "") +
         ":" + port;
}

}  // namespace tessera::tools::serve
