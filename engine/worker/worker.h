// A thread's loop: sentences from the queue, through the model, to their owner.
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
         const TokenRules& rules, Room capacity);

  // Translates until the queue is closed and empty.
  void Run(SentenceQueue& waiting) noexcept;

 private:
  bool Admit(SentenceQueue& waiting) noexcept;
  void Step() noexcept;
  kernels::ExecContext& Context() noexcept;

  std::size_t number_;
  Batch batch_;
  std::vector<Sentence*> taken_;
  kernels::ExecContext narrow_{1};
  std::unique_ptr<kernels::ExecContext> wide_;  // made when first wanted
  std::size_t threads_ = 1;                     // that the next step may use
  LendingTrial trial_;
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_WORKER_H_
