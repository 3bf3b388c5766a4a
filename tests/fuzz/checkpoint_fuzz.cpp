// Any bytes either are a checkpoint, which then survives being written and read, or are refused with a
// DataError.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/checkpoint/checkpoint.hpp"
#include "engine/checkpoint/crc32.hpp"
#include "kernels/error.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

constexpr std::size_t kLengthBytes = 8;

/// Parses, and if that works, checks that writing and reading once more gives the same bytes.
void parse(const std::string& file) {
  agon::Checkpoint checkpoint;
  try {
    checkpoint = agon::parse_checkpoint(file);
  } catch (const agon::DataError&) {
    return;
  }
  const std::string written = agon::serialize_checkpoint(checkpoint);
  if (agon::serialize_checkpoint(agon::parse_checkpoint(written)) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  parse(file);
  if (agon::crc32::present(file)) {  // what lies behind the CRC-32 shall be fuzzed as well
    agon::crc32::set(file, agon::crc32::computed(file));
    parse(file);
  }
  return 0;
}

/// Mostly changes the header and lets its length follow: else nearly every change would end at the length.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  if (size < kLengthBytes || seed % 8 == 0) return LLVMFuzzerMutate(data, size, max_size);
  std::uint64_t length = 0;
  std::memcpy(&length, data, kLengthBytes);
  length = std::min<std::uint64_t>(length, size - kLengthBytes);
  auto* header_begin = data + kLengthBytes;
  const std::string tensors(header_begin + length, data + size);
  std::string header(header_begin, header_begin + length);
  header.resize(max_size - kLengthBytes - tensors.size());
  length = LLVMFuzzerMutate(reinterpret_cast<std::uint8_t*>(header.data()), length, header.size());
  std::memcpy(data, &length, kLengthBytes);
  std::memcpy(data + kLengthBytes, header.data(), length);
  std::memcpy(data + kLengthBytes + length, tensors.data(), tensors.size());
  return kLengthBytes + length + tensors.size();
}
