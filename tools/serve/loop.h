// What the thread that does all input and output offers to those that run on
// it.
#ifndef TESSERA_TOOLS_SERVE_LOOP_H_
#define TESSERA_TOOLS_SERVE_LOOP_H_

#include <chrono>
#include <functional>
#include <memory>

namespace tessera::tools::serve {

class Loop {
 public:
  virtual ~Loop() = default;

  // Has the loop's thread call `task`, soon. From any thread.
  virtual void Post(std::function<void()> task) = 0;

  // Calls `task` after a while, unless what is returned is gone by then. From
  // the loop's thread.
  using Timer = std::shared_ptr<void>;
  virtual Timer After(std::chrono::milliseconds wait,
                      std::function<void()> task) = 0;
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_LOOP_H_
