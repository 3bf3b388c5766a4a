#include "host/report/panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "host/report/markup.hpp"

namespace agon::host {

void append_text(std::string& svg, double x, double y, std::string_view anchor, std::string_view font,
                 std::string_view text) {
  append(
      svg,
      R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" style="font:{} sans-serif" fill="#374151">{}</text>)",
      x, y, anchor, font, escaped(text));
  svg += '\n';
}

void Panel::append_line(double x1, double y1, double x2, double y2, std::string_view style) {
  append(svg_, R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" {}/>)", x1, y1, x2, y2, style);
  svg_ += '\n';
}

void Panel::draw_axes(std::string_view heading) {
  append_text(svg_, box_.left, box_.top - 12, "start", "600 16px", heading);
  for (const double tick : y_.ticks) {
    append_line(box_.left, pixel_y(tick), box_.right(), pixel_y(tick), R"(class="grid" stroke="#e5e7eb")");
    append_text(svg_, box_.left - 8, pixel_y(tick) + 4, "end", "14px", y_.label(tick));
  }
  for (const double tick : x_.ticks) {
    append_line(pixel_x(tick), box_.bottom(), pixel_x(tick), box_.bottom() + 5,
                R"(class="axis" stroke="#6b7280")");
    append_text(svg_, pixel_x(tick), box_.bottom() + 19, "middle", "14px", x_.label(tick));
  }
  append_line(box_.left, box_.top, box_.left, box_.bottom(), R"(class="axis" stroke="#6b7280")");
  append_line(box_.left, box_.bottom(), box_.right(), box_.bottom(), R"(class="axis" stroke="#6b7280")");
}

void Panel::draw_legend(std::span<const Series> series) {
  append(svg_,
         R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end" style="font:14px sans-serif" fill="#374151">)",
         box_.right(), box_.top - 12);
  for (const Series& one : series) {
    append(svg_, "<tspan dx=\"{}\" fill=\"{}\">\u25a0</tspan><tspan dx=\"5\">{}</tspan>",
           &one == series.data() ? 0 : 14, one.colour, escaped(one.label));
  }
  svg_ += "</text>\n";
}

void Panel::draw(const Series& series) {
  const std::span bins(series.bins);
  for (std::size_t begin = 0; begin < bins.size();) {
    std::size_t end = begin;
    while (end < bins.size() && bins[end].count != 0) ++end;
    if (end != begin) draw_unbroken(series.colour, bins.subspan(begin, end - begin));
    begin = end + 1;
  }
}

void Panel::draw_unbroken(std::string_view colour, std::span<const Bin> bins) {
  const auto point = [this](double x, double y) {
    return fmt::format("{:.1f},{:.1f} ", pixel_x(x), std::clamp(pixel_y(y), box_.top, box_.bottom()));
  };
  std::string means, band;
  for (const Bin& bin : bins) means += point(bin.x, bin.mean);
  if (std::ranges::any_of(bins, [](const Bin& bin) { return bin.least < bin.largest; })) {
    for (const Bin& bin : bins) band += point(bin.x, bin.largest);
    for (auto bin = bins.rbegin(); bin != bins.rend(); ++bin) band += point(bin->x, bin->least);
    append(svg_, "<polygon points=\"{}\" fill=\"{}\" fill-opacity=\"0.2\"/>\n", band, colour);
  }
  if (bins.size() == 1) {
    append(svg_, "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", pixel_x(bins[0].x),
           std::clamp(pixel_y(bins[0].mean), box_.top, box_.bottom()), colour);
    return;
  }
  append(svg_,
         "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.5\" "
         "stroke-linejoin=\"round\"/>\n",
         means, colour);
}

void Panel::draw_faint(std::span<const Bin> bins, std::string_view colour) {
  std::string points;
  for (const Bin& bin : bins) {
    if (bin.count != 0)
      points += fmt::format("{:.1f},{:.1f} ", pixel_x(bin.x),
                            std::clamp(pixel_y(bin.mean), box_.top, box_.bottom()));
  }
  append(svg_, "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-opacity=\"0.35\"/>\n", points,
         colour);
}

std::size_t Panel::draw_points(std::span<const double> pairs, double diameter, std::string_view colour,
                               double opacity) {
  const auto within = [](const Axis& axis, double value) { return value >= axis.low && value <= axis.high; };
  std::size_t outside = 0;
  append(svg_, "<path stroke=\"{}\" stroke-opacity=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\" d=\"",
         colour, opacity, diameter);
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (within(x_, pairs[i]) && within(y_, pairs[i + 1])) {
      append(svg_, "M{:.1f} {:.1f}h0", pixel_x(pairs[i]), pixel_y(pairs[i + 1]));
    } else {
      ++outside;
    }
  }
  svg_ += "\"/>\n";
  return outside;
}

void Panel::draw_crosses(std::span<const double> pairs, std::string_view colour) {
  append(svg_, "<path stroke=\"{}\" stroke-width=\"1.2\" d=\"", colour);
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    const double x = pixel_x(pairs[i]), y = pixel_y(pairs[i + 1]);
    append(svg_, "M{:.1f} {:.1f}h8m-4 -4v8", x - 4, y);
  }
  svg_ += "\"/>\n";
}

void Panel::draw_reference(double y, std::string_view label) {
  append_line(box_.left, pixel_y(y), box_.right(), pixel_y(y),
              R"(class="axis" stroke="#6b7280" stroke-dasharray="5 4")");
  const bool below = pixel_y(y) - box_.top < 16;
  append_text(svg_, box_.left + 6, pixel_y(y) + (below ? 14 : -5), "start", "14px", label);
}

void Panel::draw_note(std::string_view words) {
  append_text(svg_, box_.right() - 6, box_.top + 14, "end", "14px", words);
}

}  // namespace agon::host
