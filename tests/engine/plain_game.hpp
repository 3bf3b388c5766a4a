// The game of a generator and a discriminator in plain loops of double precision, penalties, packing and all:
// the oracle for the engine's gradients, which shares no code with it.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/gan/gan.hpp"
#include "tests/engine/plain_records.hpp"
#include "tests/engine/trained_gan.hpp"
#include "tests/kernels/objective_oracle.hpp"
#include "tests/kernels/random_oracle.hpp"

namespace agon::test {

/// Of one row: what each hidden layer's outputs are multiplied by. Empty: nothing is dropped.
using PlainMask = std::vector<std::vector<double>>;

/// Less their mean, over the root of their biased variance.
inline void normalise(const std::vector<double*>& numbers) {
  const auto n = static_cast<double>(numbers.size());
  double mean = 0, variance = 0;
  for (const double* x : numbers) mean += *x / n;
  for (const double* x : numbers) variance += (*x - mean) * (*x - mean) / n;
  for (double* x : numbers) *x = (*x - mean) / std::sqrt(variance + 1e-5);
}

/// A network's tensors in the order of parameters(): weight, bias, weight, bias, ..., or with a norm weight,
/// gamma, beta, ..., weight, bias; with pre-activation weight, bias, weight, bias, gamma, beta, ...
struct PlainNetwork {
  std::vector<std::int64_t> widths;
  double slope = 0;
  std::vector<std::vector<double>> tensors;
  NormKind norm = NormKind::none;
  Residual residual = Residual::none;
  ActivationKind output = ActivationKind::identity;
  RecordLayout records{};  ///< the outputs are the scores of its heads and numbers

  std::size_t layers() const { return widths.size() - 1; }
  bool leaky(std::size_t layer) const { return layer + 1 < layers(); }

  /// Every layer's output, after its activation; x itself comes first.
  std::vector<std::vector<double>> outputs(const std::vector<double>& x, const PlainMask& mask = {}) const {
    std::vector<std::vector<double>> all{x};
    for (std::size_t layer = 0; layer < layers(); ++layer) {
      const auto &weight = tensors[2 * layer], &in = all.back();
      std::vector<double> y = tensors[2 * layer + 1];
      for (std::size_t o = 0; o < y.size(); ++o) {
        for (std::size_t i = 0; i < in.size(); ++i) y[o] += weight[o * in.size() + i] * in[i];
        if (leaky(layer) && y[o] < 0) y[o] *= slope;
        if (leaky(layer) && !mask.empty()) y[o] *= mask[layer][o];
      }
      all.push_back(std::move(y));
    }
    return all;
  }
  bool pre_activation() const { return residual == Residual::pre_activation; }
  std::size_t first_tensor(std::size_t layer) const {
    if (pre_activation()) return layer == 0 ? 0 : 4 * layer - 2;
    return (norm != NormKind::none ? 3 : 2) * layer;
  }
  /// What the linear layer makes of the rows of a batch.
  PlainRows linear(std::size_t layer, const PlainRows& x) const {
    const bool normalised = norm != NormKind::none && leaky(layer) && !pre_activation();
    const std::size_t first = first_tensor(layer);
    const auto out = static_cast<std::size_t>(widths[layer + 1]);
    PlainRows z;
    for (const auto& row : x) {
      z.push_back(normalised ? std::vector<double>(out) : tensors[first + 1]);
      for (std::size_t o = 0; o < out; ++o)
        for (std::size_t i = 0; i < row.size(); ++i)
          z.back()[o] += tensors[first][o * row.size() + i] * row[i];
    }
    return z;
  }
  /// Of a batch, norms and all; row i's mask is mask(i), an empty one drops nothing.
  template <class Mask>
  PlainRows rows(PlainRows x, const Mask& mask) const {
    for (std::size_t layer = 0; pre_activation() && layer < layers(); ++layer) {
      PlainRows z = x;
      if (layer > 0) activate(first_tensor(layer) + 2, z);
      for (std::size_t r = 0; layer > 0 && r < z.size(); ++r) {
        const PlainMask factors = mask(r);
        for (std::size_t c = 0; !factors.empty() && c < z[r].size(); ++c) z[r][c] *= factors[layer - 1][c];
      }
      z = linear(layer, z);
      for (std::size_t r = 0; layer > 0 && leaky(layer) && r < z.size(); ++r)
        for (std::size_t c = 0; z[r].size() == x[r].size() && c < z[r].size(); ++c) z[r][c] += x[r][c];
      x = std::move(z);
    }
    for (std::size_t layer = 0; !pre_activation() && layer < layers(); ++layer) {
      PlainRows z = linear(layer, x);
      if (leaky(layer)) activate(first_tensor(layer) + 1, z);
      for (std::size_t r = 0; leaky(layer) && r < z.size(); ++r) {
        const PlainMask factors = mask(r);
        for (std::size_t c = 0; !factors.empty() && c < z[r].size(); ++c) z[r][c] *= factors[layer][c];
        skip(z[r], x[r]);
      }
      x = std::move(z);
    }
    for (auto& row : x)
      for (double& value : row)
        value = output == ActivationKind::tanh      ? std::tanh(value)
                : output == ActivationKind::sigmoid ? 1 / (1 + std::exp(-value))
                                                    : value;
    return x;
  }
  /// A block's input beside its output, or added to it.
  void skip(std::vector<double>& z, const std::vector<double>& x) const {
    if (residual == Residual::concat) z.insert(z.end(), x.begin(), x.end());
    for (std::size_t c = 0; residual == Residual::add && z.size() == x.size() && c < z.size(); ++c)
      z[c] += x[c];
  }
  /// The one output's gradient by x of a network without a norm: how it changes along each component.
  std::vector<double> gradient_at(const std::vector<double>& x, const PlainMask& mask) const {
    std::vector<double> gradient;
    for (std::size_t component = 0; component < x.size(); ++component) {
      PlainRows value{x}, change{std::vector<double>(x.size())};
      change[0][component] = 1;
      for (std::size_t layer = 0; layer < layers(); ++layer) {
        PlainRows z = linear(layer, value), dz = linear(layer, change);
        const std::vector<double>& bias = tensors[2 * layer + 1];
        for (std::size_t o = 0; o < bias.size(); ++o) {
          dz[0][o] -= bias[o];
          double factor = leaky(layer) && z[0][o] < 0 ? slope : 1;
          if (leaky(layer) && !mask.empty()) factor *= mask[layer][o];
          z[0][o] *= factor, dz[0][o] *= factor;
        }
        if (leaky(layer)) skip(z[0], value[0]), skip(dz[0], change[0]);
        value = std::move(z), change = std::move(dz);
      }
      gradient.push_back(change[0][0]);
    }
    return gradient;
  }
  /// The norm, whose gamma is that tensor, and LeakyReLU.
  void activate(std::size_t gamma, PlainRows& z) const {
    const std::size_t width = z.front().size();
    for (std::size_t r = 0; norm == NormKind::layer && r < z.size(); ++r) {
      std::vector<double*> row;
      for (double& value : z[r]) row.push_back(&value);
      normalise(row);
    }
    for (std::size_t c = 0; norm == NormKind::batch && c < width; ++c) {
      std::vector<double*> column;
      for (auto& row : z) column.push_back(&row[c]);
      normalise(column);
    }
    for (auto& row : z)
      for (std::size_t c = 0; c < width; ++c) {
        if (norm != NormKind::none) row[c] = tensors[gamma][c] * row[c] + tensors[gamma + 1][c];
        if (row[c] < 0) row[c] *= slope;
      }
  }

  /// The one output's gradient by x, layer by layer from the top; deltas, where they are wanted, get each
  /// layer's gradient before its activation.
  std::vector<double> slope_at(const std::vector<double>& x,
                               std::vector<std::vector<double>>* deltas = nullptr,
                               const PlainMask& mask = {}) const {
    const auto all = outputs(x, mask);
    std::vector<double> delta{1};
    if (deltas != nullptr) deltas->assign(layers(), {});
    for (std::size_t layer = layers(); layer-- > 0;) {
      if (deltas != nullptr) (*deltas)[layer] = delta;
      const auto &weight = tensors[2 * layer], &in = all[layer];
      std::vector<double> below(in.size());
      for (std::size_t i = 0; i < in.size(); ++i) {
        for (std::size_t o = 0; o < delta.size(); ++o) below[i] += delta[o] * weight[o * in.size() + i];
        if (layer > 0 && in[i] <= 0) below[i] *= slope;
        if (layer > 0 && !mask.empty()) below[i] *= mask[layer - 1][i];
      }
      delta = std::move(below);
    }
    return delta;
  }
};

inline double squared_norm(const std::vector<double>& g) {
  double sum = 0;
  for (const double component : g) sum += component * component;
  return sum;
}

/// The game in plain words, of rows as the discriminator takes them. Row i of the data and the i-th fake are
/// a pair, where the objective takes pairs. The step is the first one.
struct PlainGame {
  GanConfig config;
  PlainNetwork generator, discriminator;
  PlainRows real, noise_d, noise_g;  ///< noise: config.pack rows for each of the discriminator's
  double deviation = 1;              ///< of the table
  std::int64_t first_point = 0;      ///< number of the phase's first row of points
  double mean_real = 0, mean_fake = 0;

  /// What the generator makes of `noise`, side by side in packs.
  PlainRows fakes(const PlainRows& noise, std::int64_t phase) const {
    PlainRows packs;
    const PlainRows made = scores(noise, phase);
    for (std::size_t i = 0; i < noise.size(); ++i) {
      std::vector<double> fake =
          generator.records.any() ? plain_record(generator.records, made[i], head_noise(phase, i)) : made[i];
      fake.insert(fake.end(), noise[i].end() - generator.records.condition_levels(), noise[i].end());
      if (i % static_cast<std::size_t>(config.pack) == 0) packs.emplace_back();
      packs.back().insert(packs.back().end(), fake.begin(), fake.end());
    }
    return packs;
  }

  /// The generator's output for `noise`.
  PlainRows scores(const PlainRows& noise, std::int64_t phase) const {
    return generator.rows(noise, [&](std::size_t i) { return generators_mask(phase, i); });
  }
  /// Gumbel noise of the generator's row i, from Random123's numbers.
  std::vector<double> head_noise(std::int64_t phase, std::size_t i) const {
    constexpr std::uint32_t kPurpose = 11;
    const std::int64_t levels = generator.records.levels(), quads = (levels + 3) / 4;
    const std::int64_t number = phase * config.batch + static_cast<std::int64_t>(i);
    std::vector<double> noise;
    for (std::int64_t c = 0; c < levels; ++c) {
      const auto e = static_cast<std::uint64_t>(4 * number * quads + c);
      noise.push_back(-std::log(-std::log((stream_word(config.seed, kPurpose, 0, e) + 0.5) * 0x1p-32)));
    }
    return noise;
  }

  /// Of a network's row with that number of `of_step`, from Random123's numbers.
  PlainMask mask_of(const PlainNetwork& network, double p, std::uint32_t purpose, std::int64_t number,
                    std::int64_t of_step) const {
    PlainMask factors;
    std::int64_t first = 0;
    for (std::size_t layer = 0; p > 0 && network.leaky(layer); ++layer) {
      const std::int64_t width = network.widths[layer + 1], quads = (width + 3) / 4;
      factors.emplace_back();
      for (std::int64_t c = 0; c < width; ++c) {
        const auto e = static_cast<std::uint64_t>(4 * (first + number * quads) + c);
        const double u = (stream_word(config.seed, purpose, 0, e) >> 8) * 0x1p-24;
        factors.back().push_back(u < p ? 0 : 1 / (1 - p));
      }
      first += of_step * quads;
    }
    return factors;
  }
  /// Of D's row i in a segment of a phase, 0 being D's and 1 G's.
  PlainMask mask(std::int64_t phase, std::int64_t segment, std::size_t i) const {
    const auto batch = static_cast<std::int64_t>(real.size());
    return mask_of(discriminator, config.discriminator.dropout, 8,
                   (3 * phase + segment) * batch + static_cast<std::int64_t>(i), 6 * batch);
  }
  /// Of G's row i.
  PlainMask generators_mask(std::int64_t phase, std::size_t i) const {
    return mask_of(generator, config.generator.dropout, 9,
                   phase * config.batch + static_cast<std::int64_t>(i), 2 * config.batch);
  }
  /// D's logits of a segment.
  std::vector<double> logits(const PlainRows& rows, std::int64_t phase, std::int64_t segment) const {
    std::vector<double> all;
    for (const auto& row : discriminator.rows(rows, [&](std::size_t i) { return mask(phase, segment, i); }))
      all.push_back(row[0]);
    return all;
  }
  /// Segments of D's phase.
  std::int64_t real_segment() const {
    return config.penalties.wgan_gp != 0 || config.penalties.dragan != 0 ? 1 : 0;
  }
  std::int64_t fake_segment() const { return real_segment() + 1; }

  double discriminator_loss() {
    double loss = 0;
    mean_real = mean_fake = 0;
    const std::vector<double> of_real = logits(real, 0, real_segment()),
                              of_fakes = logits(fakes(noise_d, 0), 0, fake_segment());
    const auto rows = static_cast<double>(real.size());
    for (std::size_t i = 0; i < real.size(); ++i) {
      const double r = of_real[i], f = of_fakes[i];
      loss += static_cast<double>(test::discriminator_loss(config.objective, r, f, config.real_label));
      mean_real += output(r) / rows;
      mean_fake += output(f) / rows;
    }
    return loss / rows;
  }

  /// The points between or around, from Random123's numbers.
  PlainRows points(const PlainRows& fake) const {
    constexpr std::uint32_t kPurpose = 6;
    PlainRows all = real;
    for (std::size_t i = 0; i < real.size(); ++i) {
      const std::size_t number = static_cast<std::size_t>(first_point) + i, width = real[i].size();
      const auto uniform = [&](std::size_t e) {
        return (stream_word(config.seed, kPurpose, 0, e) >> 8) * 0x1p-24;
      };
      for (std::size_t c = 0; c < width; ++c) {
        const double share = uniform(number);
        all[i][c] = config.penalties.wgan_gp != 0
                        ? share * real[i][c] + (1 - share) * fake[i][c]
                        : real[i][c] + 0.5 * deviation * uniform(number * width + c);
      }
    }
    return all;
  }

  double penalty() const {
    const Penalties& p = config.penalties;
    if (!p.any()) return 0;
    const PlainRows fake = fakes(noise_d, 0), between = points(fake);
    double sum = 0;
    for (std::size_t i = 0; i < real.size(); ++i) {
      const auto square = [&](const std::vector<double>& x, std::int64_t segment) {
        return squared_norm(discriminator.gradient_at(x, mask(0, segment, i)));
      };
      if (p.r1 != 0) sum += p.r1 / 2 * square(real[i], real_segment());
      if (p.r2 != 0) sum += p.r2 / 2 * square(fake[i], fake_segment());
      const double over = std::sqrt(square(between[i], 0)) - 1;
      sum += (p.wgan_gp + p.dragan) * over * over;
    }
    return sum / static_cast<double>(real.size());
  }

  /// The real rows of G's phase, which have its conditions beside them.
  PlainRows real_again() const {
    PlainRows rows = real;
    const auto levels = static_cast<std::ptrdiff_t>(generator.records.condition_levels());
    for (std::size_t i = 0; levels > 0 && i < noise_g.size(); ++i) {
      const auto place = static_cast<std::ptrdiff_t>(i) % config.pack;
      std::copy(
          noise_g[i].end() - levels, noise_g[i].end(),
          rows[i / static_cast<std::size_t>(config.pack)].begin() + (place + 1) * config.width() - levels);
    }
    return rows;
  }

  double generator_loss() const {
    double loss = 0;
    const std::vector<double> of_fakes = logits(fakes(noise_g, 1), 1, 0),
                              of_real = logits(real_again(), 1, 1);
    for (std::size_t i = 0; i < of_fakes.size(); ++i)
      loss += static_cast<double>(test::generator_loss(config.objective, of_real[i], of_fakes[i]));
    return loss / static_cast<double>(of_fakes.size());
  }

  /// How badly the generator keeps to what it is asked for.
  double cross_entropy() const { return plain_cross_entropy(generator.records, scores(noise_g, 1), noise_g); }

  double output(double logit) const {
    const bool probability =
        config.objective == Objective::minimax || config.objective == Objective::non_saturating;
    return probability ? 1 / (1 + std::exp(-logit)) : logit;
  }
};

/// Rows of `width` from element `first` on.
inline PlainRows rows_of(const std::vector<float>& flat, std::int64_t first, std::int64_t rows,
                         std::int64_t width) {
  PlainRows out;
  for (std::int64_t r = 0; r < rows; ++r)
    out.emplace_back(flat.begin() + first + r * width, flat.begin() + first + (r + 1) * width);
  return out;
}

inline PlainNetwork copy_network(const Gan& gan, const NetworkSpec& spec, const std::string& name) {
  PlainNetwork network{spec.widths,   double{spec.slope}, {},          spec.norm,
                       spec.residual, spec.output,        spec.records};
  for (const TensorView& view : gan.parameters()) {
    if (!view.name.starts_with(name)) continue;
    const auto values = gan.parameter(view.name);
    network.tensors.emplace_back(values.begin(), values.end());
  }
  return network;
}

}  // namespace agon::test
