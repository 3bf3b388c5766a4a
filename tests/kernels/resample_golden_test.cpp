// Resampled images and their gradients, exactly, against R3GAN's formulas in PyTorch
// (tests/golden/make_resample.py).
#include <fstream>
#include <nlohmann/json.hpp>

#include "kernels/resample.hpp"
#include "tests/kernels/device_fixture.hpp"

namespace agon::test {
namespace resample_golden_test {

using kernels::Resample;
using nlohmann::json;

class ResampleGolden : public OnDevice {
 protected:
  std::vector<float> run(Resample op, const std::vector<float>& x) {
    const auto from = input(x);
    const auto to = output<float>(static_cast<std::size_t>(op.batch * op.out().size()));
    op.x = from.data(), op.y = to.data();
    kernels::resample(queue(), op);
    return to.get();
  }
};
AGON_ON_EVERY_DEVICE(ResampleGolden);

TEST_P(ResampleGolden, EqualsR3gans) {
  const json golden = json::parse(std::ifstream(AGON_GOLDEN_FOLDER "/resample.json"));
  ASSERT_GE(golden.at("cases").size(), 12u);
  for (const json& one : golden.at("cases")) {
    SCOPED_TRACE(one.at("filter").dump() + (one.at("up") ? " up " : " down ") + one.at("coarse").dump());
    const auto coarse = one.at("coarse").get<std::vector<std::int64_t>>();
    Resample op{
        .batch = coarse[0],
        .coarse = {coarse[1], coarse[2], coarse[3]},
        .filter = one.at("filter") == "box" ? kernels::ResampleFilter::box : kernels::ResampleFilter::linear,
        .up = one.at("up").get<bool>()};
    EXPECT_EQ(run(op, one.at("x")), one.at("y").get<std::vector<float>>());
    op.scale = op.up ? 4.0f : 0.25f, op.up = !op.up;  // the way back
    EXPECT_EQ(run(op, one.at("dy")), one.at("dx").get<std::vector<float>>());
    release();
  }
}

}  // namespace resample_golden_test
}  // namespace agon::test
