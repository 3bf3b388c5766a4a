#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/commands.hpp"
#include "bench/dirac/dirac.hpp"
#include "engine/gan/gan.hpp"
#include "host/cli/exit_code.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

/// Of an eigenvalue: what single precision leaves of a difference over kStep, and the differences' own error.
constexpr double kTolerance = 1e-4;
constexpr double kStep = 0x1p-6;

struct DiracCase {
  std::string name;
  DiracGame game;
  DiracPoint at;
  GanConfig config;  ///< that makes the engine play it
};

struct DiracResult {
  DiracCase what;
  EigenvaluePair closed, measured;
  double difference() const { return distance(closed, measured); }
  bool good() const { return difference() <= kTolerance; }  // false for NaN
};

GanConfig dirac_config(Objective objective) {
  GanConfig config;
  config.generator = {{1, 1}};
  config.discriminator = {{1, 1}};
  config.objective = objective;
  config.generator_rate = config.discriminator_rate = 0;  // a step computes its gradients and moves nothing
  config.batch = 4;
  return config;
}

constexpr DiracPoint kAway{.theta = 0.5, .psi = 1};

/// The objectives without a penalty; least squares once more where its discriminator is at rest.
std::vector<DiracCase> plain_cases(const DiracPoint& at) {
  std::vector<DiracCase> cases;
  for (const Objective objective :
       {Objective::non_saturating, Objective::minimax, Objective::hinge, Objective::least_squares,
        Objective::wasserstein, Objective::relativistic})
    cases.push_back(
        {std::string(to_string(objective)), {.objective = objective}, at, dirac_config(objective)});
  cases.push_back({"least-squares, bias 1/2",
                   {.objective = Objective::least_squares, .bias = 0.5},
                   at,
                   dirac_config(Objective::least_squares)});
  return cases;
}

struct NamedPenalty {
  const char* name;
  Penalties weights;
};

/// The same under a penalty.
void add_penalised(std::vector<DiracCase>& cases, const NamedPenalty& penalty, const DiracPoint& at) {
  for (DiracCase one : plain_cases(at)) {
    one.name += fmt::format(" + {}", penalty.name);
    one.game.r1 = penalty.weights.r1;
    one.game.r2 = penalty.weights.r2;
    one.game.gradient_penalty = penalty.weights.wgan_gp + penalty.weights.dragan;
    one.config.penalties = penalty.weights;
    cases.push_back(std::move(one));
  }
}

/// Every game at rest, and where the losses' curvature counts, too. R1 below and above the gamma = 2 f'(0) of
/// every objective, 1 or 2, where circling turns into creeping: there the eigenvalues meet, and would move by
/// the root of a rounding. Penalties that ask for a slope of 1 have a kink at rest.
std::vector<DiracCase> all_cases() {
  std::vector<DiracCase> cases = plain_cases({});
  for (const NamedPenalty& penalty : {NamedPenalty{"R1 0.5", {.r1 = 0.5}},
                                      {"R1 3", {.r1 = 3}},
                                      {"R2 0.5", {.r2 = 0.5}},
                                      {"R1 0.5, R2 0.25", {.r1 = 0.5, .r2 = 0.25}}})
    add_penalised(cases, penalty, {});
  for (DiracCase& one : plain_cases(kAway)) cases.push_back(std::move(one));
  for (const NamedPenalty& penalty : {NamedPenalty{"WGAN-GP 1", {.wgan_gp = 1}}, {"DRAGAN 2", {.dragan = 2}}})
    add_penalised(cases, penalty, kAway);
  return cases;
}

/// The game, played by the engine's own step.
class DiracGan {
 public:
  DiracGan(const DiracCase& what, const Device& device) : gan_(what.config, device) {
    set("generator.0.weight", 0);
    set("discriminator.0.bias", what.game.bias);
  }

  /// Minus the gradients that a step leaves.
  std::array<double, 2> field(const DiracPoint& at) {
    set("generator.0.bias", at.theta);
    set("discriminator.0.weight", at.psi);
    const auto batch = static_cast<std::size_t>(gan_.config().batch);
    gan_.step(std::vector<float>(batch), std::vector<float>(2 * batch));
    return {-gan_.gradient("generator.0.bias").front(), -gan_.gradient("discriminator.0.weight").front()};
  }

  /// By central differences.
  Matrix2 jacobian(const DiracPoint& at) {
    const auto right = field({at.theta + kStep, at.psi}), left = field({at.theta - kStep, at.psi});
    const auto above = field({at.theta, at.psi + kStep}), below = field({at.theta, at.psi - kStep});
    const double over = 0.5 / kStep;
    return {over * (right[0] - left[0]), over * (above[0] - below[0]), over * (right[1] - left[1]),
            over * (above[1] - below[1])};
  }

 private:
  void set(std::string_view name, double value) {
    const float number = static_cast<float>(value);
    gan_.set_parameter(name, {&number, 1});
  }
  Gan gan_;
};

std::string number_text(const std::complex<double>& z) {
  // + 0.0 makes 0 of -0.
  return fmt::format("{:.5f}{:+.5f}i", z.real() + 0.0, z.imag() + 0.0);
}

std::string as_text(const std::vector<DiracResult>& results) {
  std::string text = "Dirac-GAN: eigenvalues of the training field's Jacobian\n";
  text += fmt::format("{:<42} {:>12} {:>36} {:>36} {:>10}\n", "objective", "(theta, psi)", "closed form",
                      "the engine's step", "difference");
  for (const DiracResult& r : results) {
    const auto pair = [](const EigenvaluePair& e) {
      return fmt::format("{}, {}", number_text(e[0]), number_text(e[1]));
    };
    text += fmt::format("{:<42} {:>12} {:>36} {:>36} {:>10.1e}{}\n", r.what.name,
                        fmt::format("({:g}, {:g})", r.what.at.theta, r.what.at.psi), pair(r.closed),
                        pair(r.measured), r.difference(), r.good() ? "" : "  OFF");
  }
  return text;
}

std::string as_json(const std::vector<DiracResult>& results) {
  const auto pair = [](const EigenvaluePair& e) {
    return ordered_json{{e[0].real(), e[0].imag()}, {e[1].real(), e[1].imag()}};
  };
  ordered_json list = ordered_json::array();
  for (const DiracResult& r : results)
    list.push_back({{"objective", r.what.name},
                    {"theta", r.what.at.theta},
                    {"psi", r.what.at.psi},
                    {"closed_form", pair(r.closed)},
                    {"measured", pair(r.measured)},
                    {"difference", r.difference()},
                    {"good", r.good()}});
  return list.dump(2) + "\n";
}

}  // namespace

int bench_dirac(const BenchDiracOptions& options) {
  const Device device = Device::parse(options.device, 1);
  std::vector<DiracResult> results;
  for (const DiracCase& one : all_cases())
    results.push_back({one, eigenvalues(dirac_jacobian(one.game, one.at)),
                       eigenvalues(DiracGan(one, device).jacobian(one.at))});
  print_data(options.json ? as_json(results) : as_text(results));
  for (const DiracResult& r : results)
    if (!r.good()) {
      print_message(fmt::format("agon: the dynamics of {} are not the closed form's", r.what.name));
      return kFailure;
    }
  return kDone;
}

}  // namespace agon::host
