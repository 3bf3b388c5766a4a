// The page of an evaluation of images: whole, well-formed, and without a real image unless it is asked for.
#include "host/report/images/image_page.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>
#include <string>

#include "host/images/write_images.hpp"
#include "host/report/images/picture.hpp"
#include "host/report/report.hpp"
#include "tests/host/image_families.hpp"
#include "tests/host/markup_check.hpp"

namespace agon::test {
namespace image_page_test {

using host::ImageEvaluation;
using host::ImagePage;
using host::ImageSet;

const ImageSet& train() {
  static const ImageSet images = [] {
    ImageSet made = shape_images(120, 21);
    made.label_names = {"<disk>", "ring & 'co'", "cross", "stripes"};
    return made;
  }();
  return images;
}
const ImageSet& held_out() {
  static const ImageSet images = [] {
    ImageSet made = shape_images(60, 22);
    made.label_names = train().label_names;
    return made;
  }();
  return images;
}
ImageSet drawn() {
  ImageSet made = shape_images(64, 23);
  made.labels.clear();
  made.label_names.clear();
  return made;
}

std::string page_html(const ImageEvaluation& evaluation, const ImagePage& page) {
  return host::report_html({.title = "s<y>n", .images = &evaluation, .image_page = &page});
}

ImageEvaluation evaluation_of(const ImageSet& synthetic) {
  return evaluate_images(train(), held_out(), synthetic, {}, Device::cpu(2));
}

/// The pictures of a page, decoded by what wrote them: PNG of equal pixels is equal.
std::string grid_of(const ImageSet& images, std::int64_t columns) {
  const host::ImageGrid grid = host::image_grid(images.shape, images.pixels, columns);
  return host::png_bytes(grid.shape, grid.pixels);
}

TEST(ImagePage, HasEveryPartAndIsWellFormed) {
  const ImageSet synthetic = drawn();
  const ImageEvaluation evaluation = evaluation_of(synthetic);
  const ImagePage page =
      image_page(evaluation, {train(), held_out(), synthetic, nullptr, true}, {{"seed", "1 <2>"}});
  const std::string html = page_html(evaluation, page);
  expect_well_formed(html);
  for (const char* const words :
       {"How far to trust s&lt;y&gt;n", "Do they look like real images?",
        "Is every kind of real image there?", "Does it keep patients private?", "wavelet packet distance",
        "coverage", "Which classes are there", "&lt;disk&gt;", "Copies of training images",
        "The nearest real images", "The closest pairs", "of held-out images are as near", "by features",
        "What was compared", "1 &lt;2&gt;"})
    EXPECT_GT(count(html, words), 0u) << words;
  EXPECT_EQ(count(html, "<img "), 2u + 12u + 12u);
  EXPECT_EQ(count(html, " alt=\""), 2u + 12u + 12u);
  EXPECT_EQ(count(html, " alt=\"\""), 0u);
  EXPECT_EQ(count(html, "<script"), 0u);
  EXPECT_EQ(count(html, "nan"), 0u);
  EXPECT_EQ(count(html, "http://www.w3.org/1999/xhtml"), count(html, "http"));  // loads nothing
}

TEST(ImagePage, ShowsNoRealImageByDefault) {
  ImageSet synthetic = drawn();
  const auto copy = [&](const ImageSet& from, std::int64_t which, std::int64_t to) {
    std::copy_n(from.pixels.begin() + which * from.shape.size(), from.shape.size(),
                synthetic.pixels.begin() + to * from.shape.size());
  };
  copy(train(), 5, 0);      // the first that would be shown
  copy(held_out(), 7, 40);  // a real one that was not learnt is as much a patient's
  copy(train(), 5, 63);
  const ImageEvaluation evaluation = evaluation_of(synthetic);
  const ImagePage page = image_page(evaluation, {train(), held_out(), synthetic}, {});
  EXPECT_TRUE(page.real.png.empty());
  EXPECT_TRUE(page.pairs.empty());
  EXPECT_TRUE(page.beside.empty());
  EXPECT_EQ(page.copies_left_out, 3);
  EXPECT_EQ(page.synthetic.images, 61);
  std::vector<std::int64_t> others;
  for (std::int64_t i = 1; i < 63; ++i)
    if (i != 40) others.push_back(i);
  EXPECT_EQ(page.synthetic.png, grid_of(part(synthetic, others), 8));
  const std::string html = page_html(evaluation, page);
  expect_well_formed(html);
  EXPECT_EQ(count(html, "<img "), 1u);
  EXPECT_GT(count(html, "3 synthetic images are not shown here"), 0u);
  EXPECT_EQ(count(html, "The closest pairs"), 0u);
  EXPECT_EQ(count(html, "The nearest real images"), 0u);

  const ImagePage asked = image_page(evaluation, {train(), held_out(), synthetic, nullptr, true}, {});
  EXPECT_EQ(asked.synthetic.images, 64);
  EXPECT_EQ(asked.pairs.at(0).pair.distance, 0);
  EXPECT_GE(count(page_html(evaluation, asked), "<strong>nearer than any "), 2u);
  EXPECT_EQ(asked.real.images, 64);
}

/// A path on which a real image lies is left out, too.
TEST(ImagePage, PathsShowNoRealImageByDefault) {
  const ImageSet synthetic = drawn(), clean = shape_images(2 * host::kBetween, 24);
  ImageSet between = clean;
  std::copy_n(held_out().pixels.begin(), held_out().shape.size(),
              between.pixels.begin() + 3 * between.shape.size());
  const ImageEvaluation evaluation = evaluation_of(synthetic);
  const auto shown = [&](const ImageSet& paths, bool real) {
    return image_page(evaluation, {train(), held_out(), synthetic, &paths, real}, {}).between;
  };
  std::vector<std::int64_t> second(static_cast<std::size_t>(host::kBetween));
  std::iota(second.begin(), second.end(), host::kBetween);
  EXPECT_EQ(shown(clean, false), grid_of(clean, host::kBetween));
  EXPECT_EQ(shown(between, false), grid_of(part(clean, second), host::kBetween));
  EXPECT_EQ(shown(between, true), grid_of(between, host::kBetween));
}

/// A run's grids are what its generator drew, at times a real image.
TEST(ImagePage, GridsOfARunShowNoRealImage) {
  for (const std::int64_t columns : {8, 5}) {
    ImageSet grid = drawn(), expected = grid;
    const auto place = [&](ImageSet& in, std::int64_t at) {
      return in.pixels.begin() + at * in.shape.size();
    };
    std::copy_n(train().pixels.begin() + 9 * grid.shape.size(), grid.shape.size(), place(grid, 11));
    std::copy_n(held_out().pixels.begin(), grid.shape.size(), place(grid, 63));
    for (const std::int64_t at : {11, 63})
      std::fill_n(place(expected, at), grid.shape.size(), host::kGridGrey);
    std::string png = grid_of(grid, columns);
    EXPECT_EQ(host::blank_copies(png, {&train(), &held_out()}), 2);
    EXPECT_EQ(png, grid_of(expected, columns));
    EXPECT_EQ(host::blank_copies(png, {&train(), &held_out()}), 0);
    EXPECT_EQ(png, grid_of(expected, columns));
  }
  std::string other = "no PNG";
  EXPECT_EQ(host::blank_copies(other, {&train(), &held_out()}), 0);
  EXPECT_EQ(other, "no PNG");
}

TEST(ImagePage, GridsOfAGeneratorThatGivesImagesAwayAreMarked) {
  const std::vector<host::SampleGrid> grids{{500, "png", 0}, {1000, "png", 3}};
  const auto page_of = [&](const host::Judgement* privacy) {
    std::string html;
    host::append_samples(html, grids, privacy);
    return html;
  };
  for (const host::Light light :
       {host::Light::red, host::Light::amber, host::Light::green, host::Light::unknown}) {
    const host::Judgement privacy{light, {}, {}, {}};
    const bool bad = light == host::Light::red || light == host::Light::amber;
    EXPECT_EQ(count(page_of(&privacy), "These may show patients"), bad ? 1u : 0u);
  }
  EXPECT_EQ(count(page_of(nullptr), "These may show patients"), 0u);
  EXPECT_EQ(count(page_of(nullptr), "step 1,000; 3 blank: real images, byte for byte"), 1u);
}

TEST(ImagePage, OnlyCopiesLeaveNoPicture) {
  const ImageSet copies =
      part(train(), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
  const ImageEvaluation evaluation = evaluation_of(copies);
  const ImagePage page = image_page(evaluation, {train(), held_out(), copies}, {});
  const std::string html = page_html(evaluation, page);
  expect_well_formed(html);
  EXPECT_EQ(count(html, "<img "), 0u);
  EXPECT_GT(count(html, "20 synthetic images are not shown here"), 0u);
}

/// Neither page, text nor figures name a class of fewer than five people.
TEST(ImagePage, NamesNoRareClass) {
  ImageSet rare = train();
  rare.label_names.push_back("Zanzibar");
  for (const std::size_t i : {3u, 50u, 90u}) rare.labels[i] = 4;
  ImageSet others = held_out();
  others.label_names = rare.label_names;
  const ImageSet synthetic = drawn();
  const ImageEvaluation evaluation = evaluate_images(rare, others, synthetic, {}, Device::cpu(2));
  const ImagePage page = image_page(evaluation, {rare, others, synthetic}, {});
  EXPECT_EQ(count(page_html(evaluation, page), "Zanzibar"), 0u);
  EXPECT_EQ(count(to_text(evaluation), "Zanzibar"), 0u);
  EXPECT_EQ(count(to_json(evaluation).dump(), "Zanzibar"), 0u);
  EXPECT_GT(count(page_html(evaluation, page), ">other<"), 0u);
}

TEST(ImagePage, LargeImagesMakeSmallGrids) {
  const host::ImageShape large{512, 512, 1};
  ImageSet images{
      large, 40, std::vector<std::uint8_t>(static_cast<std::size_t>(40 * large.size()), 3), {}, {}};
  const ImageSet none{large, 0, {}, {}, {}};
  const ImagePage page = host::image_page({}, {none, none, images}, {});
  EXPECT_EQ(page.synthetic.images, 4);
}

}  // namespace image_page_test
}  // namespace agon::test
