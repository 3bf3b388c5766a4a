// Which normalisation a layer has.
#pragma once

#include <cstdint>

namespace agon::kernels {

/// Over which numbers mean and variance are taken: those of a column over the rows of a batch (Ioffe,
/// Szegedy, "Batch normalization", 2015), or those of a row (Ba, Kiros, Hinton, "Layer normalization", 2016).
enum class NormKind : std::int32_t { none, batch, layer };

}  // namespace agon::kernels
