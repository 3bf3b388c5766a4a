#include "engine/training/sampler.hpp"

#include <algorithm>

#include "kernels/error.hpp"
#include "kernels/random.hpp"

namespace agon {

template <class Allocator>
void Sampler::lay_out(Allocator& memory) {
  const std::int64_t widest =
      std::max(generator_.spec().widths.front(), discriminator_.spec().widths.front());
  input_ = memory.template take<float>(static_cast<std::size_t>(kChunk * widest));
  chunk_ = memory.template take<std::uint64_t>(1);
  generator_outputs_ = generator_.lay_out_activations(memory, kChunk);
  discriminator_outputs_ = discriminator_.lay_out_activations(memory, kChunk);
  if (!own_statistics_) return;
  generator_.lay_out_running(memory);
  training_outputs_ = generator_.lay_out_activations(memory, kChunk, Mode::training, kChunk);
}

Sampler::Sampler(const Queue& queue, const Network& generator, const Network& discriminator,
                 kernels::Precision precision, Weights weights)
    : queue_(queue),
      generator_(weights == Weights::average ? generator.averaged() : generator),
      discriminator_(discriminator),
      precision_(precision),
      own_statistics_(weights == Weights::average && generator.spec().norm == NormKind::batch),
      running_(generator.flat().running),
      arena_([this] {
        ArenaSize size;
        lay_out(size);
        return Arena(queue_.device(), size.bytes());
      }()) {
  lay_out(arena_);
  generator_.forward(generate_, input_, kChunk, generator_outputs_, precision_);
  discriminator_.forward(discriminate_, input_, kChunk, discriminator_outputs_, precision_);
}

void Sampler::draw_noise(const std::uint64_t chunk, std::uint64_t seed) {
  queue_.upload(chunk_, std::span(&chunk, 1));
  kernels::normal_fill(queue_, {.n = kChunk * generator_.spec().widths.front(),
                                .out = input_,
                                .random = {seed, kernels::RandomPurpose::sampling_noise, chunk_}});
}

void Sampler::settle(std::uint64_t step) {
  if (settled_ == step) return;
  constexpr std::uint64_t kPasses = 64;          // of what was there before, 0.9^64 is left
  constexpr std::uint64_t kFarOff = 1ull << 63;  // behind every chunk that is drawn
  const auto size = static_cast<std::size_t>(generator_.running_size()) * sizeof(float);
  queue_.copy(generator_.flat().running, running_, size);
  Program settling;
  generator_.forward(settling, input_, kChunk, training_outputs_, precision_);
  for (std::uint64_t pass = 0; pass < kPasses; ++pass) {
    draw_noise(kFarOff + pass, 0);
    settling.run(queue_);
  }
  settled_ = step;
}

std::vector<float> Sampler::sample(std::int64_t first, std::int64_t count, std::uint64_t seed) {
  if (first < 0 || count < 0) throw ConfigurationError("sample(): first and count must not be negative");
  const std::int64_t width = generator_.spec().widths.back();
  std::vector<float> rows(static_cast<std::size_t>(count * width));
  for (std::int64_t done = 0; done < count;) {
    const auto chunk = static_cast<std::uint64_t>((first + done) / kChunk);
    const std::int64_t skip = (first + done) % kChunk, take = std::min(kChunk - skip, count - done);
    draw_noise(chunk, seed);
    generate_.run(queue_);
    queue_.download(std::span(rows.data() + done * width, static_cast<std::size_t>(take * width)),
                    generator_outputs_.output.back() + skip * width);
    done += take;
  }
  return rows;
}

std::vector<float> Sampler::forward(const Network& network, const Program& pass, const float* output,
                                    std::span<const float> input) {
  const std::int64_t in = network.spec().widths.front(), out = network.spec().widths.back();
  const auto count = static_cast<std::int64_t>(input.size()) / in;
  if (count * in != static_cast<std::int64_t>(input.size()))
    throw ConfigurationError(network.name() + ": the input is not whole rows of " + std::to_string(in));
  std::vector<float> result(static_cast<std::size_t>(count * out));
  for (std::int64_t done = 0; done < count; done += kChunk) {
    const std::int64_t take = std::min(kChunk, count - done);
    queue_.upload(input_,
                  input.subspan(static_cast<std::size_t>(done * in), static_cast<std::size_t>(take * in)));
    pass.run(queue_);
    queue_.download(std::span(result.data() + done * out, static_cast<std::size_t>(take * out)), output);
  }
  return result;
}

std::vector<float> Sampler::generate(std::span<const float> noise) {
  return forward(generator_, generate_, generator_outputs_.output.back(), noise);
}

std::vector<float> Sampler::discriminate(std::span<const float> rows) {
  return forward(discriminator_, discriminate_, discriminator_outputs_.output.back(), rows);
}

}  // namespace agon
