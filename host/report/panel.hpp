// One set of axes in an SVG document, and what is drawn on it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "host/report/axis.hpp"
#include "host/report/series.hpp"

namespace agon::host {

/// In pixels, y downward.
struct Rectangle {
  double left = 0, top = 0, width = 0, height = 0;
  double right() const { return left + width; }
  double bottom() const { return top + height; }
};

/// Appends text centred at `x` ("middle") or beginning or ending there ("start", "end"). `font` is CSS, such
/// as "600 14px"; `text` is escaped.
void append_text(std::string& svg, double x, double y, std::string_view anchor, std::string_view font,
                 std::string_view text);

/// Draws by appending SVG elements to `svg`, which must outlive it.
class Panel {
 public:
  Panel(std::string& svg, const Rectangle& box, const Axis& x, const Axis& y)
      : svg_(svg), box_(box), x_(x), y_(y) {}

  /// Axes with ticks and labels, horizontal grid lines, the heading above the left end.
  void draw_axes(std::string_view heading);
  /// Above the right end.
  void draw_legend(std::span<const Series> series);
  /// The line of the bins' means over a band from their least to their largest value, both broken at empty
  /// bins and kept within the box.
  void draw(const Series& series);
  /// A thin pale line of the means alone: one of many, behind what is to be read.
  void draw_faint(std::span<const Bin> bins, std::string_view colour);
  /// Of (x, y) pairs those within the box, as dots of `diameter` pixels; returns how many lay outside.
  std::size_t draw_points(std::span<const double> pairs, double diameter, std::string_view colour,
                          double opacity);
  /// A small cross at each (x, y) pair, which must lie within the box.
  void draw_crosses(std::span<const double> pairs, std::string_view colour);
  /// A dashed line at `y`, named at its left end.
  void draw_reference(double y, std::string_view label);
  /// Small text in the upper right corner.
  void draw_note(std::string_view words);

 private:
  double pixel_x(double x) const { return box_.left + box_.width * x_.fraction(x); }
  double pixel_y(double y) const { return box_.bottom() - box_.height * y_.fraction(y); }
  void append_line(double x1, double y1, double x2, double y2, std::string_view style);
  void draw_unbroken(std::string_view colour, std::span<const Bin> bins);

  std::string& svg_;
  Rectangle box_;
  Axis x_, y_;
};

}  // namespace agon::host
