// What leaves the library is an agon::Error.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace agon {

/// While an exception is handled: throws it on where it is an Error, else an Error that says the same.
/// `where` begins its text: "sample()".
[[noreturn]] void throw_as_error(const char* where);

/// Does the work of a public function. Not around what a caller has handed over: its exceptions are his own.
template <class Work>
decltype(auto) with_errors_of(const char* where, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    throw_as_error(where);
  }
}

/// (rows, width) zeros. Throws Error where the memory cannot be had, with the bytes; ConfigurationError where
/// `rows` is negative.
std::vector<float> rows_of_zeros(const char* where, std::int64_t rows, std::int64_t width);

/// Throws Error where so much memory, `rows` times `bytes`, cannot be had now: before work that would end
/// there much later.
void require_memory(const char* where, std::int64_t rows, std::int64_t bytes);

/// Throws ConfigurationError: "<where>: <what> 7 of 3" where `index` is none of 0, ..., count - 1.
void require_index(const char* where, const char* what, std::int64_t index, std::int64_t count);

}  // namespace agon
