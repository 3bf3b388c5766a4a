// Where an operation's forms are declared: one for each backend, in a namespace of its own.
//
// cpu_generic, cpu_v3 and cpu_v4 hold the processor's, which is written once (kernels/cpu/) and compiled once
// for each instruction set, with AGON_CPU_VARIANT standing for the namespace. An inline function or a
// template instantiated outside that namespace would be merged by the linker across the variants, and an old
// processor could then run the new one's instructions: the processor's sources keep their helpers in the
// namespace, and instantiate nothing from std:: that is not inlined.
//
// cuda holds CUDA's, which is also the simulated device's (kernels/cuda/).
//
// A form that a build lacks is declared weak there, so that its address is null; kernels/dispatch.hpp looks.
#pragma once

// Both are set for the library's own sources alone: what links them with a simulated device defines CUDA's
// forms.
#if defined(AGON_WITHOUT_CUDA)
#define AGON_CUDA_FORM [[gnu::weak]]
#else
#define AGON_CUDA_FORM
#endif

#if defined(AGON_WITHOUT_X86_VARIANTS)
#define AGON_X86_FORM [[gnu::weak]]
#else
#define AGON_X86_FORM
#endif

/// Declares what it is given, a function, for every variant of the processor's code.
#define AGON_ON_PROCESSOR(...) \
  namespace cpu_generic {      \
  __VA_ARGS__;                 \
  }                            \
  namespace cpu_v3 {           \
  AGON_X86_FORM __VA_ARGS__;   \
  }                            \
  namespace cpu_v4 {           \
  AGON_X86_FORM __VA_ARGS__;   \
  }                            \
  static_assert(true, "for the semicolon")

#define AGON_ON_CUDA(...)     \
  namespace cuda {            \
  AGON_CUDA_FORM __VA_ARGS__; \
  }                           \
  static_assert(true, "for the semicolon")

#define AGON_ON_BACKENDS(...)     \
  AGON_ON_PROCESSOR(__VA_ARGS__); \
  AGON_ON_CUDA(__VA_ARGS__)
