// What systemd wants to hear of a service of Type=notify.
#ifndef TESSERA_TOOLS_SERVE_NOTIFY_H_
#define TESSERA_TOOLS_SERVE_NOTIFY_H_

#include <chrono>
#include <optional>
#include <string_view>

namespace tessera::tools::serve {

// Sends "READY=1", "STOPPING=1" or "WATCHDOG=1" to $NOTIFY_SOCKET; does nothing
// where there is none.
void Notify(std::string_view state);

// How often systemd wants to hear from this process: half of $WATCHDOG_USEC;
// nullopt if it does not ask.
std::optional<std::chrono::milliseconds> WatchdogInterval();

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_NOTIFY_H_
