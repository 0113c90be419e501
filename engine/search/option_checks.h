// Ranges of options. Each throws Error with the option's name, what was wanted
// and what was found.
#ifndef TESSERA_ENGINE_SEARCH_OPTION_CHECKS_H_
#define TESSERA_ENGINE_SEARCH_OPTION_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace tessera::engine {

// A count from min to max.
void CheckSize(std::string_view option, std::size_t value, std::size_t min,
               std::size_t max);

// Of two options: a least that is not above the most, where there is one.
void CheckOrder(std::string_view options, std::optional<std::size_t> least,
                std::optional<std::size_t> most);

// A number from 1 / most to most.
void CheckFactor(std::string_view option, double factor, double most);

// A number from 0 to 1, `within` what else there is to say of it.
void CheckShare(std::string_view option, double share, bool within);

// Ids of a vocabulary of so many tokens.
void CheckIds(std::string_view option, std::span<const std::int32_t> ids,
              std::size_t vocabulary);

// The same, of one token at least.
void CheckSequence(std::string_view option, std::span<const std::int32_t> ids,
                   std::size_t vocabulary);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_OPTION_CHECKS_H_
