// What a run calls what it learns from.
#include "host/run/data_words.hpp"

#include <gtest/gtest.h>

namespace agon::test {
namespace data_words_test {

TEST(DataWords, OfImages) {
  EXPECT_EQ(host::in_words_of_images(
                "G's rows collapse: each row, arrows, the columns' means of the table's column"),
            "G's images collapse: each image, arrows, the pixels' means of the data's pixel");
  EXPECT_EQ(host::in_words_of_images(""), "");
  GanConfig config;
  EXPECT_EQ(host::in_words_of(config, "rows"), "rows");
  config.generator.images.role = ImageRole::makes;
  EXPECT_EQ(host::in_words_of(config, "rows"), "images");
}

TEST(DataWords, Epochs) {
  EXPECT_EQ(host::epochs_text(1, 24, 8), "0.33 epochs");
  EXPECT_EQ(host::epochs_text(1, 10'000, 8), "0.0008 epochs");
  EXPECT_EQ(host::epochs_text(3, 24, 8), "1 epoch");
  EXPECT_EQ(host::epochs_text(5, 24, 8), "2 epochs");
  EXPECT_EQ(host::epochs_text(30'000, 24, 8), "10,000 epochs");
}

}  // namespace data_words_test
}  // namespace agon::test
