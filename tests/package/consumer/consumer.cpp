#include <agon/agon.hpp>
#include <cstdio>

int main() {
  agon::GanConfig config{.generator = {{4, 16, 2}}, .discriminator = {{2, 16, 1}}, .batch = 8};
  agon::Gan gan(config, agon::Device::cpu(1));
  gan.set_data(std::vector<float>(2 * 32, 0.5f), 32);
  gan.train(50);
  agon::write_checkpoint("consumer.safetensors", {config, gan.snapshot(), gan.device().name(), 1, {}});
  const auto step = agon::read_checkpoint("consumer.safetensors").snapshot.step;
  const auto rows = gan.sample(3, /*seed=*/1).size() / 2;
  std::printf("trained %d steps on cpu, drew %d rows\n", static_cast<int>(step), static_cast<int>(rows));
}
