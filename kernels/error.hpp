// The errors agon throws. The program maps each to an exit code; a library caller catches agon::Error.
#pragma once

#include <stdexcept>
#include <string>

namespace agon {

/// Base of every error: one line, made for a person to read.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A configuration that cannot be run: an impossible width, an unknown key, a mismatched architecture.
struct ConfigurationError : Error {
  using Error::Error;
};

/// Data that cannot be used: a malformed table or checkpoint. The text starts with the place
/// (file:line:column).
struct DataError : Error {
  using Error::Error;
};

/// The device asked for is absent, or a CUDA, cuBLAS or cuDNN call failed (call, file and line are in the
/// text).
struct DeviceError : Error {
  using Error::Error;
};

}  // namespace agon
