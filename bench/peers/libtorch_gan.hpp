// The step of libtorch_step.cpp: the article's two networks, their losses, gradients by autograd, fused Adam
// whose count is on the device. As check_peers.py describes and checks it.
#pragma once

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cstdint>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace agon_peer {

using at::Tensor;
using Tensors = std::vector<Tensor>;
using Losses = std::pair<double, double>;

constexpr std::int64_t kRows = 4096, kLatent = 100, kWidth = 10;
constexpr double kSlope = 0.2, kRate = 2e-4, kBeta1 = 0.5, kBeta2 = 0.999, kEpsilon = 1e-8;
inline const std::vector<std::vector<std::int64_t>> kNetworks{{kLatent, 128, 256, 512, kWidth},
                                                              {kWidth, 512, 256, 1}};

/// As peer.py's Start; tensors on the processor.
struct Start {
  std::vector<Tensors> networks;
  Tensor rows, noise;  // (steps, batch, 10), (steps, 2, batch, 100)
};

inline Start read_start(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const auto take = [&](std::vector<std::int64_t> shape) {
    Tensor tensor = at::empty(shape);
    file.read(static_cast<char*>(tensor.mutable_data_ptr()), static_cast<std::streamsize>(tensor.nbytes()));
    return tensor;
  };
  std::int32_t size[2]{};
  file.read(reinterpret_cast<char*>(size), sizeof size);
  Start start;
  for (const auto& widths : kNetworks) {
    start.networks.emplace_back();
    for (std::size_t i = 1; i < widths.size(); ++i) {
      start.networks.back().push_back(take({widths[i], widths[i - 1]}));
      start.networks.back().push_back(take({widths[i]}));
    }
  }
  start.rows = take({size[0], size[1], kWidth});
  start.noise = take({size[0], 2, size[1], kLatent});
  if (!file) throw std::runtime_error(path + ": cannot be read as a start");
  return start;
}

/// Forward passes in bf16 with float32 parameters while it lives, where asked for.
class Autocast {
 public:
  Autocast(at::DeviceType device, bool on) : device_(device), on_(on) {
    if (!on_) return;
    at::autocast::increment_nesting();
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
    at::autocast::set_autocast_enabled(device_, true);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;
  ~Autocast() {
    if (!on_) return;
    at::autocast::set_autocast_enabled(device_, false);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  }

 private:
  at::DeviceType device_;
  bool on_;
};

inline Tensor forward(const Tensors& parameters, Tensor x) {
  for (std::size_t i = 0; i < parameters.size(); i += 2) {
    x = at::linear(x, parameters[i], parameters[i + 1]);
    if (i + 2 < parameters.size()) x = at::leaky_relu(x, kSlope);
  }
  return x;
}

/// A network's parameters and what Adam keeps of them, its count on the device.
struct Player {
  Tensors parameters, first, second, count;

  Player(const Tensors& values, at::Device device) {
    for (const Tensor& value : values) {
      parameters.push_back(value.to(device, at::kFloat, false, true).set_requires_grad(true));
      first.push_back(at::zeros_like(value, value.options().device(device)));
      second.push_back(at::zeros_like(first.back()));
      count.push_back(at::zeros({}, first.back().options()));
    }
  }

  void update(const Tensor& loss) {
    const Tensors gradients = torch::autograd::grad({loss}, parameters);
    const at::NoGradGuard no_gradients;
    at::_foreach_add_(count, 1);
    at::_fused_adam_(parameters, gradients, first, second, {}, count, kRate, kBeta1, kBeta2, 0.0, kEpsilon,
                     false, false);
  }

  void copy_state_from(const Player& other) {
    const at::NoGradGuard no_gradients;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      parameters[i].copy_(other.parameters[i]);
      first[i].copy_(other.first[i]);
      second[i].copy_(other.second[i]);
      count[i].copy_(other.count[i]);
    }
  }
};

class Gan {
 public:
  Gan(const Start& start, at::Device device, std::int64_t batch, bool bf16)
      : device_(device),
        batch_(batch),
        bf16_(bf16),
        g_(start.networks[0], device),
        d_(start.networks[1], device) {
    const auto options = at::device(device_).dtype(at::kFloat);
    data_ = at::randn({kRows, kWidth}, options);
    rows_ = at::zeros({2 * batch, kWidth}, options);
    noise_ = at::zeros({2, batch, kLatent}, options);
    index_ = at::zeros({batch}, options.dtype(at::kLong));
    targets_ = at::cat({at::ones({batch, 1}, options), at::zeros({batch, 1}, options)});
    losses_ = at::zeros({2}, options);
  }

  void give(const Tensor& rows, const Tensor& noise) {
    rows_.narrow(0, 0, batch_).copy_(rows);
    noise_.copy_(noise);
  }

  void draw() {
    Tensor real = rows_.narrow(0, 0, batch_);
    at::index_select_out(real, data_, 0, index_.random_(kRows));
    noise_.normal_();
  }

  /// One step on what was drawn or given.
  void step() {
    {
      std::optional<Autocast> autocast(std::in_place, device_.type(), bf16_);
      {
        const at::NoGradGuard no_gradients;
        rows_.narrow(0, batch_, batch_).copy_(forward(g_.parameters, noise_[0]));
      }
      const Tensor logits = forward(d_.parameters, rows_);
      autocast.reset();
      loss(0, d_, 2 * at::binary_cross_entropy_with_logits(logits.to(at::kFloat), targets_));
    }
    std::optional<Autocast> autocast(std::in_place, device_.type(), bf16_);
    const Tensor logits = forward(d_.parameters, forward(g_.parameters, noise_[1]));
    autocast.reset();
    loss(1, g_, at::binary_cross_entropy_with_logits(logits.to(at::kFloat), targets_.narrow(0, 0, batch_)));
  }

  Losses losses() const {
    const Tensor values = losses_.cpu();
    return {values[0].item<double>(), values[1].item<double>()};
  }
  const Player& g() const { return g_; }
  const Player& d() const { return d_; }
  void copy_state_from(const Player& g, const Player& d) {
    g_.copy_state_from(g);
    d_.copy_state_from(d);
  }

  /// How far each tensor is from where it started.
  std::vector<double> moved(const Start& start) const {
    std::vector<double> all;
    for (const auto& [player, then] :
         {std::pair{&g_, &start.networks[0]}, std::pair{&d_, &start.networks[1]}}) {
      for (std::size_t i = 0; i < then->size(); ++i)
        all.push_back(
            (player->parameters[i].detach().cpu() - (*then)[i]).to(at::kDouble).norm().item<double>());
    }
    return all;
  }

 private:
  void loss(std::int64_t which, Player& player, const Tensor& value) {
    player.update(value);
    losses_[which].copy_(value.detach());
  }

  at::Device device_;
  std::int64_t batch_;
  bool bf16_;
  Player g_, d_;
  Tensor data_, rows_, noise_, index_, targets_, losses_;
};

}  // namespace agon_peer
