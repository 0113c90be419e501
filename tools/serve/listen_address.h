// Where a server listens, or is to be found.
#ifndef TESSERA_TOOLS_SERVE_LISTEN_ADDRESS_H_
#define TESSERA_TOOLS_SERVE_LISTEN_ADDRESS_H_

#include <string>

namespace tessera::tools::serve {

// "127.0.0.1:8080", "[::1]:8080", "localhost:8080" or "unix:PATH".
struct ListenAddress {
  std::string host;
  std::string port;
  std::string path;  // of a Unix socket; empty for TCP
};

// Throws Error for another text.
ListenAddress ParseListenAddress(const std::string& text);

// A socket that listens, non-blocking. A Unix socket that nobody listens on any
// longer gives way. Throws Error.
int Listen(const ListenAddress& address);

// A socket that is connected. Throws Error.
int Connect(const ListenAddress& address);

// Whether only this machine reaches what a socket listens on.
bool IsLocal(int socket);

// What people call it: "http://127.0.0.1:8080", with the port that it got.
std::string NameOf(int socket);

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_LISTEN_ADDRESS_H_
