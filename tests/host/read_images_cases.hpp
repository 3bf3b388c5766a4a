// What tests of reading images share.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "host/images/read_images.hpp"
#include "kernels/error.hpp"
#include "tests/host/image_files.hpp"

namespace agon::test {

/// The text of the DataError that reading throws.
inline std::string refusal(const std::filesystem::path& path, const host::ImageReading& options = {}) {
  try {
    host::read_images(path, options);
  } catch (const DataError& error) {
    const std::string text = error.what();
    EXPECT_EQ(text.find('\n'), text.npos) << text;
    return text;
  }
  ADD_FAILURE() << path << " was read";
  return {};
}

/// One line that begins with the path and holds the words.
inline void expect_refused(const std::filesystem::path& path, const std::filesystem::path& blamed,
                           const std::vector<std::string>& words, const host::ImageReading& options = {}) {
  const std::string text = refusal(path, options);
  EXPECT_TRUE(text.starts_with(blamed.string() + ": ")) << text;
  for (const std::string& word : words) EXPECT_NE(text.find(word), text.npos) << text << "\n lacks " << word;
}

}  // namespace agon::test
