// What a call of the library throws.
#pragma once

#include <gtest/gtest.h>

#include <exception>
#include <string>
#include <typeinfo>

#include "kernels/error.hpp"

namespace agon::test {

/// The text of the agon::Error that a call throws; a failed test where it throws nothing, or anything else.
template <class Call>
std::string error_of(const Call& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_FALSE(text.empty());
    return text;
  } catch (const std::exception& error) {
    ADD_FAILURE() << "no agon::Error but " << typeid(error).name() << ": " << error.what();
  } catch (...) {
    ADD_FAILURE() << "no agon::Error but something else";
  }
  return {};
}

}  // namespace agon::test
