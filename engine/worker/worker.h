// A thread's loop: requests from the queue, through the model, to their sinks.
#ifndef TESSERA_ENGINE_WORKER_WORKER_H_
#define TESSERA_ENGINE_WORKER_WORKER_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/worker/batch.h"
#include "engine/worker/lending_trial.h"
#include "engine/worker/request_queue.h"
#include "kernels/context.h"

namespace tessera::engine {

class Worker {
 public:
  // Worker `number` of the queue.
  Worker(std::size_t number, const models::Model& model,
         const ModelRules& rules, Room capacity);

  // Where the operations of its steps report themselves.
  void set_profile(kernels::Profile* profile) { narrow_.set_profile(profile); }

  // Translates until the queue is closed and empty.
  void Run(RequestQueue& waiting) noexcept;

 private:
  bool Admit(RequestQueue& waiting) noexcept;
  void Step() noexcept;
  kernels::ExecContext& Context() noexcept;

  std::size_t number_;
  Batch batch_;
  std::vector<std::unique_ptr<Request>> taken_;
  kernels::ExecContext narrow_{1};
  std::unique_ptr<kernels::ExecContext> wide_;  // made when first wanted
  std::size_t threads_ = 1;                     // that the next step may use
  LendingTrial trial_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_WORKER_H_
