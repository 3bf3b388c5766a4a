#include "engine/model/slopes.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/model/evaluator.hpp"
#include "engine/program/place.hpp"
#include "kernels/columns.hpp"
#include "kernels/error.hpp"

namespace agon {

Slopes::Slopes(const Queue& queue, const Network& network, kernels::Precision precision)
    : queue_(queue),
      chunk_(Evaluator::chunk_of(network.spec())),
      width_(network.spec().inputs(0)),
      outputs_(network.spec().outputs()) {
  if (network.spec().norm != NormKind::none)
    throw ConfigurationError(network.name() + " has a norm: its slopes are not known");
  ArenaSize size;
  record(network, precision, size);
  size.take<std::byte>(static_cast<std::size_t>(temporary_bytes_));
  arena_.emplace(queue_.device(), size.used());
  temporaries_ = arena_->take<std::byte>(static_cast<std::size_t>(temporary_bytes_));
  record(network, precision, *arena_);
}

void Slopes::record(const Network& network, kernels::Precision precision, Memory& memory) {
  input_ = memory.floats(chunk_ * width_, {"input"});
  output_ = memory.floats(chunk_ * outputs_, {"output"});
  ones_ = memory.floats(chunk_ * outputs_, {"ones"});
  slope_ = memory.floats(chunk_ * width_, {"slope"});
  Program program;
  const Sweep sweep{.mode = Mode::evaluation, .precision = precision};
  const Trace trace = network.forward(program, {input_, chunk_, width_}, sweep, output_);
  const Network::Deltas deltas = network.backward(program, trace, {ones_, chunk_, outputs_}, sweep,
                                                  {.parameters = false, .input = true});
  program.add<kernels::columns>({.rows = chunk_,
                                 .width = width_,
                                 .from = deltas.by_input.data,
                                 .from_width = width_,
                                 .to = slope_,
                                 .to_width = width_});
  PlacedProgram placed = place(std::move(program), temporaries_);
  temporary_bytes_ = placed.bytes;
  pass_ = std::move(placed.program);
}

std::vector<float> Slopes::of(std::span<const float> rows) {
  const auto count = static_cast<std::int64_t>(rows.size()) / width_;
  if (count * width_ != static_cast<std::int64_t>(rows.size()))
    throw ConfigurationError("slopes: the input is not whole rows of " + std::to_string(width_));
  const std::vector<float> ones(static_cast<std::size_t>(chunk_ * outputs_), 1.0f);
  std::vector<float> result(rows.size());
  for (std::int64_t done = 0; done < count; done += chunk_) {
    const auto first = static_cast<std::size_t>(done * width_),
               size = static_cast<std::size_t>(std::min(chunk_, count - done) * width_);
    queue_.upload(input_, rows.subspan(first, size));
    queue_.upload(ones_, std::span(ones));  // the way back writes over them
    pass_.run(queue_);
    queue_.download(std::span(result).subspan(first, size), static_cast<const float*>(slope_));
  }
  return result;
}

}  // namespace agon
