// A socket that listens, and how it hands its connections on.
#ifndef TESSERA_TOOLS_SERVE_LISTENER_H_
#define TESSERA_TOOLS_SERVE_LISTENER_H_

#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "tools/serve/asio_loop.h"

namespace tessera::tools::serve {

// What a listener needs of the server; called on the loop's thread.
struct ListenerHost {
  std::function<bool()> full;       // no connection more is wanted
  std::function<bool()> make_room;  // by one that is idle; false: none is
  std::function<void(int family, int socket)> take;
};

// Accepts by hand: one way for TCP and Unix, and what to do when descriptors
// run out is for us to say.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  // `path` is that of a Unix socket which ends with it, or empty.
  Listener(AsioLoop& loop, int socket, std::string path, ListenerHost host);

  void Start() { Await(); }
  // Hands on all that are in the queue, and goes on.
  void AcceptAll();
  void Close();

  const std::string& name() const { return name_; }

 private:
  void Await();
  void Accept(int most);
  bool SomebodyWaits();
  void Pause();

  AsioLoop& loop_;
  boost::asio::posix::stream_descriptor socket_;
  int family_;
  std::string name_;
  std::string path_;
  ListenerHost host_;
  Loop::Timer pause_ = {};
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_LISTENER_H_
