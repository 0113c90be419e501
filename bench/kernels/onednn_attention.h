// Attention by oneDNN's own primitives one after another: matmul, binary add of
// a mask, softmax, matmul.
#ifndef TESSERA_BENCH_KERNELS_ONEDNN_ATTENTION_H_
#define TESSERA_BENCH_KERNELS_ONEDNN_ATTENTION_H_

#include <cmath>
#include <dnnl.hpp>
#include <unordered_map>
#include <vector>

namespace tessera::kernels {

// All sequences of a batch have one size there: shorter ones are padded.
struct OneDnnShape {
  dnnl::memory::dim batch = 1, heads = 8, queries = 0, keys = 0, width = 64;
  bool masked = false;
  dnnl::memory::data_type type = dnnl::memory::data_type::f32;
};

inline const dnnl::engine& OneDnnEngine() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

// Primitives and memory, made once for many runs. Throws dnnl::error if this
// oneDNN lacks a primitive. Of its ways this is the fastest, measured with 2.6
// on Zen 5, one thread, 8 heads of 64, T = 128 to 2,048:
//
// - Heads are matrices of their own, [B, H, T, d]. Read in rows of H * d, as
//   projections leave them: up to 10 % more time, 1 query up to 90 %.
// - Keys and values stay as they are. Reordered for the matmul in each run: no
//   less time at T >= 512, 7 % more at T = 128, 1 query 3 times as much.
// - The mask is added by a primitive of its own. As a post-operation of the
//   matmul: 5 to 35 % more; for a batch of sequences that falls to reference
//   code, 400 times as much.
class OneDnnAttention {
 public:
  explicit OneDnnAttention(const OneDnnShape& s)
      : queries(Dense({s.batch, s.heads, s.queries, s.width}, s.type)),
        keys(Dense({s.batch, s.heads, s.keys, s.width}, s.type)),
        values(Dense({s.batch, s.heads, s.keys, s.width}, s.type)),
        mask(Dense({s.batch, 1, s.queries, s.keys}, s.type)),
        out(Dense({s.batch, s.heads, s.queries, s.width}, s.type)),
        scores_(Dense({s.batch, s.heads, s.queries, s.keys}, s.type)),
        masked_(s.masked) {
    const dnnl::memory columns({{s.batch, s.heads, s.width, s.keys},
                                s.type,
                                dnnl::memory::format_tag::abdc},
                               OneDnnEngine(), keys.get_data_handle());
    const auto scale =
        static_cast<float>(1 / std::sqrt(static_cast<double>(s.width)));
    products_ = Matmul(queries, columns, scores_, scale);
    sums_ = Matmul(scores_, values, out, 1);
    softmax_ = Softmax();
    add_ = Add();
    products_arguments_ = {{DNNL_ARG_SRC, queries},
                           {DNNL_ARG_WEIGHTS, columns},
                           {DNNL_ARG_DST, scores_}};
    add_arguments_ = {{DNNL_ARG_SRC_0, scores_},
                      {DNNL_ARG_SRC_1, mask},
                      {DNNL_ARG_DST, scores_}};
    softmax_arguments_ = {{DNNL_ARG_SRC, scores_}, {DNNL_ARG_DST, scores_}};
    sums_arguments_ = {{DNNL_ARG_SRC, scores_},
                       {DNNL_ARG_WEIGHTS, values},
                       {DNNL_ARG_DST, out}};
  }

  // Copies f32 numbers in the order of that memory, converted to its type.
  void Set(const std::vector<float>& from, dnnl::memory& to) {
    dnnl::memory plain(Plain(to), OneDnnEngine(),
                       const_cast<float*>(from.data()));
    dnnl::reorder(plain, to).execute(stream_, plain, to);
    stream_.wait();
  }
  std::vector<float> Get(dnnl::memory& from, std::size_t elements) {
    std::vector<float> numbers(elements);
    dnnl::memory plain(Plain(from), OneDnnEngine(), numbers.data());
    dnnl::reorder(from, plain).execute(stream_, from, plain);
    stream_.wait();
    return numbers;
  }

  void Run() {
    products_.execute(stream_, products_arguments_);
    if (masked_) add_.execute(stream_, add_arguments_);
    softmax_.execute(stream_, softmax_arguments_);
    sums_.execute(stream_, sums_arguments_);
    stream_.wait();
  }

  dnnl::memory queries;       // [B, H, n, d]
  dnnl::memory keys, values;  // [B, H, m, d]
  dnnl::memory mask;          // [B, 1, n, m], added to the scores
  dnnl::memory out;           // [B, H, n, d]

 private:
  using Arguments = std::unordered_map<int, dnnl::memory>;

  static dnnl::memory Dense(const dnnl::memory::dims& dims,
                            dnnl::memory::data_type type) {
    return {{dims, type, dnnl::memory::format_tag::abcd}, OneDnnEngine()};
  }

  // From here on is where versions differ: 3.x has no operation descriptors.
  static dnnl::memory::desc Plain(const dnnl::memory& like) {
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::memory::dims dims = like.get_desc().get_dims();
#else
    const dnnl::memory::dims dims = like.get_desc().dims();
#endif
    return {dims, dnnl::memory::data_type::f32, dnnl::memory::format_tag::abcd};
  }
  static dnnl::matmul Matmul(const dnnl::memory& x, const dnnl::memory& w,
                             const dnnl::memory& y, float scale) {
    using dnnl::algorithm;
    dnnl::post_ops after;
    dnnl::primitive_attr attributes;
#if DNNL_VERSION_MAJOR >= 3
    if (scale != 1) after.append_eltwise(algorithm::eltwise_linear, scale, 0);
    attributes.set_post_ops(after);
    return dnnl::matmul(
        {OneDnnEngine(), x.get_desc(), w.get_desc(), y.get_desc(), attributes});
#else
    if (scale != 1) {
      after.append_eltwise(1, algorithm::eltwise_linear, scale, 0);
    }
    attributes.set_post_ops(after);
    return dnnl::matmul({{x.get_desc(), w.get_desc(), y.get_desc()},
                         attributes,
                         OneDnnEngine()});
#endif
  }
  dnnl::softmax_forward Softmax() const {
    const dnnl::memory::desc scores = scores_.get_desc();
    constexpr auto kInference = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::softmax_forward({OneDnnEngine(), kInference,
                                  dnnl::algorithm::softmax_accurate, scores,
                                  scores, /*axis=*/3});
#else
    return dnnl::softmax_forward(
        {{kInference, scores, /*axis=*/3}, OneDnnEngine()});
#endif
  }
  dnnl::binary Add() const {
    const dnnl::memory::desc scores = scores_.get_desc();
    constexpr auto kAdd = dnnl::algorithm::binary_add;
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::binary(
        {OneDnnEngine(), kAdd, scores, mask.get_desc(), scores});
#else
    return dnnl::binary(
        {{kAdd, scores, mask.get_desc(), scores}, OneDnnEngine()});
#endif
  }

  dnnl::memory scores_;  // [B, H, n, m]
  bool masked_;
  dnnl::matmul products_, sums_;
  dnnl::softmax_forward softmax_;
  dnnl::binary add_;
  Arguments products_arguments_, add_arguments_, softmax_arguments_;
  Arguments sums_arguments_;
  dnnl::stream stream_{OneDnnEngine()};
};

}  // namespace tessera::kernels

#endif  // TESSERA_BENCH_KERNELS_ONEDNN_ATTENTION_H_
