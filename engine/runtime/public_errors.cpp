#include "engine/runtime/public_errors.hpp"

#include <unistd.h>

#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>

#include "kernels/error.hpp"

namespace agon {
namespace {

[[noreturn]] void throw_too_many(const std::string& where, std::int64_t rows, std::int64_t bytes) {
  throw Error(where + ": out of memory: cannot have " + std::to_string(rows) + " rows of " +
              std::to_string(bytes) + " bytes");
}

/// Nothing where no address is so large.
bool product(std::int64_t rows, std::int64_t bytes, std::size_t& all) {
  std::int64_t signed_all = 0;
  if (__builtin_mul_overflow(rows, bytes, &signed_all)) return false;
  all = static_cast<std::size_t>(signed_all);
  return true;
}

void require_not_negative(const std::string& where, std::int64_t rows) {
  if (rows < 0)
    throw ConfigurationError(where + ": a number of rows cannot be negative, " + std::to_string(rows));
}

/// Whether `rows` times `bytes`, then in `all`, may be had at all: of far more than the machine's memory a
/// system that promises what it does not have would say so only when it is used.
bool may_fit(std::int64_t rows, std::int64_t bytes, std::size_t& all) {
  const auto memory =
      static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return product(rows, bytes, all) && all / 4 <= memory;
}

}  // namespace

void throw_as_error(const char* where) {
  const std::string place = std::string(where) + ": ";
  try {
    throw;
  } catch (const Error&) {
    throw;
  } catch (const std::bad_alloc&) {
    throw Error(place + "out of memory");
  } catch (const std::length_error&) {
    throw Error(place + "out of memory: no memory is so large");
  } catch (const std::exception& error) {
    throw Error(place + error.what());
  }
}

std::vector<float> rows_of_zeros(const char* where, std::int64_t rows, std::int64_t width) {
  require_not_negative(where, rows);
  const std::int64_t bytes = width * std::int64_t{sizeof(float)};
  std::size_t all = 0;
  if (!may_fit(rows, bytes, all)) throw_too_many(where, rows, bytes);
  try {
    return std::vector<float>(all / sizeof(float));
  } catch (const std::exception&) {  // bad_alloc, length_error
    throw_too_many(where, rows, bytes);
  }
}

void require_memory(const char* where, std::int64_t rows, std::int64_t bytes) {
  require_not_negative(where, rows);
  std::size_t all = 0;
  void* const memory = may_fit(rows, bytes, all) ? ::operator new(all, std::nothrow) : nullptr;
  if (memory == nullptr) throw_too_many(where, rows, bytes);
  ::operator delete(memory);
}

void require_index(const char* where, const char* what, std::int64_t index, std::int64_t count) {
  if (index < 0 || index >= count)
    throw ConfigurationError(std::string(where) + ": " + what + " " + std::to_string(index) + " of " +
                             std::to_string(count) + " (counted from 0)");
}

}  // namespace agon
