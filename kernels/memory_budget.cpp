// Counting of bytes, and the words of the refusal.
#include "kernels/memory_budget.h"

#include <cstdio>
#include <limits>
#include <string>

namespace tessera::kernels {
namespace {

thread_local std::shared_ptr<MemoryBudget> current;

std::string Mebibytes(std::size_t bytes) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f MiB",
                static_cast<double>(bytes) / (1 << 20));
  return text;
}

}  // namespace

void MemoryBudget::Take(std::size_t bytes) {
  const std::size_t before = taken_.fetch_add(bytes);
  const std::size_t limit = limit_;
  if (before <= limit && bytes <= limit - before) return;
  taken_ -= bytes;
  const bool sum = bytes <= std::numeric_limits<std::size_t>::max() - before;
  throw BudgetError("memory: want at most " + Mebibytes(limit) +
                    " for weights and work space (--memory, memory_bytes), "
                    "found a need of " +
                    Mebibytes(sum ? before + bytes : bytes));
}

const std::shared_ptr<MemoryBudget>& MemoryBudget::Current() noexcept {
  return current;
}

MemoryBudget::Scope::Scope(std::shared_ptr<MemoryBudget> budget) noexcept
    : before_(std::exchange(current, std::move(budget))) {}

MemoryBudget::Scope::~Scope() { current = std::move(before_); }

}  // namespace tessera::kernels
