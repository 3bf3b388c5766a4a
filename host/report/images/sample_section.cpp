#include "host/report/images/sample_section.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "host/report/images/picture.hpp"
#include "host/report/markup.hpp"
#include "host/run/console.hpp"

namespace agon::host {
namespace {

void append_grid(std::string& html, const SampleGrid& grid) {
  html += "<figure>";
  append_picture(html, grid.png, fmt::format("images drawn at step {}", grid.step));
  append(html, "<figcaption>step {}</figcaption></figure>\n", grouped(grid.step));
}

}  // namespace

std::vector<SampleGrid> sample_grids(const RunFolder& folder, std::uint64_t step, std::string_view suffix) {
  constexpr std::size_t kShown = 4;
  const std::vector<RunFolder::StepFile> files = folder.sample_grids(step, suffix);
  std::vector<SampleGrid> grids;
  const std::size_t shown = std::min(files.size(), kShown);
  for (std::size_t i = 0; i < shown; ++i) {
    const auto& [at, path] = files[shown == 1 ? files.size() - 1 : i * (files.size() - 1) / (shown - 1)];
    std::ifstream file(path, std::ios::binary);
    std::string png{std::istreambuf_iterator<char>(file), {}};
    if (!png.empty()) grids.push_back({at, std::move(png)});
  }
  return grids;
}

void append_samples(std::string& html, const std::vector<SampleGrid>& grids) {
  if (grids.empty()) return;
  html +=
      "<h2>What the generator draws</h2>\n<p class=\"note\">Drawn images, none chosen by hand: the same "
      "noise at "
      "each step.</p>\n<div class=\"charts\">\n";
  append_grid(html, grids.back());
  html += "</div>\n";
  if (grids.size() == 1) return;
  html += "<div class=\"charts\">\n";
  for (std::size_t i = 0; i + 1 < grids.size(); ++i) append_grid(html, grids[i]);
  html += "</div>\n";
}

}  // namespace agon::host
