// A run of operations that notes its linear layers and does nothing: how the engine learns what a step will
// ask for.
#pragma once

#include <vector>

#include "kernels/linear.hpp"
#include "kernels/linear_tangent.hpp"

namespace agon::kernels {

/// A call of linear_forward, of linear_tangent, or of linear_backward with `beside`.
struct LinearCall {
  enum class Kind : std::uint8_t { forward, tangent, backward };

  Kind kind = Kind::forward;
  LinearForward forward{};
  LinearTangent tangent{};
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

  void note(const LinearForward& op) { calls_.push_back({.kind = LinearCall::Kind::forward, .forward = op}); }
  void note(const LinearTangent& op) { calls_.push_back({.kind = LinearCall::Kind::tangent, .tangent = op}); }
  void note(const LinearBackward& op, const LinearBackward& beside) {
    calls_.push_back({.kind = LinearCall::Kind::backward, .backward = op, .beside = beside});
  }
  /// The calling thread's; null where it has none.
  static Rehearsal* current() noexcept;

 private:
  std::vector<LinearCall> calls_;
};

}  // namespace agon::kernels
