// What only tables of records need, on one thread of the processor: encoding a batch of rows, and G's heads,
// forward and backward. records.py runs it beside PyTorch.
//
//     record_benchmark HEADS GATES [flags of Google Benchmark]
//
// HEADS: levels of each head, "9,16,7". GATES: of each number the level at which it has a value, "-1,60", as
// `agon inspect RUN
// --json` has both.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "engine/runtime/queue.hpp"
#include "kernels/encode_records.hpp"
#include "kernels/record_heads.hpp"

namespace {

using agon::Buffer;
using agon::kernels::RecordShape;

constexpr std::int64_t kRows = 32561, kKnots = 20000;  // of the table; of the cumulative shares

agon::Queue& queue() {
  static agon::Queue instance(agon::Device::cpu(1));
  return instance;
}

template <class T>
Buffer<T> buffer_of(const std::vector<T>& values) {
  Buffer<T> buffer(queue().device(), values.size());
  std::ranges::copy(values, buffer.data());
  return buffer;
}

std::vector<std::int32_t> numbers_in(const std::string& text) {
  std::vector<std::int32_t> numbers;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) numbers.push_back(std::stoi(word));
  return numbers;
}

/// A layout, and a table of random records in it.
struct Records {
  std::vector<std::int32_t> heads, first{0};
  Buffer<std::int32_t> head_first, gate;
  Buffer<std::uint16_t> codes;
  Buffer<std::uint32_t> ranks;
  Buffer<float> cumulative;

  Records(const std::string& levels, const std::string& gates) : heads(numbers_in(levels)) {
    for (const std::int32_t n : heads) first.push_back(first.back() + n);
    const std::vector<std::int32_t> gate_levels = numbers_in(gates);
    std::mt19937 generator(1);
    std::vector<std::uint16_t> code;
    std::vector<std::uint32_t> rank;
    for (std::int64_t row = 0; row < kRows; ++row) {
      for (const std::int32_t n : heads)
        code.push_back(static_cast<std::uint16_t>(generator() % static_cast<std::uint32_t>(n)));
      for (std::size_t q = 0; q < gate_levels.size(); ++q)
        rank.push_back(static_cast<std::uint32_t>(generator() % (kKnots - 1)));
    }
    std::vector<float> shares(kKnots);
    for (std::size_t i = 0; i < shares.size(); ++i) shares[i] = static_cast<float>(i) / (kKnots - 1);
    head_first = buffer_of(first);
    gate = buffer_of(gate_levels);
    codes = buffer_of(code);
    ranks = buffer_of(rank);
    cumulative = buffer_of(shares);
  }

  RecordShape shape() const {
    return {static_cast<std::int64_t>(heads.size()), first.back(), static_cast<std::int64_t>(gate.size()),
            head_first.data(), gate.data()};
  }
};

Buffer<float> normal_numbers(std::int64_t n) {
  std::mt19937 generator(2);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(n));
  std::ranges::generate(values, [&] { return normal(generator); });
  return buffer_of(values);
}

void encode(benchmark::State& state, const Records* records, std::int64_t batch) {
  const RecordShape shape = records->shape();
  Buffer<float> out = normal_numbers(batch * shape.width());
  Buffer<std::uint64_t> step = buffer_of<std::uint64_t>({0});
  for (auto _ : state) {
    agon::kernels::encode_records(queue(), {.shape = shape,
                                            .rows = kRows,
                                            .batch = batch,
                                            .codes = records->codes.data(),
                                            .ranks = records->ranks.data(),
                                            .cumulative = records->cumulative.data(),
                                            .cumulative_size = kKnots,
                                            .out = out.data(),
                                            .seed = 1,
                                            .step = step.data()});
    ++*step.data();
  }
}

void heads(benchmark::State& state, const Records* records, std::int64_t batch) {
  const RecordShape shape = records->shape();
  const Buffer<float> scores = normal_numbers(batch * shape.scores());
  Buffer<float> y = normal_numbers(batch * shape.width());
  for (auto _ : state) agon::kernels::record_heads(queue(), {batch, shape, scores.data(), y.data()});
}

void heads_backward(benchmark::State& state, const Records* records, std::int64_t batch) {
  const RecordShape shape = records->shape();
  const Buffer<float> scores = normal_numbers(batch * shape.scores());
  const Buffer<float> dy = normal_numbers(batch * shape.width());
  Buffer<float> dscores = normal_numbers(batch * shape.scores());
  for (auto _ : state)
    agon::kernels::record_heads_backward(queue(), {batch, shape, scores.data(), dy.data(), dscores.data()});
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 3) return std::fprintf(stderr, "record_benchmark HEADS GATES: two lists\n"), 2;
  const Records records(argv[1], argv[2]);
  for (const std::int64_t batch : {500, 4096}) {
    const std::string size = "/" + std::to_string(batch);
    benchmark::RegisterBenchmark(("encode" + size).c_str(), encode, &records, batch);
    benchmark::RegisterBenchmark(("heads" + size).c_str(), heads, &records, batch);
    benchmark::RegisterBenchmark(("heads_backward" + size).c_str(), heads_backward, &records, batch);
  }
  benchmark::AddCustomContext("device", queue().device().description());
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
