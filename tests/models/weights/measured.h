// What loading costs a process, for tests that bound it.
#ifndef TESSERA_TESTS_MODELS_WEIGHTS_MEASURED_H_
#define TESSERA_TESTS_MODELS_WEIGHTS_MEASURED_H_

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace tessera::models {

// Time and memory are measured where no sanitizer takes its share.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TESSERA_SANITIZED
#endif
#endif
#if defined(TESSERA_SANITIZED) || defined(__SANITIZE_ADDRESS__)
inline constexpr bool kMeasured = false;
#else
inline constexpr bool kMeasured = true;
#endif

// The MiB by which `load` raises a process's peak memory, up to 255. What it
// throws is for other tests to judge.
template <class Action>
int PeakGrowth(Action&& load) {
  const auto peak = [] {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
  };
  const pid_t child = fork();
  if (child == 0) {
    const long before = peak();
    try {
      load();
    } catch (...) {
    }
    _exit(static_cast<int>(std::min(peak() - before, 255L)));
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
    throw std::runtime_error("the loading process failed");
  }
  return WEXITSTATUS(status);
}

}  // namespace tessera::models

#endif  // TESSERA_TESTS_MODELS_WEIGHTS_MEASURED_H_
