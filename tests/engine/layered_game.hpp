// A game whose networks' layers have more than their linear part, by the engine and in plain loops on the
// same numbers.
#pragma once

#include "tests/engine/plain_game.hpp"

namespace agon::test {

struct Inputs {
  std::vector<float> rows, noise;
};

inline Inputs inputs_of(const GanConfig& config) {
  return {normal_numbers(config.batch * config.width(), 1),
          normal_numbers(2 * config.batch * config.latent(), 2)};
}

inline PlainGame game_of(const Gan& gan, const Inputs& in) {
  const GanConfig& config = gan.config();
  const std::int64_t latent = config.latent(), batch = config.batch;
  return {config,
          copy_network(gan, config.generator, "generator."),
          copy_network(gan, config.discriminator, "discriminator."),
          rows_of(in.rows, 0, batch / config.pack, config.pack * config.width()),
          rows_of(in.noise, 0, batch, latent),
          rows_of(in.noise, batch * latent, batch, latent)};
}

}  // namespace agon::test
