// Files with a right CRC-32 that are no checkpoint all the same, and files of others.
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <nlohmann/json.hpp>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/checkpoint/config_json.hpp"
#include "engine/checkpoint/crc32.hpp"
#include "engine/checkpoint/safetensors.hpp"
#include "tests/engine/checkpoint/example_checkpoint.hpp"

namespace agon {
namespace checkpoint_forgery_test {

using test::error_of;
using test::example_checkpoint;

/// A file like `serialize_checkpoint`'s with a right CRC-32, after `change` had its way with what it holds.
std::string forged(
    const std::function<void(safetensors::Metadata&, std::vector<safetensors::Tensor>&)>& change) {
  const std::string original = serialize_checkpoint(example_checkpoint());
  safetensors::File file = safetensors::parse(original);
  safetensors::Metadata metadata = {{std::string(crc32::kKey), std::string(crc32::kBlank)}};
  for (const auto& entry : file.metadata)
    if (entry.first != crc32::kKey) metadata.push_back(entry);
  change(metadata, file.tensors);
  std::string bytes = safetensors::header(metadata, file.tensors);
  for (const auto& tensor : file.tensors) bytes += tensor.bytes;
  crc32::set(bytes, crc32::computed(bytes));
  return bytes;
}

std::string with_metadata(const std::string& key, const std::string& value) {
  return forged([&](auto& metadata, auto&) {
    std::erase_if(metadata, [&](const auto& entry) { return entry.first == key; });
    metadata.emplace_back(key, value);
  });
}

std::string with_config(const std::function<void(nlohmann::json&)>& change) {
  nlohmann::json config = nlohmann::json::parse(to_json(example_checkpoint().config));
  change(config);
  return with_metadata("agon.config", config.dump());
}

TEST(CheckpointForgery, FilesOfOthersAndOfTheFutureAreToldApart) {
  const std::string data(8, '\0');
  const std::array tensors = {safetensors::Tensor{"wte.weight", "F16", {2, 2}, data}};
  EXPECT_EQ(error_of(safetensors::header({{"format", "pt"}}, tensors) + data),
            "not an agon checkpoint: a safetensors file of another program");
  EXPECT_EQ(error_of(with_metadata("agon.format", "3")),
            "written by a newer agon: its format is 3, this program reads those up to 2");
  EXPECT_EQ(error_of(with_metadata("agon.format", "2")), "its metadata lacks agon.holds");
  EXPECT_EQ(error_of(safetensors::header({{"agon.format", "17"}, {"agon.checksum", "sha"}}, tensors) + data),
            "written by a newer agon: its format is 17, this program reads those up to 2");
  EXPECT_EQ(error_of(with_metadata("agon.format", "0")), "its format, 0, is unknown");
  EXPECT_EQ(error_of(with_metadata("agon.format", "1.0")),
            R"(its metadata's agon.format is no number: "1.0")");
  const std::string original = serialize_checkpoint(example_checkpoint());
  const safetensors::File file = safetensors::parse(original);
  std::string rewritten = safetensors::header(  // by a program that sorts metadata
      {file.metadata.begin(), file.metadata.end()}, file.tensors);
  for (const auto& tensor : file.tensors) rewritten += tensor.bytes;
  EXPECT_EQ(error_of(rewritten), "damaged: its header is not as agon wrote it");
}

TEST(CheckpointForgery, ForgedContentsAreRefused) {
  using Tensors = std::vector<safetensors::Tensor>;
  const auto error_with = [](const std::function<void(Tensors&)>& change) {
    return error_of(forged([&](auto&, Tensors& tensors) { change(tensors); }));
  };
  EXPECT_EQ(error_with([](Tensors&) {}), "accepted") << "the forger itself is at fault";
  EXPECT_EQ(error_with([](Tensors& t) { t.erase(t.begin() + 1); }),
            R"(tensor "generator.0.weight.moment1" is missing)");
  EXPECT_EQ(error_with([](Tensors& t) {
              t.push_back({"extra", "F32", {0}, {}});
            }),
            R"(tensor "extra" is none of its configuration's)");
  const std::string another =
      R"(tensor "generator.0.weight" has another type or shape than its configuration says)";
  EXPECT_EQ(error_with([](Tensors& t) { t[0].dtype = "I32"; }), another);
  EXPECT_EQ(error_with([](Tensors& t) { std::swap(t[0].shape[0], t[0].shape[1]); }), another);
  EXPECT_EQ(error_with([](Tensors& t) { t[0].shape = {6}; }), another);
  for (const float value : {NAN, INFINITY, -INFINITY})
    EXPECT_EQ(error_with([&](Tensors& t) {
                static std::string bytes;
                bytes = t[5].bytes;
                bytes.replace(bytes.size() - 4, 4, reinterpret_cast<const char*>(&value), 4);
                t[5].bytes = bytes;
              }),
              R"(tensor "generator.0.bias.moment2" holds values that are not finite)");
}

TEST(CheckpointForgery, ForgedMetadataIsRefused) {
  for (const char* key :
       {"agon.config", "agon.step", "agon.generator_updates", "agon.device", "agon.threads"}) {
    const std::string file = forged([&](auto& metadata, auto&) {
      std::erase_if(metadata, [&](const auto& entry) { return entry.first == key; });
    });
    EXPECT_EQ(error_of(file), std::string("its metadata lacks ") + key);
  }
  for (const char* value : {"", " 1", "1 ", "-1", "+1", "0x1", "1e3", "18446744073709551616"})
    EXPECT_EQ(error_of(with_metadata("agon.step", value)),
              "its metadata's agon.step is no number: " + safetensors::printable(value));
  EXPECT_EQ(error_of(with_metadata("agon.threads", "-1")),
            R"(its metadata's agon.threads is no number: "-1")");
  EXPECT_EQ(error_of(with_metadata("agon.new", "")), R"(its metadata's "agon.new" is unknown)");
}

/// Of numbers that would overflow a count on the way, too.
TEST(CheckpointForgery, ForgedGamesAndLayersAreRefused) {
  using Json = nlohmann::json;
  const std::string start = "its configuration";
  const auto with = [](const char* key, const Json& value) {
    return error_of(with_config([&](Json& c) { c[key] = value; }));
  };
  const auto with_generator = [](const char* key, const Json& value) {
    return error_of(with_config([&](Json& c) { c["generator"][key] = value; }));
  };
  EXPECT_EQ(with("pack", INT64_MAX).substr(0, 6 + start.size()), start + ": pack");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["batch"] = 0, c["pack"] = INT64_MAX / 2; })),
            start + ": pack: 4611686018427387903 is not between 1 and 1048576");
  EXPECT_EQ(with("penalties", {{"r1", 1}, {"r2", 1}, {"dragan", 0}}),
            start + "'s penalties' entries are not the 4 that this version of agon knows");
  EXPECT_EQ(with("penalties", {{"r1", -1}, {"r2", 1}, {"dragan", 0}, {"wgan_gp", 0}}),
            start + ": penalties.r1: -1 is not a finite number >= 0");
  EXPECT_EQ(with("instance_noise", {{"deviation", 0.1}, {"steps", -1}}),
            start + "'s instance_noise.steps is no whole number");
  EXPECT_EQ(with_generator("norm", "group"), start + ": norm: 'group' is none of none, batch, layer");
  EXPECT_EQ(with_generator("residual", 1), start + "'s generator.residual is no text");
  EXPECT_EQ(with_generator("output", "relu"), start + ": output: 'relu' is none of identity, tanh, sigmoid");
  EXPECT_EQ(with_generator("dropout", 1), start + ": generator.dropout: 1 is not in [0, 1)");
  EXPECT_EQ(error_of(with_config([](Json& c) {
              c["generator"]["widths"] = std::vector<std::int64_t>(5000, 1 << 20);
              c["generator"]["residual"] = true;
            })),
            start + ": generator: 5000 widths are more than 256");
}

TEST(CheckpointForgery, ForgedConfigurationsAreRefused) {
  using Json = nlohmann::json;
  const std::string start = "its configuration";
  EXPECT_EQ(error_of(with_metadata("agon.config", "{")), start + " is no JSON");
  EXPECT_EQ(error_of(with_metadata("agon.config", R"({"a":1e999})")), start + " is no JSON");
  EXPECT_EQ(error_of(with_config([](Json& c) { c = Json::array(); })).substr(0, start.size()), start);
  EXPECT_EQ(error_of(with_config([](Json& c) { c["momentum"] = 1; })),
            start + "'s entries are not the 12 that this version of agon knows");
  EXPECT_EQ(error_of(with_config([](Json& c) { c.erase("beta1"), c["beta3"] = 1; })),
            start + "'s beta1 is missing");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["epsilon"] = "x"; })), start + "'s epsilon is no number");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["epsilon"] = nullptr; })),
            start + "'s epsilon is no number");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["batch"] = 1.5; })), start + "'s batch is no whole number");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["batch"] = UINT64_MAX; })), start + "'s batch is too large");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["seed"] = -1; })), start + "'s seed is no whole number");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["generator"]["widths"] = 3; })),
            start + "'s generator.widths is no list");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["generator"]["widths"][0] = "3"; })),
            start + "'s generator.widths[0] is no whole number");
  const auto with_schedule = [](const char* key, const Json& value) {
    return with_config([&](Json& c) {
      c["rate_schedule"] = {{"shape", "linear"}, {"warmup_steps", 1}, {"steps", 9}, {"final_fraction", 0.5}};
      c["rate_schedule"][key] = value;
    });
  };
  EXPECT_EQ(error_of(with_schedule("steps", 10)), "accepted");
  EXPECT_EQ(error_of(with_schedule("steps", -1)), start + "'s rate_schedule.steps is no whole number");
  EXPECT_EQ(error_of(with_schedule("steps", 1)),
            start + ": warm-up: its 1 steps leave none of the schedule's 1");
  EXPECT_EQ(error_of(with_schedule("shape", "step")),
            start + ": rate schedule: 'step' is none of constant, linear, cosine");
  EXPECT_EQ(error_of(with_schedule("period", 3)),
            start + "'s rate_schedule's entries are not the 4 that this version of agon knows");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["ema_samples"] = 64; })),
            R"(tensor "generator.0.weight.average" is missing)");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["ema_samples"] = "on"; })),
            start + "'s ema_samples is no number");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["weight_decay"] = 0.01; })), "accepted");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["clip_norm"] = 1; })), "accepted");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["spectral_norm"] = true; })),
            R"(tensor "discriminator.0.weight.left_singular" is missing)");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["spectral_norm"] = 1; })),
            start + "'s spectral_norm is neither true nor false");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["weight_decay"] = -1; })),
            start + ": weight_decay: -1 is not between 0 and 1");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["rate_schedule"] = 3; })),
            start + "'s rate_schedule's entries are not the 4 that this version of agon knows");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["objective"] = "maximin"; })),
            start +
                ": objective: 'maximin' is none of non-saturating, minimax, hinge, least-squares, "
                "wasserstein, relativistic");
  EXPECT_EQ(error_of(with_config([](Json& c) { c["generator"]["widths"] = {}; })).substr(0, start.size()),
            start);
  EXPECT_EQ(error_of(with_config([](Json& c) { c["generator"]["widths"][1] = 4; })),
            R"(tensor "generator.0.weight" has another type or shape than its configuration says)");
  EXPECT_EQ(error_of(with_config([](Json& c) {
              c["generator"]["widths"] = {2, 3, 3, 2};
            })).substr(0, 6),
            "tensor");
}

}  // namespace checkpoint_forgery_test
}  // namespace agon
