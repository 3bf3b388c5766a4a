// What an augmentation does to images.
#pragma once

namespace agon::kernels {

/// What may become of an image, one after the other; each with the probability p, on its own.
///   flip         mirrored, left and right, or not: either as likely as the other
///   translation  by whole pixels, uniform, at most an eighth of each side; what comes in is the mirror
///                image of what lies inside of the border
///   colour       brightness, contrast and, of three channels, saturation, each with p: + 0.2 e; times
///                2^(0.5 e); away from the pixel's mean, times 2^e; e standard normal
///   cutout       a rectangle of half of each side is 0, its centre uniform over the image
struct AugmentKinds {
  bool flip = false, translation = false, colour = false, cutout = false;

  friend bool operator==(const AugmentKinds&, const AugmentKinds&) = default;
};

/// An adaptive probability's most. Up to here leaks are unlikely: G learns images as they are, not as D sees
/// them (Karras et al., 2020, section 2.2).
inline constexpr float kMostAdapted = 0.8f;

}  // namespace agon::kernels
