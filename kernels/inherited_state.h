// What a new thread inherits of the one that makes it, and should not.
#ifndef TESSERA_KERNELS_INHERITED_STATE_H_
#define TESSERA_KERNELS_INHERITED_STATE_H_

#include <pthread.h>

#include <cfenv>
#include <csignal>

namespace tessera::kernels {

// While it lives, threads that this one makes take no signals: the host's
// handlers run on the host's threads.
class BlockedSignals {
 public:
  BlockedSignals() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

// While it lives, this thread rounds to nearest and traps nothing, as outputs
// are defined, whatever the host has set.
class DefaultFloats {
 public:
  DefaultFloats() noexcept {
    std::fegetenv(&before_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~DefaultFloats() { std::fesetenv(&before_); }
  DefaultFloats(const DefaultFloats&) = delete;
  DefaultFloats& operator=(const DefaultFloats&) = delete;

 private:
  std::fenv_t before_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_INHERITED_STATE_H_
