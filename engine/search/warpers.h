// Which tokens may be drawn: Hugging Face's logits warpers, in their order.
#ifndef TESSERA_ENGINE_SEARCH_WARPERS_H_
#define TESSERA_ENGINE_SEARCH_WARPERS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tessera::engine {

// The values that leave a distribution as it is, unless told otherwise.
struct WarperOptions {
  double temperature = 1;            // above 0
  std::size_t top_k = 0;             // 0: all
  double top_p = 1;                  // (0, 1]
  std::optional<double> min_p = {};  // [0, 1]
  double typical_p = 1;              // (0, 1]
  double epsilon_cutoff = 0;         // [0, 1)
  double eta_cutoff = 0;             // [0, 1)
};

// A token that may be drawn; its score is a logit that warpers have changed.
struct KeptToken {
  std::int32_t token;
  float score;
};

// Scores of one row -> the tokens that may be drawn, a row after the other.
// Allocates only when made.
class Warpers {
 public:
  // For rows of `vocabulary` scores; each warper keeps `min_tokens` at least.
  explicit Warpers(std::size_t vocabulary) {
    kept_.reserve(vocabulary);
    order_.reserve(vocabulary);
  }

  // In this order: temperature (scores are divided by it); top_k, the k
  // highest with all equal to the last; top_p, the highest whose probabilities
  // reach p; min_p, those of at least min_p times the highest probability;
  // typical_p, those whose -log(probability) is nearest to the entropy,
  // arXiv:2202.00666; epsilon_cutoff, those of that probability; eta_cutoff,
  // those of min(eta, sqrt(eta) * e^-entropy), arXiv:2210.15191. -inf is never
  // kept. In the order of their ids; valid until the next call.
  std::span<const KeptToken> Keep(const WarperOptions& options,
                                  std::size_t min_tokens,
                                  std::span<const float> scores);

 private:
  struct Ranked {
    double rank;
    std::size_t place;  // in kept_
    bool operator<(const Ranked& other) const {
      return rank != other.rank ? rank < other.rank : place < other.place;
    }
  };

  void KeepHighest(std::size_t k);
  void KeepTop(double mass, std::size_t min_tokens);
  void KeepTypical(double mass, std::size_t min_tokens);
  void KeepLikely(double probability, std::size_t min_tokens);
  double LogSum() const;
  double Entropy(double log_sum) const;
  double HighestProbability() const;
  // order_: the kept by rank(score), lowest first.
  template <class Rank>
  void Order(Rank&& rank);
  // Drops those of order_ from `first` on.
  void DropFrom(std::size_t first);

  std::vector<KeptToken> kept_;
  std::vector<Ranked> order_;
};

// The number of the kept token that u of [0, 1) falls to.
std::size_t Draw(std::span<const KeptToken> kept, double u);

}  // namespace tessera::engine

#endif  // TESSERA_ENGINE_SEARCH_WARPERS_H_
