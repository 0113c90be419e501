// The loop, by Boost.Asio.
#ifndef TESSERA_TOOLS_SERVE_ASIO_LOOP_H_
#define TESSERA_TOOLS_SERVE_ASIO_LOOP_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "tools/serve/loop.h"

namespace tessera::tools::serve {

class AsioLoop final : public Loop {
 public:
  void Post(std::function<void()> task) override {
    boost::asio::post(io, std::move(task));
  }

  Timer After(std::chrono::milliseconds wait,
              std::function<void()> task) override {
    const auto timer = std::make_shared<boost::asio::steady_timer>(io, wait);
    // The task may come after the timer's end, if that was late.
    timer->async_wait([kept = std::weak_ptr(timer), task = std::move(task)](
                          const boost::system::error_code& error) {
      if (!error && !kept.expired()) task();
    });
    return timer;
  }

  boost::asio::io_context io{1};
};

}  // namespace tessera::tools::serve

#endif  // TESSERA_TOOLS_SERVE_ASIO_LOOP_H_
