// A doubted row as JSON and as text.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/row/doubted_row.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

nlohmann::ordered_json nearest_json(const NearestRow& nearest) {
  return {{"distance", nearest.distance}, {"real_rows_farther_from_their_own", nearest.farther}};
}

}  // namespace

nlohmann::ordered_json to_json(const DoubtedRow& row) {
  nlohmann::ordered_json json{{"number", row.number}, {"probability_synthetic", row.probability}};
  json["cells"] = nlohmann::ordered_json::array();
  for (const DoubtedCell& cell : row.cells)
    json["cells"].push_back({{"column", cell.column}, {"cell", cell.cell}, {"adds", cell.adds}});
  json["nearest_real"] = nearest_json(row.real);
  json["nearest_held_out"] = row.held_out ? nearest_json(*row.held_out) : nlohmann::ordered_json(nullptr);
  json["discriminator"] = nullptr;
  if (row.discriminator)
    json["discriminator"] = {{"logit", row.discriminator->logit},
                             {"real_below", row.discriminator->real_below}};
  return json;
}

std::string nearest_in_words(const NearestRow& nearest, const char* table) {
  return fmt::format(
      "the nearest {} row is {:.3g} away; {:.1f}% of real rows are farther from their nearest other", table,
      nearest.distance, 100 * nearest.farther);
}

std::string to_text(const DoubtedRow& row) {
  std::string text = fmt::format("Row {} of the synthetic table\n", row.number);
  if (!std::isnan(row.probability))
    text += fmt::format(
        "  the trees hold it for synthetic with {:.1f}%; what each column adds to the log-odds:\n",
        100 * row.probability);
  for (const DoubtedCell& cell : row.cells) {
    if (&cell - row.cells.data() == 5 || cell.adds <= 0) break;
    text += fmt::format("  {:>+6.2f}  {}: {}\n", cell.adds, printable(cell.column, 32), printable(cell.cell));
  }
  if (row.discriminator)
    text += fmt::format("  D's verdict is {:.3g}; it takes {:.1f}% of real rows for less real\n",
                        row.discriminator->logit, 100 * row.discriminator->real_below);
  text += "  " + nearest_in_words(row.real, "real") + '\n';
  if (row.held_out) text += "  " + nearest_in_words(*row.held_out, "held-out") + '\n';
  return text;
}

}  // namespace agon::host
