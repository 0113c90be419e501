// Threads that run one function together.
#ifndef TESSERA_KERNELS_THREAD_TEAM_H_
#define TESSERA_KERNELS_THREAD_TEAM_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace tessera::kernels {

// The calling thread and others, which are there from the beginning: a team
// that the system gives no threads for cannot be made, so that running one
// cannot fail. (OpenMP starts threads when it needs them and ends the process
// where it gets none.) Waiting threads spin for some 50 us, as long as the
// serial parts of a decode step take, and then sleep.
class ThreadTeam {
 public:
  // Throws std::system_error or std::bad_alloc.
  explicit ThreadTeam(std::size_t threads);
  ~ThreadTeam();
  ThreadTeam(const ThreadTeam&) = delete;
  ThreadTeam& operator=(const ThreadTeam&) = delete;

  std::size_t threads() const { return others_.size() + 1; }

  // Calls body(thread) for each thread in [0, threads()) at once, 0 on the
  // calling one; returns when all have. `body` must not throw. One call at a
  // time, none from within another.
  template <class Body>
  void Run(const Body& body) noexcept {
    Run([](const void* b, std::size_t t) { (*static_cast<const Body*>(b))(t); },
        &body);
  }

 private:
  using Function = void (*)(const void* body, std::size_t thread);

  void Run(Function function, const void* body) noexcept;
  void Work(std::size_t thread) noexcept;
  void End() noexcept;

  Function function_ = nullptr;  // of the round; nullptr: the end
  const void* body_ = nullptr;
  alignas(64) std::atomic<std::uint32_t> round_ = 0;
  alignas(64) std::atomic<std::uint32_t> at_work_ = 0;
  std::vector<std::thread> others_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_THREAD_TEAM_H_
