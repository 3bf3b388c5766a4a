#include "host/evaluate/figure.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/rates.hpp"

namespace agon::host {

Figure figure_beside(double value, double held_out, std::vector<double> drawn) {
  std::erase_if(drawn, [](double figure) { return std::isnan(figure); });
  std::ranges::sort(drawn);
  return {value, quantile(drawn, 0.5), quantile(drawn, 0.05), quantile(drawn, 0.95), held_out};
}

nlohmann::ordered_json figure_json(const Figure& figure) {
  return {{"value", figure.value},
          {"floor", {{"median", figure.median}, {"low", figure.low}, {"high", figure.high}}},
          {"held_out", figure.held_out}};
}

}  // namespace agon::host
