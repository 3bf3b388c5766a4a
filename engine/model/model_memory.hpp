// Networks that learn together, and where all that they learn lies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/network/network.hpp"
#include "engine/program/program.hpp"
#include "engine/runtime/arena.hpp"
#include "kernels/step.hpp"

namespace agon {

/// Adam's (kernels/adam.hpp).
struct Optimiser {
  double rate = 2e-4;
  double beta1 = 0.5;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;
  double l2 = 0;
  double clip_norm = 0;          ///< of the network's whole gradient; 0: as it is
  double average_half_life = 0;  ///< in updates, of a moving average of the weights; 0: none is kept
};

/// A network and how it learns.
struct Learner {
  std::string name;
  NetworkSpec network;
  Optimiser optimiser{};
  bool spectral_norm = false;
};

/// Steps between copies of what is learnt: a copy takes about as long as a step.
inline constexpr std::uint64_t kKeepEvery = 1024;

/// The networks, one behind the other, the copies of what is learnt, and at the end the loop's state. Network
/// i's optimiser is state->optimiser[i].
struct ModelMemory {
  std::vector<Learner> learners;
  std::vector<Network> networks;
  kernels::StepState* state = nullptr;
  kernels::KeepGood keep;

  kernels::AdamState* optimiser(int network) const { return &state->optimiser[network]; }
};

ModelMemory lay_out_model(Memory& memory, const std::vector<Learner>& learners);

/// A network's update, once its gradient is whole: the gradient by normalised weights becomes the one by the
/// weights, its norm is taken where it is clipped, and Adam moves the parameters.
void optimise(Program& program, const ModelMemory& model, int network);

/// Makes a network's normalised weights anew, with one power iteration, where it has some. For the beginning
/// of each phase that uses it.
void normalise(Program& program, const ModelMemory& model, int network);

}  // namespace agon
