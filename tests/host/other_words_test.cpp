#include "host/config/other_words.hpp"

#include <gtest/gtest.h>

namespace agon::host {
namespace other_words_test {

const std::vector<std::string> kFlags = {"--batch", "--out", "--generator-rate", "--discriminator-rate",
                                         "--epochs"};

TEST(FlagSuggestion, KnowsOtherProgramsWords) {
  EXPECT_EQ(flag_suggestion("--batch-size", kFlags), "; did you mean '--batch'?");
  EXPECT_EQ(flag_suggestion("--Batch_Size", kFlags), "; did you mean '--batch'?");
  EXPECT_EQ(flag_suggestion("-o", kFlags), "; did you mean '--out'?");
  EXPECT_EQ(flag_suggestion("--lr", kFlags), "; did you mean '--generator-rate' and '--discriminator-rate'?");
}

TEST(FlagSuggestion, NamesFlagsOfTheCommandAlone) {
  EXPECT_EQ(flag_suggestion("--lr", {"--generator-rate"}), "; did you mean '--generator-rate'?");
  EXPECT_EQ(flag_suggestion("--lr", {"--out"}), "");
  EXPECT_EQ(flag_suggestion("--n-samples", kFlags), "");
}

TEST(FlagSuggestion, FallsBackOnWhatIsSpelledNearlySo) {
  EXPECT_EQ(flag_suggestion("--epohcs", kFlags), "; did you mean '--epochs'?");
  EXPECT_EQ(flag_suggestion("--EPOCHS", kFlags), "; did you mean '--epochs'?");
  EXPECT_EQ(flag_suggestion("--", kFlags), "");
  EXPECT_EQ(flag_suggestion("", kFlags), "");
}

}  // namespace other_words_test
}  // namespace agon::host
