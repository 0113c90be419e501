// What malloc keeps of the memory that a server has freed.
#ifndef TESSERA_TOOLS_SERVE_HEAP_H_
#define TESSERA_TOOLS_SERVE_HEAP_H_

#include <chrono>
#include <functional>

#include "tools/serve/loop.h"
#include "tools/serve/side_thread.h"

namespace tessera::tools::serve {

// Has malloc give free memory back for the rest of the process. By default it
// keeps twice the largest block that was ever freed at the end of each thread's
// arena, where TrimHeap does not reach it: 4 to 10 MiB after some reloads of a
// model of 13 MiB, and more with each arena that a reload takes up. To be
// called before there are threads.
void KeepHeapSmall();

// Gives back what is free between blocks in use.
void TrimHeap();

// Trims the heap once when there have been no requests for a while: after six
// times 64 texts of 5,000 characters 90 MiB became 52. On the loop's
// thread, the trimming on the other one.
class IdleTrim {
 public:
  static constexpr std::chrono::milliseconds kRest{10'000};

  IdleTrim(Loop& loop, SideThread& side, std::chrono::milliseconds rest = kRest,
           std::function<void()> trim = TrimHeap);

  void OnRequest() { worked_ = untrimmed_ = true; }

 private:
  void Wait();

  Loop& loop_;
  SideThread& side_;
  std::chrono::milliseconds rest_;
  std::function<void()> trim_;
  Loop::Timer timer_;
  bool worked_ = false;  // since the timer began
  bool untrimmed_ = false;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_HEAP_H_
