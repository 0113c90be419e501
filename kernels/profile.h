// What operations tell of themselves while somebody listens.
#ifndef TESSERA_KERNELS_PROFILE_H_
#define TESSERA_KERNELS_PROFILE_H_

#include <chrono>
#include <cstddef>
#include <vector>

#include "kernels/context.h"
#include "kernels/views.h"

namespace tessera::kernels {

// What an operation has to do, however it does it.
struct Cost {
  double flops = 0;
  double integer_ops = 0;   // multiplications and additions of 8-bit integers
  double weight_bytes = 0;  // read, from where the weights of a model lie
  double bytes = 0;         // of everything else, read or written
};

template <class T>
double BytesOf(const Rows<T>& rows) {
  return rows.data ? static_cast<double>(rows.rows * rows.cols * sizeof(T)) : 0;
}

// The operations of a context, in order, with the part of the model that each
// was in. A context without a profile, as all are but for `tessera profile`,
// spends a test of a pointer on an operation.
class Profile {
 public:
  using Clock = std::chrono::steady_clock;

  // Names are literals.
  struct Scope {
    const char* stack = nullptr;  // "encoder"
    const char* block = nullptr;  // "self-attention"
    int layer = -1;               // -1: none
  };
  struct Span {
    const char* operation = nullptr;
    Scope scope;
    Cost cost;
    Clock::time_point begin = {};
    Clock::time_point end = {};

    double seconds() const {
      return std::chrono::duration<double>(end - begin).count();
    }
  };

  const std::vector<Span>& spans() const { return spans_; }
  std::size_t lost() const { return lost_; }  // for lack of memory

 private:
  friend class ProfileSpan;
  friend class ProfileScope;

  void Begin(const char* operation, const Cost& cost) noexcept;
  void End() noexcept;

  std::vector<Span> spans_;
  std::size_t lost_ = 0;
  Scope scope_;
  bool recording_ = false;  // the last span has begun, not ended
};

// An operation, from here to the end of the block. Operations do not nest.
class ProfileSpan {
 public:
  // cost() is called only if somebody listens.
  template <class CostOf>
  ProfileSpan(const ExecContext& context, const char* operation, CostOf&& cost)
      : profile_(context.profile()) {
    if (profile_) [[unlikely]] {
      profile_->Begin(operation, cost());
    }
  }
  ProfileSpan(const ExecContext& context, const char* operation)
      : ProfileSpan(context, operation, [] { return Cost{}; }) {}
  ~ProfileSpan() {
    if (profile_) [[unlikely]] {
      profile_->End();
    }
  }
  ProfileSpan(const ProfileSpan&) = delete;
  ProfileSpan& operator=(const ProfileSpan&) = delete;

 private:
  Profile* profile_;
};

// A part of the model, from here to the end of the block: members that are
// given replace those of the part around it.
class ProfileScope {
 public:
  ProfileScope(const ExecContext& context, const Profile::Scope& inner)
      : profile_(context.profile()) {
    if (!profile_) return;
    Profile::Scope& scope = profile_->scope_;
    outer_ = scope;
    if (inner.stack) scope.stack = inner.stack;
    if (inner.block) scope.block = inner.block;
    if (inner.layer >= 0) scope.layer = inner.layer;
  }
  ~ProfileScope() {
    if (profile_) profile_->scope_ = outer_;
  }
  ProfileScope(const ProfileScope&) = delete;
  ProfileScope& operator=(const ProfileScope&) = delete;

 private:
  Profile* profile_;
  Profile::Scope outer_;
};

}  // namespace tessera::kernels

#endif  // TESSERA_KERNELS_PROFILE_H_
