// One chart over the steps of a run.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace agon::host {

/// Points (steps[i], values[i]), steps ascending, in memory of the caller's.
struct Line {
  std::string label;
  std::string colour;  ///< as CSS writes it
  std::span<const double> steps, values;
};

enum class Scale {
  from_zero,    ///< of the values and zero
  fitted,       ///< of the values alone
  share,        ///< from 0 to 1
  logarithmic,  ///< what is not above 0 is left out
};

struct Chart {
  struct Reference {
    double value;
    std::string label;
  };

  std::string heading;
  double first_step = 0, last_step = 1;  ///< ends of the axis; steps from 1 up have one from 0
  Scale scale = Scale::from_zero;
  std::vector<Line> lines{};
  std::vector<Line> behind{};           ///< drawn thin and pale below them, and not named
  std::vector<Reference> references{};  ///< dashed lines, which the axis takes in
};

/// An svg element, 640 by 280, that an HTML page can hold (a document of its own needs an XML namespace
/// more). With many points each line is the mean over the points of two pixels, with a band from their least
/// to their largest. The axis leaves out single steps far outside of the rest, which a note then tells.
/// Values that are not finite are left out; no points at all give empty axes that say why.
std::string chart_svg(const Chart& chart);

/// Whether a line has more points than are drawn one by one.
bool is_thinned(const Chart& chart);

}  // namespace agon::host
