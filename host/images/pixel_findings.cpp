#include "host/images/pixel_findings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/table/fnv1a.hpp"
#include "host/images/image_facts.hpp"
#include "host/images/ordered_work.hpp"

namespace agon::host {
namespace {

struct PixelFacts {
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint8_t> constant, coloured;  // 0 or 1
};

PixelFacts look_at_pixels(const ImageSet& set, int threads) {
  constexpr std::int64_t kBlock = 256;
  const auto count = static_cast<std::size_t>(set.count);
  PixelFacts facts{std::vector<std::uint64_t>(count), std::vector<std::uint8_t>(count),
                   std::vector<std::uint8_t>(count)};
  in_order(threads, (set.count + kBlock - 1) / kBlock, [&](std::int64_t block) {
    for (std::int64_t i = block * kBlock; i < std::min(set.count, (block + 1) * kBlock); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const std::span<const std::uint8_t> pixels = set.image(i);
      Fnv1a hash;
      hash.add(pixels.data(), pixels.size());
      facts.hashes[at] = hash.hash;
      facts.constant[at] =
          std::all_of(pixels.begin(), pixels.end(), [&](auto p) { return p == pixels.front(); });
      for (std::size_t p = 0; set.shape.channels == 3 && p < pixels.size(); p += 3)
        if (pixels[p] != pixels[p + 1] || pixels[p] != pixels[p + 2]) facts.coloured[at] = 1;
    }
  });
  return facts;
}

struct Duplicates {
  std::int64_t count = 0, relabelled = 0;
  std::int64_t first = 0, of = 0;  // the first duplicate in order, and what it repeats
};

/// An image is a duplicate where an earlier one is equal to it.
Duplicates find_duplicates(const ImageSet& set, const std::vector<std::uint64_t>& hashes) {
  std::vector<std::int64_t> order(hashes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto hash = [&](std::int64_t i) { return hashes[static_cast<std::size_t>(i)]; };
  std::sort(order.begin(), order.end(),
            [&](auto a, auto b) { return hash(a) != hash(b) ? hash(a) < hash(b) : a < b; });
  Duplicates found;
  for (std::size_t i = 1, earliest = 0; i < order.size(); ++i) {
    const std::int64_t one = order[earliest], other = order[i];
    const auto a = set.image(one), b = set.image(other);
    if (hash(one) != hash(other) || !std::equal(a.begin(), a.end(), b.begin())) {
      earliest = i;
      continue;
    }
    if (found.count++ == 0 || other < found.first) found.first = other, found.of = one;
    if (set.labelled() &&
        set.labels[static_cast<std::size_t>(one)] != set.labels[static_cast<std::size_t>(other)])
      ++found.relabelled;
  }
  return found;
}

}  // namespace

void append_pixel_findings(std::vector<std::string>& findings, const ImageSet& set, int threads,
                           const std::function<std::string(std::int64_t)>& name) {
  const PixelFacts facts = look_at_pixels(set, threads);
  if (set.shape.channels == 3 && std::count(facts.coloured.begin(), facts.coloured.end(), 1) == 0)
    findings.push_back(
        "every image is grey, stored as RGB: --image-channels 1 learns a third as many numbers");
  const Duplicates duplicates = find_duplicates(set, facts.hashes);
  if (duplicates.count > 0) {
    const std::string relabelled =
        duplicates.relabelled == 0 ? "" : fmt::format("; {} under another label", duplicates.relabelled);
    findings.push_back(fmt::format("{} exactly as an earlier one, the first: {}, as {}{}",
                                   images_in_words(duplicates.count), name(duplicates.first),
                                   name(duplicates.of), relabelled));
  }
  const auto constant = std::count(facts.constant.begin(), facts.constant.end(), 1);
  if (constant > 0) {
    const auto first = std::find(facts.constant.begin(), facts.constant.end(), 1) - facts.constant.begin();
    findings.push_back(
        fmt::format("{} of one value all over, the first: {}", images_in_words(constant), name(first)));
  }
}

}  // namespace agon::host
