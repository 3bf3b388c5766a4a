// What is suggested for a wrong name.
#include "engine/table/suggestion.hpp"

#include <gtest/gtest.h>

namespace agon {
namespace suggestion_test {

TEST(Suggestion, EditDistanceIsTheTextbooks) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("saturday", "sunday"), 3u);
  EXPECT_EQ(edit_distance("trian", "train"), 1u);  // neighbours swapped
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);       // optimal string alignment, not Damerau-Levenshtein's 2
}

TEST(Suggestion, OnlyWhatIsNear) {
  const std::vector<std::string> names{"--epochs", "--epsilon", "--batch"};
  EXPECT_EQ(suggestion("--epoch", names), "; did you mean '--epochs'?");
  EXPECT_EQ(suggestion("--completely-else", names), "");
  EXPECT_EQ(suggestion("x", {}), "");
}

}  // namespace suggestion_test
}  // namespace agon
