// The Fréchet distance of images seen as Haar wavelet packets.
#pragma once

#include <cstdint>
#include <vector>

#include "host/evaluate/images/image_rows.hpp"
#include "host/evaluate/images/jackknife.hpp"

namespace agon::host {

/// A packet of level L is an image 2^-L as high and wide: one of 4^L bands of frequencies.
struct WaveletShape {
  ImageShape image{};  ///< what is transformed
  int level = 0;
  ImageShape packet{};  ///< of the padded image: each side the image's over 2^level, rounded up

  std::int64_t packets() const { return std::int64_t{1} << (2 * level); }
  std::int64_t size() const { return packets() * packet.size(); }
};

/// The highest level of which packets have 7 coefficients or more either way, level 1 at least; higher where
/// a packet has more than 1024 coefficients of all channels: level 1 of 8 x 8 pixels (packets of 4 x 4), 2 of
/// 28 x 28 (7 x 7) and 32 x 32 (8 x 8), 3 of 64 x 64 (8 x 8), 4 of 128 x 128 (8 x 8). The paper has level 4
/// of 256 x 256.
WaveletShape wavelet_shape(const ImageShape& image);

/// Each image's coefficients, (images, packets, packet height, packet width, channels), of pixels from 0 to 1
/// by the orthonormal transform: from pixels p q over r s, a = (p + q + r + s) / 2, h = (p + q - r - s) / 2,
/// v = (p - q + r - s) / 2, d = (p - q - r + s) / 2; packets in natural order, a h v d, the first step's the
/// most significant. Rows are padded at their end, columns at theirs, by what is reflected at the edge, the
/// edge's pixel first.
ImageRows haar_packets(const ImageSet& images, const WaveletShape& shape);

/// The mean over packets of the Fréchet distance between the packets' coefficients. Source: Veeramacheneni,
/// Wolter, Kuehne, Gall, "Fréchet Wavelet Distance: a domain-agnostic metric for image generation" (ICLR
/// 2025), equation 8, with the Haar wavelet. A finite sample's is above 0, by the more the fewer images:
/// compare figures of equally many. `packets`, where not null, gets each packet's. Each side needs 20 rows.
Jackknifed wavelet_distance(const ImageRows& a, const ImageRows& b, const WaveletShape& shape,
                            std::vector<double>* packets = nullptr);

}  // namespace agon::host
