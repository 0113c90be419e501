// A thread for work that would hold up the loop.
#ifndef TESSERA_TOOLS_SERVE_SIDE_THREAD_H_
#define TESSERA_TOOLS_SERVE_SIDE_THREAD_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace tessera::tools::serve {

class SideThread {
 public:
  SideThread() : thread_([this] { Run(); }) {}
  // What waits is forgotten, on the calling thread.
  ~SideThread();

  // Has the thread call `work`, which must not throw; false if too much waits.
  bool Post(std::function<void()> work);

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool ends_ = false;
  std::thread thread_;  // last: it begins when the rest is there
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_SIDE_THREAD_H_
