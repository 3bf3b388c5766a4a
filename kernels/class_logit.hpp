// A discriminator's judgement of an image as one of its class.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernels/backends.hpp"
#include "kernels/formula/replica.hpp"
#include "kernels/queue.hpp"

namespace agon::kernels {

/// Of scores s, (rows, 1 + classes), and each row's class y: logit = s[0] + s[1 + y]. With s = W h + b of the
/// features h this is a projection of them on the class's vector beside an unconditional logit. Source:
/// Miyato and Koyama, "cGANs with projection discriminator" (2018), equation 5. It is linear: a tangent of s
/// gives one of the logit in the same way.
struct ClassLogit {
  static constexpr std::string_view kName = "class_logit";
  std::int64_t rows = 0;
  std::int64_t classes = 0;
  std::int64_t segment = 0;              ///< row r has the class chosen[r % segment]
  const std::int32_t* chosen = nullptr;  ///< (segment), from 0 to classes - 1
  const float* scores = nullptr;         ///< (rows, 1 + classes)
  float* logits = nullptr;               ///< (rows), every element written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ClassLogit& op) {
  v.reads(op.chosen, op.segment);
  v.reads(op.scores, op.rows * (1 + op.classes));
  v.writes(op.logits, op.rows);
}

/// Its way back: dscores is dlogit in columns 0 and 1 + y, else 0.
struct ClassLogitBackward {
  static constexpr std::string_view kName = "class_logit_backward";
  std::int64_t rows = 0;
  std::int64_t classes = 0;
  std::int64_t segment = 0;
  const std::int32_t* chosen = nullptr;  ///< (segment)
  const float* dlogits = nullptr;        ///< (rows)
  float* dscores = nullptr;              ///< (rows, 1 + classes), every element written
};

template <class Visitor>
AGON_FORMULA void visit_operands(Visitor& v, ClassLogitBackward& op) {
  v.reads(op.chosen, op.segment);
  v.reads(op.dlogits, op.rows);
  v.writes(op.dscores, op.rows * (1 + op.classes));
}

void class_logit(QueueView queue, const ClassLogit& op);
void class_logit_backward(QueueView queue, const ClassLogitBackward& op);
AGON_ON_BACKENDS(void class_logit(QueueView queue, const ClassLogit& op));
AGON_ON_BACKENDS(void class_logit_backward(QueueView queue, const ClassLogitBackward& op));

}  // namespace agon::kernels
