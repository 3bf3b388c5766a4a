#include "engine/model/evaluator.hpp"

#include <algorithm>
#include <utility>

#include "engine/program/passes.hpp"
#include "engine/program/place.hpp"
#include "engine/runtime/public_errors.hpp"
#include "kernels/error.hpp"
#include "kernels/random.hpp"

namespace agon {

std::int64_t Evaluator::chunk_of(const NetworkSpec& spec) {
  constexpr std::int64_t kNumbers = 1 << 22, kFewest = 16;  // of a layer's output; rows
  std::int64_t rows = kChunk;
  while (spec.images.any() && rows > kFewest && rows * spec.widest() > kNumbers) rows /= 2;
  return rows;
}

Evaluator::Evaluator(const Queue& queue, const Network& network, kernels::Precision precision, bool averaged,
                     Amend amend)
    : queue_(queue),
      network_(averaged ? network.averaged() : network),
      rows_(chunk_of(network.spec())),
      amend_(std::move(amend)),
      precision_(precision),
      own_statistics_(averaged && network.running_size() > 0 && network.spec().norm == NormKind::batch),
      running_(network.flat().running) {
  const auto lay_out = [&](Memory& memory) {
    chunk_ = memory.take<std::uint64_t>(1);
    input_ = memory.floats(rows_ * network_.spec().inputs(0), {"input"});
    output_ = memory.floats(rows_ * network_.spec().outputs(), {"output"});
    if (own_statistics_) network_.lay_out_running(memory);
    pass_ = recorded(Mode::evaluation, pass_seed_);
    if (own_statistics_) settling_ = recorded(Mode::training, 0);
  };
  ArenaSize size;
  lay_out(size);
  size.take<std::byte>(static_cast<std::size_t>(temporary_bytes_));
  arena_.emplace(queue_.device(), size.used());
  temporaries_ = arena_->take<std::byte>(static_cast<std::size_t>(temporary_bytes_));
  lay_out(*arena_);
}

Program Evaluator::recorded(Mode mode, std::uint64_t seed) {
  Program program;
  const RowNumbers numbers{.segment = rows_,
                           .segment_stride = rows_,
                           .of_step = rows_,
                           .random = {seed, kernels::RandomPurpose::generator_dropout, chunk_}};
  network_.forward(program, {input_, rows_, network_.spec().inputs(0)},
                   {.mode = mode, .precision = precision_, .numbers = numbers}, output_);
  PlacedProgram placed =
      place(fused(std::move(program), queue_.device().kind(), "activation-with-layer"), temporaries_);
  temporary_bytes_ = std::max(temporary_bytes_, placed.bytes);
  return std::move(placed.program);
}

void Evaluator::draw_noise(const std::uint64_t chunk, std::uint64_t seed, const Amend& amend) {
  queue_.upload(chunk_, std::span(&chunk, 1));
  kernels::normal_fill(queue_, {.n = rows_ * network_.spec().inputs(0),
                                .out = input_,
                                .random = {seed, kernels::RandomPurpose::sampling_noise, chunk_}});
  if (amend) amend(input_, output_, {seed, kernels::RandomPurpose::sampling_noise, chunk_}, chunk);
}

void Evaluator::settle(std::uint64_t step) {
  if (settled_ == step) return;
  constexpr std::uint64_t kPasses = 64;          // of what was there before, 0.9^64 is left
  constexpr std::uint64_t kFarOff = 1ull << 63;  // behind every chunk that is drawn
  const auto size = static_cast<std::size_t>(network_.running_size()) * sizeof(float);
  queue_.copy(network_.flat().running, running_, size);
  for (std::uint64_t pass = 0; pass < kPasses; ++pass) {
    draw_noise(kFarOff + pass, 0, amend_);
    settling_.run(queue_);
  }
  settled_ = step;
}

std::vector<float> Evaluator::sample(std::int64_t first, std::int64_t count, std::uint64_t seed,
                                     const Amend& amend) {
  if (first < 0 || count < 0) throw ConfigurationError("sample(): first and count must not be negative");
  if (first > INT64_MAX - rows_ - count)
    throw ConfigurationError("sample(): " + std::to_string(count) + " rows from " + std::to_string(first) +
                             " on are beyond the last row there is");
  if (network_.draws_noise() && seed != pass_seed_) pass_ = recorded(Mode::evaluation, pass_seed_ = seed);
  const std::int64_t width = network_.spec().outputs();
  std::vector<float> rows = rows_of_zeros("sample()", count, width);
  for (std::int64_t done = 0; done < count;) {
    const auto chunk = static_cast<std::uint64_t>((first + done) / rows_);
    const std::int64_t skip = (first + done) % rows_, take = std::min(rows_ - skip, count - done);
    draw_noise(chunk, seed, amend ? amend : amend_);
    pass_.run(queue_);
    queue_.download(std::span(rows.data() + done * width, static_cast<std::size_t>(take * width)),
                    static_cast<const float*>(output_ + skip * width));
    done += take;
  }
  return rows;
}

std::vector<float> Evaluator::outputs(std::span<const float> rows) {
  const std::int64_t in = network_.spec().inputs(0), out = network_.spec().outputs();
  const auto count = static_cast<std::int64_t>(rows.size()) / in;
  if (count * in != static_cast<std::int64_t>(rows.size()))
    throw ConfigurationError(network_.name() + ": the input is not whole rows of " + std::to_string(in));
  std::vector<float> result = rows_of_zeros(network_.name().c_str(), count, out);
  for (std::int64_t done = 0; done < count; done += rows_) {
    const std::int64_t take = std::min(rows_, count - done);
    queue_.upload(input_,
                  rows.subspan(static_cast<std::size_t>(done * in), static_cast<std::size_t>(take * in)));
    pass_.run(queue_);
    queue_.download(std::span(result.data() + done * out, static_cast<std::size_t>(take * out)),
                    static_cast<const float*>(output_));
  }
  return result;
}

}  // namespace agon
