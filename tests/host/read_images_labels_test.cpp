// Labels from a table.
#include <gtest/gtest.h>

#include "tests/host/read_images_cases.hpp"

namespace agon::host {
namespace {

using namespace agon::test;
using Names = std::vector<std::string>;

class ReadImagesLabels : public testing::Test {
 protected:
  ReadImagesLabels() {
    put_below(images_ / "a" / "1.png", plain_png(2, 2, 1));
    put_below(images_ / "a" / "2.png", plain_png(2, 2, 2));
    put_below(images_ / "b" / "2.png", plain_png(2, 2, 3));
    options_.labels = folder_ / "labels.csv";
  }
  ReadImages read(const std::string& table) {
    put(options_.labels, table);
    return read_images(images_, options_);
  }
  void refused(const std::string& table, const std::vector<std::string>& words) {
    put(options_.labels, table);
    const std::string text = refusal(images_, options_);
    EXPECT_TRUE(text.starts_with(options_.labels.string() + ":")) << text;
    for (const std::string& word : words)
      EXPECT_NE(text.find(word), text.npos) << text << "\n lacks " << word;
  }

  TemporaryFolder folder_;
  std::filesystem::path images_ = folder_ / "images";
  ImageReading options_;
};

TEST_F(ReadImagesLabels, ByPathOrByANameThatIsUnique) {
  const ReadImages read_in =
      read("age,label,file\n50,ill,b/2.png\n60,well,1.png\n70,ill,a/2.png\n80,ill,a/2.png\n");
  EXPECT_EQ(read_in.set.label_names, (Names{"ill", "well"}));
  EXPECT_EQ(read_in.set.labels, (std::vector<std::int32_t>{1, 0, 0}));
  EXPECT_NE(finding_with(read_in.findings, "ill (2), well (1)"), "");
}

TEST_F(ReadImagesLabels, RowsOfNoImageAreCounted) {
  const ReadImages read_in = read("file,label\n9.png,x\n2.png,x\na/1.png,x\na/2.png,x\nb/2.png,y\n");
  EXPECT_NE(finding_with(read_in.findings,
                         "2 rows that name no image of the folder, or one of several so called, left out; "
                         "the first: '9.png'"),
            "")
      << testing::PrintToString(read_in.findings);
}

TEST_F(ReadImagesLabels, TablesThatDoNotFit) {
  refused("file,label\na/1.png,x\na/2.png,x\n", {"no row for 1 image, the first: b/2.png"});
  refused("file,label\na/1.png,x\na/2.png,x\n", {"no row for 1 image"});
  refused("file,class\na/1.png,x\n", {"no column 'label'"});
  refused("image,label\na/1.png,x\n", {"no column 'file'"});
  refused("file,label\na/1.png,x\na/2.png,\nb/2.png,y\n", {":3:", "no label"});
  refused("file,label\na/1.png,x\n1.png,y\na/2.png,x\nb/2.png,y\n",
          {":3:", "'1.png' is labelled 'y', and 'x' in an earlier row"});
}

}  // namespace
}  // namespace agon::host
