#include "engine/gan/penalties.hpp"

#include "engine/gan/turn.hpp"
#include "kernels/gradient_penalty.hpp"
#include "kernels/loss_gradient.hpp"
#include "kernels/mixed_rows.hpp"

namespace agon {
namespace {

using kernels::PenaltyCentre;
using kernels::PenaltyTerm;

/// Of the segments [mixed |] real | fake of D's rows those from the first to the last that is penalised.
struct Penalised {
  std::int64_t first = 0, count = 0;
  PenaltyTerm term[3] = {};
};

Penalised penalised(const GanConfig& config) {
  const auto term = [](PenaltyCentre centre, double weight) {
    return weight == 0 ? PenaltyTerm{} : PenaltyTerm{centre, static_cast<float>(weight)};
  };
  const Penalties& p = config.penalties;
  PenaltyTerm all[3];
  int segments = 0;
  if (has_mixed_rows(config))
    all[segments++] = term(PenaltyCentre::one, p.wgan_gp != 0 ? p.wgan_gp : p.dragan);
  all[segments++] = term(PenaltyCentre::zero, p.r1);
  all[segments++] = term(PenaltyCentre::zero, p.r2);
  int first = 0, end = segments;
  while (first < end && all[first].centre == PenaltyCentre::none) ++first;
  while (end > first && all[end - 1].centre == PenaltyCentre::none) --end;
  Penalised result{first, end - first, {}};
  for (int s = first; s < end; ++s) result.term[s - first] = all[s];
  return result;
}

/// g becomes dp/dg, the rows x become row_weight x + dp/dg, and m.penalties p.
void take_penalties(Program& program, const StepMemory& m, const Turn& turn, Rows g, Rows x,
                    const float* row_weight) {
  const Penalised what = penalised(*m.config);
  const std::int64_t batch = packed(m, m.config->batch);
  kernels::GradientPenalty op{.rows = g.count,
                              .width = g.columns,
                              .segment = packed(m, turn.rows),
                              .gradient = g.data,
                              .x = x.data,
                              .row_weight = row_weight,
                              .share = &m.model->state->penalty_share,
                              .scale = 1.0f / static_cast<float>(batch)};
  for (std::int64_t s = 0; s < what.count; ++s) {
    op.penalty[s] = m.penalties + s * batch + packed(m, turn.first);
    op.term[s] = what.term[s];
  }
  program.add<kernels::gradient_penalty>(op);
}

}  // namespace

void mix_rows(Program& program, const StepMemory& m, const Turn& turn) {
  const bool between = m.config->penalties.wgan_gp != 0;
  program.add<kernels::mixed_rows>(
      {.rows = packed(m, turn.rows),
       .width = m.config->pack * m.config->width(),
       .real = seen_real_rows(m, turn).data,
       .fake = between ? seen_fakes(m, turn).data : nullptr,
       .deviation = m.deviation,
       .out = mixed_rows(m, turn).data,
       .first = turn.phase * packed(m, m.config->batch) + packed(m, turn.first),
       .random = {m.config->seed, kernels::RandomPurpose::penalty_points, &m.model->state->step}});
}

void backward_with_penalties(Program& program, const StepMemory& m, const Turn& turn, const Trace& judged,
                             Rows dlogits, const Gradients& wanted) {
  const Network& discriminator = m.discriminator();
  const Penalised what = penalised(*m.config);
  const std::int64_t segment = packed(m, turn.rows), first = what.first * segment,
                     rows = what.count * segment;

  float* const row_weight = program.floats(dlogits.count, {"row weight", 1});
  program.add<kernels::unit_rows>({.rows = dlogits.count,
                                   .first = first,
                                   .count = rows,
                                   .dlogits = dlogits.data,
                                   .row_weight = row_weight});
  const Sweep sweep = discriminators_sweep(m, turn);
  const Network::Deltas deltas =
      discriminator.backward(program, judged, dlogits, sweep, {.parameters = false});

  const Trace at_rows = judged.part(first, rows);
  const Rows g = discriminator.input_gradient(program, at_rows, deltas.part(first, rows), sweep);
  take_penalties(program, m, turn, g, at_rows.layers.front().x, row_weight + first);
  discriminator.add_tangents(program, at_rows, g, discriminators_sweep(m, turn, what.first),
                             row_weight + first);
  Gradients of_both = wanted;
  of_both.row_weight = row_weight;
  discriminator.parameter_gradients(program, judged, deltas, sweep, of_both);
}

std::int64_t penalised_rows(const GanConfig& config) {
  return penalised(config).count * config.batch / config.pack;
}

}  // namespace agon
