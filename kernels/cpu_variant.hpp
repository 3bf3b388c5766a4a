// Which instruction set the processor's operations use. Each is compiled for several; the best that this
// processor has is taken, once, on first use.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agon::kernels {

enum class CpuVariant : int { generic, v3, v4 };

/// Throws as cpu_variant() does.
CpuVariant chosen_cpu_variant();

/// "generic", "v3" (AVX2, FMA) or "v4" (AVX-512): the x86-64 psABI levels. The environment's AGON_ISA takes a
/// lower one; throws ConfigurationError where that names none that this processor can run.
const char* cpu_variant();

/// Those that this processor can run, the best last.
std::vector<std::string> cpu_variants();

/// Takes another from now on, for tests and comparisons; not while an operation runs. Throws as cpu_variant()
/// does.
void select_cpu_variant(std::string_view name);

}  // namespace agon::kernels
