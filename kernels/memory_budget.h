// How much memory the buffers of a model may take together.
#ifndef TESSERA_KERNELS_MEMORY_BUDGET_H_
#define TESSERA_KERNELS_MEMORY_BUDGET_H_

#include <tessera/error.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace tessera::kernels {

// A buffer that would be beyond the budget.
class BudgetError : public Error {
 public:
  using Error::Error;
};

// Sizes in a file cost the file nothing: 11 MB can ask for 7 GB of work space.
// So what buffers take is counted, and refused before it is allocated. Any
// number of threads may use one.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::size_t bytes) : limit_(bytes) {}

  // Throws BudgetError if that would be more than the limit.
  void Take(std::size_t bytes);
  void Give(std::size_t bytes) noexcept { taken_ -= bytes; }

  void set_limit(std::size_t bytes) { limit_ = bytes; }
  std::size_t limit() const { return limit_; }
  std::size_t taken() const { return taken_; }

  // That of the buffers which this thread makes; nullptr: none.
  static const std::shared_ptr<MemoryBudget>& Current() noexcept;

  // While it lives, the buffers that this thread makes are of `budget`.
  class Scope {
   public:
    explicit Scope(std::shared_ptr<MemoryBudget> budget) noexcept;
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    std::shared_ptr<MemoryBudget> before_;
  };

 private:
  std::atomic<std::size_t> limit_;
  std::atomic<std::size_t> taken_ = 0;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_MEMORY_BUDGET_H_
