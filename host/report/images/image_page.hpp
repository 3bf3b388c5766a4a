// How far to trust synthetic images: an evaluation as part of a report for people.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/evaluate/images/image_evaluation.hpp"
#include "host/images/image_set.hpp"
#include "host/report/about.hpp"

namespace agon::host {

/// Images beside each other as one PNG file.
struct PictureGrid {
  std::string png;
  std::int64_t images = 0;
};

/// A synthetic image and, at its right, the training image nearest to it.
struct PairPicture {
  std::string png;
  ClosePair pair;  ///< in grey levels (host/evaluate/images/image_memorisation.hpp)
};

/// A synthetic image, at its right the training image nearest in its pixels, then the nearest by features.
struct BesidePicture {
  std::string png;
  BesideReal nearest;
};

struct ImagePage {
  AboutRows about;                    ///< what was compared: sets, fingerprints, seed, date, version
  PictureGrid synthetic;              ///< none chosen by hand
  std::int64_t copies_left_out = 0;   ///< of those: they are training or held-out images
  PictureGrid real;                   ///< of the training images; empty: no real image is shown
  std::vector<BesidePicture> beside;  ///< likewise
  std::vector<PairPicture> pairs;     ///< likewise
  std::string between;                ///< PNG of paths between images, one a row; empty where there are none
};

/// The sets that an evaluation is of, and what else there is to show.
struct ShownImages {
  const ImageSet &train, &held_out, &synthetic;
  const ImageSet* between = nullptr;  ///< rows of kBetween images
  bool real_images = false;           ///< real images are shown, too, and what is a copy of one
};
inline constexpr std::int64_t kBetween = 10;

/// The pictures of the page: at most 64 images a grid, fewer where they are large. Without real_images no
/// picture has a real image in it: a synthetic image that is byte for byte one of train or held_out is left
/// out, and counted, and so is a path with such an image. Equal sets have equal pictures.
ImagePage image_page(const ImageEvaluation& evaluation, const ShownImages& shown, AboutRows about);

/// "1,000 synthetic images beside 4,708 training images and 523 held-out ones, ..."
std::string compared_images_text(const ComparedImages& compared);

/// Appends the verdict and then every part of the evaluation, as HTML. All text is escaped. No class that
/// fewer than five training images have is named.
void append_image_evaluation(std::string& html, const ImageEvaluation& evaluation, const ImagePage& page);

/// The parts of it.
void append_image_figures(std::string& html, const ImageEvaluation& evaluation);
void append_given_figures(std::string& html, const ImageEvaluation& evaluation);
void append_image_classes(std::string& html, const ImageEvaluation& evaluation);
void append_image_memorisation(std::string& html, const ImageEvaluation& evaluation);
void append_nearest_real(std::string& html, const ImageEvaluation& evaluation, const ImagePage& page);

}  // namespace agon::host
