#include "host/evaluate/images/chosen_images.hpp"

#include <algorithm>

#include "host/evaluate/draws.hpp"

namespace agon::host {
namespace {

constexpr std::int64_t kEnoughHeldOut = 500;

std::vector<std::int64_t> drawn_images(std::int64_t count, std::int64_t most, Draws& draws) {
  std::vector<std::int64_t> order = draws.order(count);
  if (most < count) order.resize(static_cast<std::size_t>(most));
  return order;
}

}  // namespace

ChosenImages choose_images(std::int64_t train, std::int64_t held_out, std::int64_t synthetic,
                           std::int64_t most, std::uint64_t seed) {
  ComparedImages compared{train, held_out, synthetic};
  compared.floor_is_held_out = held_out >= std::min(kEnoughHeldOut, train / 2);
  const std::int64_t real = compared.floor_is_held_out ? train : train / 2;
  compared.reference = std::min(most, real);
  compared.compared = std::min({most, synthetic, compared.floor_is_held_out ? held_out : train / 2});
  Draws draws(seed, DrawPurpose::image_order);
  const std::vector<std::int64_t> of_train = draws.order(train);
  std::vector<std::int64_t> floor = drawn_images(held_out, compared.compared, draws);
  std::vector<std::int64_t> of_synthetic = drawn_images(synthetic, compared.compared, draws);
  if (!compared.floor_is_held_out) floor.assign(of_train.end() - compared.compared, of_train.end());
  return {compared,
          {of_train.begin(), of_train.begin() + compared.reference},
          std::move(floor),
          std::move(of_synthetic)};
}

}  // namespace agon::host
