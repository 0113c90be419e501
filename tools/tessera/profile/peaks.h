// How fast this machine could do what operations have to do.
#ifndef TESSERA_TOOLS_TESSERA_PROFILE_PEAKS_H_
#define TESSERA_TOOLS_TESSERA_PROFILE_PEAKS_H_

#include <cstddef>
#include <map>

#include "kernels/profile.h"

namespace tessera::tools {

// Peaks of one thread, measured when they are first asked for.
class Peaks {
 public:
  // Weights come from as far as all of the model's, `weight_bytes`, reach.
  explicit Peaks(std::size_t weight_bytes);

  double flops() const { return flops_; }                // a second
  double integer_ops() const { return integer_ops_; }    // a second
  double weight_reads() const { return weight_reads_; }  // bytes a second

  // The least time that the work takes: its flops at the FMA peak and those of
  // integers at theirs, or its
  // bytes at the bandwidth of reads, those that are no weights out of the cache
  // that they fit into; whichever is more.
  double LeastSeconds(const kernels::Cost& cost);

 private:
  double Reads(double bytes);

  double flops_;
  double integer_ops_;
  double weight_reads_;
  std::map<std::size_t, double> reads_;  // by working set
};

}  // namespace tessera::tools

#endif  // TESSERA_TOOLS_TESSERA_PROFILE_PEAKS_H_
