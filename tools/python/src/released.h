// Work without the GIL, which an interpreter that ends waits for.
#ifndef TESSERA_TOOLS_PYTHON_SRC_RELEASED_H_
#define TESSERA_TOOLS_PYTHON_SRC_RELEASED_H_

#include <nanobind/nanobind.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tessera::python {

// Throws Error once the interpreter has begun to end.
void CheckRunning();

// Lets other threads run Python while it lives. A thread that asks for the GIL
// of an interpreter that is gone is ended in the middle of its C++ frames, so
// the interpreter waits for those that work without it (Shutdown).
class Released {
 public:
  Released() = default;
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

 private:
  struct Counted {
    Counted();
    ~Counted();
  };
  Counted counted_;  // first: counted until the GIL is back
  nanobind::gil_scoped_release release_;
};

// Waits without the GIL until ready() under `lock`. Every 100 ms it looks for
// Ctrl-C and for the end of the interpreter: then it throws, with the GIL held
// again and `lock` unlocked.
template <class Ready>
void WaitReleased(std::unique_lock<std::mutex>& lock,
                  std::condition_variable& changed, Ready ready);

// At exit: makes all waits give up, and returns when they have, or after 10 s.
void Shutdown();
// In a forked child: forgets the threads of the parent.
void AfterFork();

// What WaitReleased does between two waits.
void CheckSignals();

template <class Ready>
void WaitReleased(std::unique_lock<std::mutex>& lock,
                  std::condition_variable& changed, Ready ready) {
  while (!ready()) {
    {
      const Released released;
      changed.wait_for(lock, std::chrono::milliseconds(100), ready);
      lock.unlock();  // never wait for the GIL with it
    }
    CheckSignals();
    lock.lock();
  }
}

}  // namespace tessera::python

#endif  // TESSERA_TOOLS_PYTHON_SRC_RELEASED_H_
