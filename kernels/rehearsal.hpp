// A run of operations that notes its linear layers and does nothing: how the engine learns what a step will
// ask for.
#pragma once

#include <vector>

#include "kernels/linear.hpp"

namespace agon::kernels {

/// A call of linear_forward, or of linear_backward with `beside`.
struct LinearCall {
  bool is_forward = false;
  LinearForward forward{};
  LinearBackward backward{};
  LinearBackward beside{};
};

/// While one lives, the operations that its thread asks for are not done, on no device: no pointer is
/// followed, none but those of linear layers is kept. Two layers of linear_pair.hpp that CUDA computes in one
/// launch of their own kernel are none of them. At most one to a thread.
class Rehearsal {
 public:
  Rehearsal() noexcept;
  Rehearsal(const Rehearsal&) = delete;
  Rehearsal& operator=(const Rehearsal&) = delete;
  ~Rehearsal();

  const std::vector<LinearCall>& calls() const { return calls_; }

  void note(const LinearForward& op) { calls_.push_back({.is_forward = true, .forward = op}); }
  void note(const LinearBackward& op, const LinearBackward& beside) {
    calls_.push_back({.backward = op, .beside = beside});
  }
  /// The calling thread's; null where it has none.
  static Rehearsal* current() noexcept;

 private:
  std::vector<LinearCall> calls_;
};

}  // namespace agon::kernels
