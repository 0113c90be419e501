// TopKRows once for all registers; included by ISA files only.
#ifndef TESSERA_KERNELS_TOP_K_TOP_K_IMPL_H_
#define TESSERA_KERNELS_TOP_K_TOP_K_IMPL_H_

#include <limits>

#include "kernels/simd.h"
#include "kernels/top_k/top_k.h"

namespace tessera::kernels {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// A row is read in blocks, whose sums in f32 are added in f64, and searched in
// sections: first the maxima of all blocks, then those blocks again that can
// hold one of the best k. An insertion mispredicts several branches (10 ns); a
// row of 32000 has 75 of them if it is searched as it comes, 10 if it is
// searched when the maxima are known.
constexpr std::size_t kTopKBlocks = 128;  // a section: 256 KB, still in L2

// The largest values so far at 2 * kLanes places: of each lane, in even and in
// odd registers. NaN is passed over.
template <class Arch>
struct Maxima {
  F32<Arch> even = Broadcast<Arch>(kForbidden);
  F32<Arch> odd = Broadcast<Arch>(kForbidden);

  TESSERA_INLINE void Add(const Maxima& other) {
    even = Max<Arch>(even, other.even);
    odd = Max<Arch>(odd, other.odd);
  }
  TESSERA_INLINE float Largest() const {
    return ReduceMax(Max<Arch>(even, odd));
  }
  // The k-th largest: k columns are not smaller, so that no smaller one can be
  // among the best k.
  TESSERA_INLINE float Floor(std::size_t k) const {
    constexpr std::size_t kPlaces = 2 * kLanes<Arch>;
    if (k > kPlaces) return kForbidden;
    float places[kPlaces];
    Store<Arch>(places, even);
    Store<Arch>(places + kLanes<Arch>, odd);
    float floor = std::numeric_limits<float>::infinity();
    for (const float place : places) {
      const F32<Arch> p = Broadcast<Arch>(place);
      const int larger = __builtin_popcount(GreaterLanes(even, p)) +
                         __builtin_popcount(GreaterLanes(odd, p));
      const bool within = static_cast<std::size_t>(larger) < k;
      floor = within && place < floor ? place : floor;
    }
    return floor;
  }
};

template <class Arch>
struct BlockSum {
  float sum;  // of exp(x - shift)
  Maxima<Arch> maxima;
};

template <class Arch>
TESSERA_INLINE BlockSum<Arch> SumOfExp(const float* x, std::size_t n,
                                       float shift) {
  const F32<Arch> s = Broadcast<Arch>(shift);
  const F32<Arch> zero = Zero<Arch>();
  const F32<Arch> none = Broadcast<Arch>(kForbidden);
  F32<Arch> sum[4] = {zero, zero, zero, zero};
  F32<Arch> m[4] = {none, none, none, none};
  const auto add = [&](F32<Arch> v, std::size_t u) {
    m[u] = Max<Arch>(v, m[u]);
    sum[u] = sum[u] + Exp<Arch>(v - s);
  };
  ForLanes4<Arch>(
      n, [&](std::size_t i, std::size_t u) { add(Load<Arch>(x + i), u); },
      [&](std::size_t i, FirstLanes<Arch> first) {
        add(first.Select(first.Load(x + i), none), 0);
      });
  return {ReduceAdd((sum[0] + sum[1]) + (sum[2] + sum[3])),
          {Max<Arch>(m[0], m[2]), Max<Arch>(m[1], m[3])}};
}

// Adds a block of columns to a sum. What is subtracted need not be the maximum,
// if it is near: up to 8 above it costs no more precision than 8 below.
constexpr float kNear = 8.0f;

template <class Arch>
TESSERA_INLINE Maxima<Arch> AddExp(const float* x, std::size_t n,
                                   TopKSeen& seen) {
  BlockSum<Arch> block = SumOfExp<Arch>(x, n, seen.shift);
  const float largest = block.maxima.Largest();
  if (largest > seen.limit) {
    const double old = seen.limit == kForbidden
                           ? static_cast<double>(kForbidden)
                           : static_cast<double>(seen.shift);
    seen.sum *= __builtin_exp(old - static_cast<double>(largest));
    seen.shift = largest;
    seen.limit = largest + kNear;
    block.sum = SumOfExp<Arch>(x, n, seen.shift).sum;
  }
  seen.sum += static_cast<double>(block.sum);
  return block.maxima;
}

// The list of one row, best first; -inf where nothing was found yet.
struct Best {
  float* values;
  std::int32_t* ids;
  std::size_t k;
  std::size_t first;    // id of the first column
  std::int32_t& found;  // places that have an id, a forbidden one or not

  TESSERA_INLINE void Clear() const {
    for (std::size_t i = 0; i < k; ++i) values[i] = kForbidden;
    found = 0;
  }
  TESSERA_INLINE float Last() const { return values[k - 1]; }
  TESSERA_INLINE bool Full() const {
    return static_cast<std::size_t>(found) == k;
  }

  // Drops the last one. Of equal values the one that came first stays ahead.
  TESSERA_INLINE void Insert(float value, std::size_t column) const {
    std::size_t place = k - 1;
    for (; place > 0 && values[place - 1] < value; --place) {
      values[place] = values[place - 1];
      ids[place] = ids[place - 1];
    }
    values[place] = value;
    ids[place] = static_cast<std::int32_t>(first + column);
    if (!Full()) ++found;
  }
  // Gives places that nothing was found for to the lowest forbidden ids.
  TESSERA_INLINE void Complete(const float* row, std::size_t n) const {
    for (std::size_t c = 0; c < n && !Full(); ++c) {
      if (row[c] > kForbidden) continue;
      ids[found++] = static_cast<std::int32_t>(first + c);
    }
  }
};

// Offers columns [begin, end) of a row that are not below the floor.
template <class Arch>
TESSERA_INLINE void Offer(const float* row, std::size_t begin, std::size_t end,
                          float floor, const Best& best) {
  const F32<Arch> nothing =
      Broadcast<Arch>(std::numeric_limits<float>::quiet_NaN());
  float bar = best.Last() > floor ? best.Last() : floor;
  const auto offer = [&](std::size_t i, F32<Arch> v) {
    unsigned reach = NotSmallerLanes(v, Broadcast<Arch>(bar));
    for (; reach; reach &= reach - 1) {
      const std::size_t id = i + static_cast<std::size_t>(__builtin_ctz(reach));
      if (!(row[id] > best.Last())) continue;
      best.Insert(row[id], id);
      if (best.Last() > bar) bar = best.Last();
    }
  };
  ForLanes<Arch>(
      end - begin,
      [&](std::size_t i) { offer(begin + i, Load<Arch>(row + begin + i)); },
      [&](std::size_t i, FirstLanes<Arch> first) {
        offer(begin + i, first.Select(first.Load(row + begin + i), nothing));
      });
}

TESSERA_INLINE std::size_t Smaller(std::size_t a, std::size_t b) {
  return a < b ? a : b;
}

// Columns [begin, end) of a row, at most a section.
template <class Arch>
TESSERA_INLINE void AddSection(const float* row, std::size_t begin,
                               std::size_t end, const Best& best,
                               TopKSeen& seen) {
  float largest[kTopKBlocks];
  Maxima<Arch> section;
  for (std::size_t b = begin; b < end; b += kTopKBlock) {
    const Maxima<Arch> block =
        AddExp<Arch>(row + b, Smaller(end - b, kTopKBlock), seen);
    section.Add(block);
    largest[(b - begin) / kTopKBlock] = block.Largest();
  }
  // A list that is full says better what can be among the best k.
  const float floor =
      best.Last() > kForbidden ? kForbidden : section.Floor(best.k);
  for (std::size_t b = begin; b < end; b += kTopKBlock) {
    const float reach = largest[(b - begin) / kTopKBlock];
    if (reach < floor || !(reach > best.Last())) continue;
    Offer<Arch>(row, b, Smaller(end, b + kTopKBlock), floor, best);
  }
}

template <class Arch>
[[gnu::flatten]] void TopKRow(const float* row, std::size_t n, const Best& best,
                              TopKSeen& seen) {
  constexpr std::size_t kSection = kTopKBlocks * kTopKBlock;
  for (std::size_t begin = 0; begin < n; begin += kSection) {
    AddSection<Arch>(row, begin, Smaller(n, begin + kSection), best, seen);
  }
  best.Complete(row, n);
}

template <class Arch>
TESSERA_INLINE void TopKRowsImpl(Rows<const float> logits, std::size_t first,
                                 Rows<float> values, Rows<std::int32_t> ids,
                                 TopKSeen* seen) {
  for (std::size_t r = 0; r < logits.rows; ++r) {
    const Best best{values[r], ids[r], values.cols, first, seen[r].found};
    if (first == 0) {
      seen[r] = TopKSeen{0, 0, kForbidden, 0};
      best.Clear();
    }
    TopKRow<Arch>(logits[r], logits.cols, best, seen[r]);
  }
}

}  // namespace
}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_TOP_K_TOP_K_IMPL_H_
