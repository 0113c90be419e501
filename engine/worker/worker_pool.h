// Worker threads over one model and one queue.
#ifndef TESSERA_ENGINE_WORKER_WORKER_POOL_H_
#define TESSERA_ENGINE_WORKER_WORKER_POOL_H_

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "engine/worker/request_queue.h"
#include "engine/worker/worker.h"

namespace tessera::engine {

class WorkerPool {
 public:
  struct Options {
    std::size_t threads = 1;
    // Of each worker's batch; rows for the beams of any one request at least.
    Room capacity;
  };

  // Starts the threads. `model` and `rules` must outlive the pool. Throws Error
  // if the system gives no thread.
  WorkerPool(const models::Model& model, const ModelRules& rules,
             const Options& options);
  // Waits until all requests are done.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Hands requests to the workers and returns at once. Takes all of them, or if
  // it throws none.
  void Push(std::span<std::unique_ptr<Request>> requests) {
    queue_.Push(requests);
  }

  std::size_t threads() const { return threads_.size(); }

 private:
  void Start(const Options& options);

  RequestQueue queue_;
  std::deque<Worker> workers_;
  std::vector<std::jthread> threads_;  // last: joined before the rest goes
};

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_WORKER_WORKER_POOL_H_
