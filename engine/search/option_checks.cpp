// Refusals in the form of every message: option, wanted, found.
#include "engine/search/option_checks.h"

#include "models/files/message.h"

namespace tessera::engine {

using models::Refuse;

void CheckSize(std::string_view option, std::size_t value, std::size_t min,
               std::size_t max) {
  if (value >= min && value <= max) return;
  Refuse(option, models::Cat(min, " to ", max), value);
}

void CheckOrder(std::string_view options, std::optional<std::size_t> least,
                std::optional<std::size_t> most) {
  if (!most || *least <= *most) return;
  Refuse(options, models::Cat("a least of at most ", *most), *least);
}

void CheckFactor(std::string_view option, double factor, double most) {
  if (factor >= 1 / most && factor <= most) return;
  Refuse(option, models::Cat("a number from ", 1 / most, " to ", most), factor);
}

void CheckShare(std::string_view option, double share, bool within) {
  if (share >= 0 && share <= 1 && within) return;
  Refuse(option, "a number from 0 to 1 that leaves some tokens", share);
}

void CheckIds(std::string_view option, std::span<const std::int32_t> ids,
              std::size_t vocabulary) {
  for (const std::int32_t id : ids) {
    if (id >= 0 && static_cast<std::size_t>(id) < vocabulary) continue;
    Refuse(option, models::Cat("token ids from 0 to ", vocabulary - 1), id);
  }
}

void CheckSequence(std::string_view option, std::span<const std::int32_t> ids,
                   std::size_t vocabulary) {
  if (ids.empty()) Refuse(option, "sequences of at least one token", "none");
  CheckIds(option, ids, vocabulary);
}

}  // namespace tessera::engine
