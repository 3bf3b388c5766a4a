#include "engine/training/update.hpp"

#include <algorithm>

#include "engine/training/whole_update.hpp"
#include "kernels/gather_batch.hpp"
#include "kernels/linear_pair.hpp"
#include "kernels/logit_loss.hpp"
#include "kernels/objective_loss.hpp"
#include "kernels/random.hpp"

namespace agon {
namespace {

using kernels::RandomPurpose;

/// Rows [first, first + rows) of the batch.
struct MicroBatch {
  std::int64_t first = 0;
  std::int64_t rows = 0;
  bool last = true;
};

bool whole(const StepMemory& m) { return m.micro_batch >= m.config->batch; }
bool paired(const StepMemory& m) { return kernels::is_paired(m.config->objective); }

template <class Use>
void for_each_micro_batch(const StepMemory& m, const Use& use) {
  const std::int64_t batch = m.config->batch;
  for (std::int64_t first = 0; first < batch; first += m.micro_batch)
    use(MicroBatch{first, std::min(m.micro_batch, batch - first), first + m.micro_batch >= batch});
}

/// Elements [first, first + count) of this step's noise. They are drawn in fours, so they may begin a little
/// way into the buffer.
kernels::NormalFill noise_fill(const StepMemory& m, std::int64_t first, std::int64_t count) {
  const std::int64_t skip = first % 4;
  return {.n = skip + count,
          .first = first - skip,
          .out = m.noise,
          .random = {m.config->seed, RandomPurpose::training_noise, &m.state->step}};
}

/// Of the piece's real rows, into `out` and, where it is not null, `again`.
kernels::GatherBatch next_rows(const StepMemory& m, const MicroBatch& piece, float* out,
                               float* again = nullptr) {
  return {.rows = m.table_rows,
          .width = m.config->width(),
          .batch = m.config->batch,
          .first = piece.first,
          .count = piece.rows,
          .table = m.table,
          .out = out,
          .again = again,
          .seed = m.config->seed,
          .step = &m.state->step};
}

/// Where the fakes of a phase's piece lie in m.rows.
float* fakes_of_discriminator(const StepMemory& m, const MicroBatch& piece) {
  return m.rows + piece.rows * m.config->width();
}
float* fakes_of_generator(const StepMemory& m, const MicroBatch& piece) {
  return m.rows + (whole(m) ? 2 : 1) * piece.rows * m.config->width();
}
/// Behind these, where the objective is paired.
float* partners_of_generator(const StepMemory& m, const MicroBatch& piece) {
  return fakes_of_generator(m, piece) + piece.rows * m.config->width();
}
/// Rows that the generator's phase takes through the discriminator, from its fakes on.
std::int64_t judged_by_generator(const StepMemory& m, const MicroBatch& piece) {
  return (paired(m) ? 2 : 1) * piece.rows;
}

/// The generator's layers but the last on `rows` rows of noise; returns what the last one takes.
const float* generate_hidden(QueueView queue, const StepMemory& m, const float* noise, std::int64_t rows) {
  const std::size_t last = m.generator_outputs.output.size() - 1;
  m.generator->forward(queue, noise, rows, m.generator_outputs, m.config->precision, 0, last);
  return last == 0 ? noise : m.generator_outputs.output[last - 1];
}

/// Fakes into m.rows, `generated` of them, and the discriminator's first layer on `judged` rows from
/// `entering` on.
void generate_and_enter(QueueView queue, const StepMemory& m, const float* noise, std::int64_t generated,
                        float* fakes, const float* entering, std::int64_t judged) {
  const kernels::Precision precision = m.config->precision;
  const float* const hidden = generate_hidden(queue, m, noise, generated);
  const kernels::LinearForward last =
      m.generator->forward_layer(m.generator_outputs.output.size() - 1, hidden, generated, fakes, precision);
  if (m.discriminator_outputs.output.size() == 1) return kernels::linear_forward(queue, last);
  const kernels::LinearForward first =
      m.discriminator->forward_layer(0, entering, judged, m.discriminator_outputs.output[0], precision);
  const std::int64_t width = m.config->width();
  if (entering + judged * width <= fakes + generated * width)
    return kernels::linear_pair_forward(queue, {last, first});
  kernels::linear_forward(queue,
                          last);  // the pair knows of given rows before the fakes only, not behind them
  kernels::linear_forward(queue, first);
}

/// The discriminator's other hidden layers, its logits, and the gradient of the loss by the last hidden
/// layer, or by `x` where there is none.
struct Head {
  const float* x = nullptr;
  std::int64_t rows = 0;
  kernels::ObjectiveLoss loss;            ///< of the whole batch
  float* logits[2] = {nullptr, nullptr};  ///< of this piece
  std::int64_t split = 0;                 ///< of this piece's rows
  float* dx = nullptr;
};

void judge(QueueView queue, const StepMemory& m, const Head& head) {
  const Network& d = *m.discriminator;
  const std::size_t last = m.discriminator_outputs.output.size() - 1;
  d.forward(queue, head.x, head.rows, m.discriminator_outputs, m.config->precision, 1, last);
  const kernels::LinearForward layer =
      d.forward_layer(last, last == 0 ? head.x : m.discriminator_outputs.output[last - 1], head.rows, nullptr,
                      m.config->precision);
  kernels::LogitLoss op{.rows = head.rows,
                        .in = layer.shape.in,
                        .split = head.split,
                        .x = layer.x,
                        .weight = layer.weight,
                        .bias = layer.bias,
                        .logits = {head.logits[0], head.logits[1]},
                        .dlogits = m.dlogits,
                        .dx = head.dx,
                        .input_slope = last == 0 ? 1.0f : d.spec().slope};
  const float scale = 1.0f / static_cast<float>(m.config->batch);
  for (int s = 0; s < 2; ++s) op.term[s] = head.loss.term[s], op.scale[s] = scale;
  kernels::logit_loss(queue, op);
}

void update_discriminator(QueueView queue, const StepMemory& m, const MicroBatch& piece) {
  const std::int64_t batch = m.config->batch;
  const std::size_t layers = m.discriminator_outputs.output.size();
  generate_and_enter(queue, m, m.noise, whole(m) ? 2 * batch : piece.rows, fakes_of_discriminator(m, piece),
                     m.rows, 2 * piece.rows);
  judge(queue, m,
        {.x = m.rows,
         .rows = 2 * piece.rows,
         .loss = discriminator_loss(m),
         .logits = {m.logits + piece.first, m.logits + batch + piece.first},
         .split = piece.rows,
         .dx = layers == 1 ? nullptr : m.scratch[0]});
  m.discriminator->backward(
      queue, {.x = m.rows,
              .rows = 2 * piece.rows,
              .activations = &m.discriminator_outputs,
              .layer = layers == 1 ? 0 : layers - 2,
              .dz = layers == 1 ? m.dlogits : m.scratch[0],
              .dz_above = layers == 1 ? nullptr : m.dlogits,
              .scratch = {m.scratch[0], m.scratch[1], m.scratch[2]},
              .accumulate = piece.first > 0,
              .update = piece.last && !waits(m, *m.discriminator) ? &m.state->discriminator : nullptr,
              .precision = m.config->precision});
  if (piece.last && waits(m, *m.discriminator))
    whole_update(queue, m, *m.discriminator, &m.state->discriminator);
}

/// The piece of the noise and of the generator's outputs that the generator's phase goes back through.
struct GeneratorPiece {
  const float* noise = nullptr;
  Activations outputs;
};

/// Fakes to dfake, and on to the dz of the generator's last hidden layer, which is returned (null where it
/// has none).
const float* through_discriminator(QueueView queue, const StepMemory& m, const MicroBatch& piece,
                                   const GeneratorPiece& g) {
  const std::size_t layers = m.discriminator_outputs.output.size();
  const float* const fakes = fakes_of_generator(m, piece);
  float* const logits = m.logits + 2 * m.config->batch + piece.first;
  judge(queue, m,
        {.x = fakes,
         .rows = judged_by_generator(m, piece),
         .loss = generator_loss(m),
         .logits = {logits, paired(m) ? logits + m.config->batch : nullptr},
         .split = piece.rows,
         .dx = layers == 1 ? m.dfake : m.scratch[0]});
  if (layers == 1) return nullptr;
  const float* const dz =
      m.discriminator->backward(queue, {.x = fakes,
                                        .rows = piece.rows,
                                        .activations = &m.discriminator_outputs,
                                        .layer = layers - 2,
                                        .dz = m.scratch[0],
                                        .scratch = {m.scratch[0], m.scratch[1], m.scratch[2]},
                                        .parameters = false,
                                        .precision = m.config->precision});
  const kernels::LinearBackward into_fakes =
      m.discriminator->input_gradient(0, fakes, piece.rows, dz, m.dfake, m.config->precision);
  const std::size_t last = g.outputs.output.size() - 1;
  if (last == 0) {
    kernels::linear_backward(queue, into_fakes);
    return nullptr;
  }
  float* const dhidden = dz == m.scratch[0] ? m.scratch[1] : m.scratch[0];
  kernels::linear_pair_backward(
      queue, {into_fakes, m.generator->input_gradient(last, g.outputs.output[last - 1], piece.rows, m.dfake,
                                                      dhidden, m.config->precision)});
  return dhidden;
}

/// With the last micro-batch the step ends.
void update_generator(QueueView queue, const StepMemory& m, const MicroBatch& piece,
                      const GeneratorPiece& g) {
  const float* const dhidden = through_discriminator(queue, m, piece, g);
  const std::size_t last = g.outputs.output.size() - 1;
  m.generator->backward(queue,
                        {.x = g.noise,
                         .rows = piece.rows,
                         .activations = &g.outputs,
                         .layer = dhidden == nullptr ? last : last - 1,
                         .dz = dhidden == nullptr ? m.dfake : dhidden,
                         .dz_above = dhidden == nullptr ? nullptr : m.dfake,
                         .scratch = {m.scratch[0], m.scratch[1], m.scratch[2]},
                         .accumulate = piece.first > 0,
                         .update = piece.last && !waits(m, *m.generator) ? &m.state->generator : nullptr,
                         .end = piece.last && !waits(m, *m.generator) ? &m.end : nullptr,
                         .precision = m.config->precision});
  if (!piece.last || !waits(m, *m.generator)) return;
  whole_update(queue, m, *m.generator, &m.state->generator);
  kernels::step_end(queue, m.end);
}

/// Both phases of a batch that is one piece, once noise and real rows are there.
void train_whole(QueueView queue, const StepMemory& m) {
  const MicroBatch piece{0, m.config->batch, true};
  normalise_discriminator(queue, m);
  update_discriminator(queue, m, piece);
  normalise_discriminator(queue, m);
  const float* const fakes = fakes_of_generator(m, piece);
  if (m.discriminator_outputs.output.size() > 1)
    kernels::linear_forward(
        queue, m.discriminator->forward_layer(0, fakes, judged_by_generator(m, piece),
                                              m.discriminator_outputs.output[0], m.config->precision));
  update_generator(
      queue, m, piece,
      {m.noise + piece.rows * m.config->latent(), m.generator->rows_from(m.generator_outputs, piece.rows)});
}

void train_in_micro_batches(QueueView queue, const StepMemory& m) {
  const std::int64_t latent = m.config->latent();
  normalise_discriminator(queue, m);
  for_each_micro_batch(m, [&](const MicroBatch& piece) {
    if (piece.first > 0) {  // step_begin drew the first
      kernels::normal_fill(queue, noise_fill(m, piece.first * latent, piece.rows * latent));
      kernels::gather_batch(queue, next_rows(m, piece, m.rows));
    }
    update_discriminator(queue, m, piece);
  });
  normalise_discriminator(queue, m);
  for_each_micro_batch(m, [&](const MicroBatch& piece) {
    const std::int64_t first = (m.config->batch + piece.first) * latent;
    const float* const noise = m.noise + first % 4;
    kernels::normal_fill(queue, noise_fill(m, first, piece.rows * latent));
    float* const fakes = fakes_of_generator(m, piece);
    if (paired(m)) kernels::gather_batch(queue, next_rows(m, piece, partners_of_generator(m, piece)));
    generate_and_enter(queue, m, noise, piece.rows, fakes, fakes, judged_by_generator(m, piece));
    update_generator(queue, m, piece, {noise, m.generator_outputs});
  });
}

}  // namespace

kernels::ObjectiveLoss discriminator_loss(const StepMemory& m) {
  using kernels::RowRole;
  const std::int64_t batch = m.config->batch;
  const Objective objective = m.config->objective;
  return {.n = 2 * batch,
          .split = batch,
          .logits = m.logits,
          .result = &m.state->discriminator_result,
          .term = {loss_term(objective, RowRole::real, static_cast<float>(m.config->real_label)),
                   loss_term(objective, RowRole::fake)}};
}

kernels::ObjectiveLoss generator_loss(const StepMemory& m) {
  using kernels::RowRole;
  const std::int64_t batch = m.config->batch;
  const Objective objective = m.config->objective;
  return {.n = (paired(m) ? 2 : 1) * batch,
          .split = batch,
          .logits = m.logits + 2 * batch,
          .result = &m.state->generator_result,
          .term = {loss_term(objective, RowRole::generated), loss_term(objective, RowRole::reference)}};
}

float* real_rows_of_generator(const StepMemory& m) {
  return paired(m) && whole(m) ? partners_of_generator(m, {0, m.config->batch, true}) : nullptr;
}

void train_on_batch(QueueView queue, const StepMemory& m) {
  kernels::step_begin(queue, {.state = m.state, .keep = m.keep});
  train_whole(queue, m);
}

void train_step(QueueView queue, const StepMemory& m) {
  const MicroBatch first{0, std::min(m.micro_batch, m.config->batch), false};
  kernels::step_begin(queue, {.state = m.state,
                              .noise = noise_fill(m, 0, (whole(m) ? 2 : 1) * first.rows * m.config->latent()),
                              .rows = next_rows(m, first, m.rows, real_rows_of_generator(m)),
                              .keep = m.keep});
  whole(m) ? train_whole(queue, m) : train_in_micro_batches(queue, m);
}

}  // namespace agon
