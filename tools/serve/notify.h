// What a service and systemd tell each other: no library is needed.
#ifndef TESSERA_TOOLS_SERVE_NOTIFY_H_
#define TESSERA_TOOLS_SERVE_NOTIFY_H_

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace tessera::tools::serve {

// Sends "READY=1", "STOPPING=1" or "WATCHDOG=1" to $NOTIFY_SOCKET; does nothing
// where there is none.
void Notify(std::string_view state);

// How often systemd wants to hear from this process: half of $WATCHDOG_USEC;
// nullopt if it does not ask.
std::optional<std::chrono::milliseconds> WatchdogInterval();

// The sockets that systemd listens on for this process, by $LISTEN_PID and
// $LISTEN_FDS, which programs that it starts shall not see. Throws Error for
// what is no stream socket that listens.
std::vector<int> PassedSockets();

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_NOTIFY_H_
