// Starting and stopping of worker threads.
#include "engine/worker/worker_pool.h"

#include <tessera/error.h>

#include <string>
#include <system_error>

namespace tessera::engine {

WorkerPool::WorkerPool(const models::Model& model, const ModelRules& rules,
                       const Options& options)
    : queue_(options.threads) {
  for (std::size_t i = 0; i < options.threads; ++i) {
    workers_.emplace_back(i, model, rules, options.capacity);
  }
  try {
    Start(options);
  } catch (...) {
    queue_.Close();  // those that did start
    throw;
  }
}

WorkerPool::~WorkerPool() { queue_.Close(); }

void WorkerPool::Start(const Options& options) try {
  threads_.reserve(options.threads);
  for (Worker& worker : workers_) {
    threads_.emplace_back([this, &worker] { worker.Run(queue_); });
  }
} catch (const std::system_error& error) {
  throw Error("threads: want " + std::to_string(options.threads) + ", found " +
              std::to_string(threads_.size()) + " (" + error.what() + ")");
}

}  // namespace tessera::engine
