// The count of threads that work without the GIL.
#include "tools/python/src/released.h"

#include <tessera/error.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace tessera::python {
namespace {

std::atomic<bool> ending = false;
std::atomic<int> released = 0;

}  // namespace

Released::Counted::Counted() { ++released; }
Released::Counted::~Counted() { --released; }

void CheckRunning() {
  if (ending) throw Error("translator: the interpreter is ending");
}

void CheckSignals() {
  if (PyErr_CheckSignals() != 0) throw nanobind::python_error();
  CheckRunning();
}

void Shutdown() {
  ending = true;
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  const nanobind::gil_scoped_release release;
  while (released > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void AfterFork() { released = 0; }

}  // namespace tessera::python
