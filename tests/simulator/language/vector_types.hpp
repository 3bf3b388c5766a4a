// CUDA's built-in vector types, as far as kernels use them. Source: CUDA C++ Programming Guide, "Built-in
// Types".
#pragma once

struct uint3 {
  unsigned int x, y, z;
};

struct dim3 {
  unsigned int x, y, z;
  constexpr dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1) : x(vx), y(vy), z(vz) {}
};

// The types CUDA aligns to their size can be read and written in one access; float3 and its like cannot.
#define AGON_VECTOR_TYPES(T, scalar, of_two, of_four)                         \
  struct T##1 {                                                               \
    scalar x;                                                                 \
  };                                                                          \
  struct alignas(of_two) T##2 {                                               \
    scalar x, y;                                                              \
  };                                                                          \
  struct T##3 {                                                               \
    scalar x, y, z;                                                           \
  };                                                                          \
  struct alignas(of_four) T##4 {                                              \
    scalar x, y, z, w;                                                        \
  };                                                                          \
  inline T##1 make_##T##1(scalar x) { return {x}; }                           \
  inline T##2 make_##T##2(scalar x, scalar y) { return {x, y}; }              \
  inline T##3 make_##T##3(scalar x, scalar y, scalar z) { return {x, y, z}; } \
  inline T##4 make_##T##4(scalar x, scalar y, scalar z, scalar w) { return {x, y, z, w}; }

AGON_VECTOR_TYPES(float, float, 8, 16)
AGON_VECTOR_TYPES(int, int, 8, 16)
AGON_VECTOR_TYPES(short, short, 4, 8)
AGON_VECTOR_TYPES(ushort, unsigned short, 4, 8)
AGON_VECTOR_TYPES(char, signed char, 2, 4)
AGON_VECTOR_TYPES(uchar, unsigned char, 2, 4)
#undef AGON_VECTOR_TYPES

struct uint1 {
  unsigned int x;
};
struct alignas(8) uint2 {
  unsigned int x, y;
};
struct alignas(16) uint4 {
  unsigned int x, y, z, w;
};
inline uint2 make_uint2(unsigned int x, unsigned int y) { return {x, y}; }
inline uint3 make_uint3(unsigned int x, unsigned int y, unsigned int z) { return {x, y, z}; }
inline uint4 make_uint4(unsigned int x, unsigned int y, unsigned int z, unsigned int w) {
  return {x, y, z, w};
}

struct alignas(16) double2 {
  double x, y;
};
inline double2 make_double2(double x, double y) { return {x, y}; }
