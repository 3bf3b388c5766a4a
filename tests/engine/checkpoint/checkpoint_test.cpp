#include "engine/checkpoint/checkpoint.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <bit>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>

#include "engine/checkpoint/config_json.hpp"
#include "engine/checkpoint/snapshot_layout.hpp"
#include "kernels/error.hpp"
#include "tests/engine/checkpoint/example_checkpoint.hpp"
#include "tests/temporary_folder.hpp"

namespace agon {
namespace checkpoint_test {

using test::content_of;
using test::error_of;
using test::example_checkpoint;
using test::put;
using test::TemporaryFolder;

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::ranges::equal(a, b, {}, std::bit_cast<std::uint32_t, float>,
                            std::bit_cast<std::uint32_t, float>);
}

void expect_equal(const Checkpoint& a, const Checkpoint& b) {
  EXPECT_EQ(a.config, b.config);
  EXPECT_EQ(a.snapshot.step, b.snapshot.step);
  EXPECT_EQ(a.snapshot.generator_updates, b.snapshot.generator_updates);
  EXPECT_EQ(a.snapshot.discriminator_updates, b.snapshot.discriminator_updates);
  EXPECT_EQ(a.device, b.device);
  EXPECT_EQ(a.threads, b.threads);
  EXPECT_EQ(a.metadata, b.metadata);
  ASSERT_EQ(a.snapshot.tensors.size(), b.snapshot.tensors.size());
  for (std::size_t t = 0; t < a.snapshot.tensors.size(); ++t) {
    const auto &x = a.snapshot.tensors[t], &y = b.snapshot.tensors[t];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.shape, y.shape);
    EXPECT_TRUE(same_bits(x.value, y.value) && same_bits(x.moment1, y.moment1) &&
                same_bits(x.moment2, y.moment2));
  }
}

/// Of every kind of numbers that a snapshot has.
TEST(SnapshotLayout, SeesWhatIsNotFinite) {
  using Tensor = Gan::Snapshot::Tensor;
  for (const auto part :
       {&Tensor::value, &Tensor::moment1, &Tensor::moment2, &Tensor::average, &Tensor::left_singular,
        &Tensor::right_singular, &Tensor::running_mean, &Tensor::running_variance}) {
    Gan::Snapshot snapshot;
    snapshot.tensors.resize(2);
    for (Tensor& tensor : snapshot.tensors) tensor.*part = {1, 2};
    EXPECT_TRUE(all_finite(snapshot));
    (snapshot.tensors[1].*part)[1] = std::numeric_limits<float>::infinity();
    EXPECT_FALSE(all_finite(snapshot));
  }
}

TEST(Checkpoint, RoundTripKeepsEveryBit) {
  const TemporaryFolder folder;
  const Checkpoint original = example_checkpoint({100, 128, 256, 512, 10}, {10, 512, 256, 1});
  write_checkpoint(folder / "x.safetensors", original);
  expect_equal(read_checkpoint(folder / "x.safetensors"), original);
  expect_equal(parse_checkpoint(serialize_checkpoint(original)), original);
  EXPECT_EQ(content_of(folder / "x.safetensors"), serialize_checkpoint(original));
  EXPECT_EQ(folder.entries(), 1u);
}

TEST(Checkpoint, RoundTripOfAnyConfiguration) {
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  for (int round = 0; round < 2000; ++round) {
    GanConfig config;
    config.generator.slope = static_cast<float>(unit(random));
    config.generator_rate = std::exp(700 * (2 * unit(random) - 1));
    config.discriminator_rate = unit(random);
    config.beta1 = unit(random);
    config.epsilon = std::exp(-740 * unit(random));
    config.real_label = 1.0 - unit(random);
    config.seed = random();
    if (config.seed % 2 == 0)
      config.rate_schedule = {kernels::RateShape::cosine, random() >> 1, UINT64_MAX, unit(random)};
    if (config.seed % 4 == 0) config.burn_in = {random(), unit(random), unit(random)};
    if (config.seed % 3 == 0) config.ema_samples = std::exp(700 * unit(random));
    if (config.seed % 7 == 0) config.clip_norm = unit(random);
    config.spectral_norm = config.seed % 11 == 0;
    if (config.seed % 5 == 0) config.weight_decay = unit(random) / std::max(1.0, config.generator_rate);
    ASSERT_EQ(config_from_json(to_json(config)), config);
  }
}

TEST(Checkpoint, CutOffAnywhereIsRefused) {
  const std::string whole = serialize_checkpoint(example_checkpoint());
  for (std::size_t size = 0; size < whole.size(); ++size)
    ASSERT_NE(error_of(whole.substr(0, size)), "accepted") << size;
  EXPECT_EQ(error_of(whole + '\0').substr(0, 7), "damaged");
  EXPECT_EQ(error_of(whole), "accepted");
}

TEST(Checkpoint, EveryFlippedBitIsRefused) {
  std::string file = serialize_checkpoint(example_checkpoint());
  for (std::size_t bit = 0; bit < 8 * file.size(); ++bit) {
    const auto flip = static_cast<char>(1 << bit % 8);
    file[bit / 8] ^= flip;
    ASSERT_NE(error_of(file), "accepted") << "byte " << bit / 8 << ", bit " << bit % 8;
    file[bit / 8] ^= flip;
  }
  EXPECT_EQ(error_of(file), "accepted");
}

TEST(Checkpoint, ErrorsOfFilesStartWithThePath) {
  const TemporaryFolder folder;
  const auto error_at = [](const std::filesystem::path& path) {
    try {
      read_checkpoint(path);
    } catch (const DataError& error) {
      const std::string text = error.what(), start = path.string() + ": ";
      return text.starts_with(start) ? text.substr(start.size()) : "no path first: " + text;
    }
    return std::string("accepted");
  };
  EXPECT_EQ(error_at(folder / "missing"), "no such file");
  EXPECT_EQ(error_at(folder.path()), "a folder, not a checkpoint");
  EXPECT_EQ(error_at("/dev/zero"), "not a regular file");
  put(folder / "empty", "");
  EXPECT_EQ(error_at(folder / "empty"), "not an agon checkpoint: the file is empty");
  EXPECT_EQ(error_at(folder / "empty/below"), "no such file");
  put(folder / "table.csv", "age,sex\n1,2\n3,4\n");
  EXPECT_EQ(error_at(folder / "table.csv").substr(0, 24), "not an agon checkpoint: ");
  const std::string whole = serialize_checkpoint(example_checkpoint());
  put(folder / "cut", std::string_view(whole).substr(0, whole.size() - 1));
  EXPECT_EQ(error_at(folder / "cut"),
            "damaged: its CRC-32 is not the one it was written with (altered, or cut off)");
}

TEST(Checkpoint, WhatCannotBeReadIsNotWritten) {
  const TemporaryFolder folder;
  const auto path = folder / "x.safetensors";
  write_checkpoint(path, example_checkpoint());
  const std::string earlier = content_of(path);
  for (const float value : {NAN, INFINITY, -INFINITY})
    for (auto part :
         {&Gan::Snapshot::Tensor::value, &Gan::Snapshot::Tensor::moment1, &Gan::Snapshot::Tensor::moment2}) {
      Checkpoint checkpoint = example_checkpoint();
      (checkpoint.snapshot.tensors.back().*part).back() = value;
      try {
        write_checkpoint(path, checkpoint);
        FAIL() << "written";
      } catch (const DataError& error) {
        EXPECT_TRUE(std::string(error.what())
                        .starts_with(path.string() + ": not written: tensor discriminator.0.bias"));
      }
    }
  Checkpoint checkpoint = example_checkpoint();
  checkpoint.metadata["agon.mine"] = "";
  EXPECT_THROW(write_checkpoint(path, checkpoint), ConfigurationError);
  checkpoint = example_checkpoint();
  checkpoint.metadata["name"] = "\xff";
  EXPECT_THROW(write_checkpoint(path, checkpoint), DataError);
  checkpoint = example_checkpoint();
  checkpoint.snapshot.tensors.pop_back();
  EXPECT_THROW(write_checkpoint(path, checkpoint), ConfigurationError);
  checkpoint = example_checkpoint();
  checkpoint.snapshot.tensors[0].moment2.pop_back();
  EXPECT_THROW(write_checkpoint(path, checkpoint), ConfigurationError);
  checkpoint = example_checkpoint();
  checkpoint.config.batch = 0;
  EXPECT_THROW(write_checkpoint(path, checkpoint), ConfigurationError);
  EXPECT_EQ(content_of(path), earlier);
  EXPECT_EQ(folder.entries(), 1u);
  EXPECT_THROW(write_checkpoint(folder / "no/x", example_checkpoint()), Error);
}

TEST(Checkpoint, ARunGoesOnFromItsFileToTheSameBits) {
  const TemporaryFolder folder;
  const GanConfig config{.generator = {{3, 5, 4}}, .discriminator = {{4, 6, 1}}, .batch = 5};
  std::vector<float> table(4 * 12);
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = std::sin(static_cast<float>(i));
  Gan whole(config, Device::cpu(1));
  whole.set_data(table, 12);
  whole.train(7);
  const Checkpoint half{config, whole.snapshot(), whole.device().name(), whole.device().threads(), {}};
  write_checkpoint(folder / "half", half);
  whole.train(6);

  const Checkpoint read = read_checkpoint(folder / "half");
  expect_equal(read, half);
  Gan resumed(read.config, Device::cpu(read.threads));
  resumed.set_data(table, 12);
  resumed.restore(read.snapshot);
  resumed.train(6);
  expect_equal({config, resumed.snapshot(), "cpu", 1, {}}, {config, whole.snapshot(), "cpu", 1, {}});
}

/// The standard output of checkpoint_oracle.py and its exit code.
std::pair<std::string, int> oracle(const std::string& command, const std::filesystem::path& file) {
  const std::string line = std::string(AGON_PYTHON) + " '" + AGON_ENGINE_TESTS +
                           "/checkpoint/checkpoint_oracle.py' " + command + " '" + file.string() + "'";
  FILE* pipe = ::popen(line.c_str(), "r");
  std::string text;
  char piece[4096];
  for (std::size_t n; (n = std::fread(piece, 1, sizeof piece, pipe)) > 0;) text.append(piece, n);
  return {text, WEXITSTATUS(::pclose(pipe))};
}

void expect_equal(const nlohmann::json& read, const Checkpoint& written) {
  const auto& metadata = read.at("metadata");
  EXPECT_EQ(metadata.at("agon.format"), "1");
  EXPECT_EQ(metadata.at("agon.step"), std::to_string(written.snapshot.step));
  EXPECT_EQ(metadata.at("agon.threads"), std::to_string(written.threads));
  EXPECT_EQ(nlohmann::json::parse(metadata.at("agon.config").get<std::string>()).at("seed"),
            written.config.seed);
  for (const auto& [key, value] : written.metadata) EXPECT_EQ(metadata.at(key), value);
  EXPECT_EQ(read.at("tensors").size(), 3 * written.snapshot.tensors.size());
  for (const auto& tensor : written.snapshot.tensors)
    for (const auto& [suffix, values] : {std::pair("", &tensor.value), std::pair(".moment1", &tensor.moment1),
                                         std::pair(".moment2", &tensor.moment2)}) {
      const auto& other = read.at("tensors").at(tensor.name + suffix);
      EXPECT_EQ(other.at("shape"), tensor.shape);
      EXPECT_TRUE(std::ranges::equal(other.at("bits").get<std::vector<std::uint32_t>>(), *values, {}, {},
                                     std::bit_cast<std::uint32_t, float>));
    }
}

TEST(Checkpoint, AnIndependentReaderFindsTheSame) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "x.safetensors", example_checkpoint());
  const auto [text, code] = oracle("read", folder / "x.safetensors");
  ASSERT_EQ(code, 0);
  expect_equal(nlohmann::json::parse(text), example_checkpoint());
}

TEST(Checkpoint, ThePythonPackageFindsTheSame) {
  const TemporaryFolder folder;
  write_checkpoint(folder / "x.safetensors", example_checkpoint());
  const auto [text, code] = oracle("package", folder / "x.safetensors");
  if (code == 77) GTEST_SKIP() << "no `safetensors` package for " << AGON_PYTHON;
  ASSERT_EQ(code, 0);
  expect_equal(nlohmann::json::parse(text), example_checkpoint());
}

TEST(Checkpoint, ReadsWhatAnIndependentWriterWrote) {
  const TemporaryFolder folder;
  ASSERT_EQ(oracle("write", folder / "x.safetensors").second, 0);
  const Checkpoint read = read_checkpoint(folder / "x.safetensors");
  const GanConfig expected{.generator = {{1, 2, 1}, 0.25f},
                           .discriminator = {{1, 1}, 0.5f},
                           .objective = Objective::minimax,
                           .generator_rate = 1e-3,
                           .discriminator_rate = 2e-3,
                           .beta1 = 0.1,
                           .beta2 = 0.9,
                           .epsilon = 1e-7,
                           .real_label = 0.75,
                           .batch = 3,
                           .seed = UINT64_MAX,
                           .precision = kernels::Precision::tf32};
  EXPECT_EQ(read.config, expected);
  EXPECT_EQ(read.snapshot.step, 5u);
  EXPECT_EQ(read.snapshot.generator_updates, 6u);
  EXPECT_EQ(read.snapshot.discriminator_updates, 7u);
  EXPECT_EQ(read.metadata, (std::map<std::string, std::string>{{"columns", "[\"äge\"]"}}));
  float next = 0;
  for (const auto& tensor : read.snapshot.tensors)
    for (const auto* values : {&tensor.value, &tensor.moment1, &tensor.moment2})
      for (const float value : *values) EXPECT_EQ(value, next++);
  EXPECT_EQ(next, 27.0f);
}

}  // namespace checkpoint_test
}  // namespace agon
