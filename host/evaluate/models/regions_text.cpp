// Regions as JSON and as text.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "host/evaluate/models/regions.hpp"

namespace agon::host {

nlohmann::ordered_json to_json(const Regions& regions) {
  nlohmann::ordered_json json{{"real_rows", regions.real_rows},
                              {"synthetic_rows", regions.synthetic_rows},
                              {"judged", regions.leaves}};
  json["worst"] = nlohmann::ordered_json::array();
  for (const Region& region : regions.worst)
    json["worst"].push_back({{"words", region.words},
                             {"real_share", region.real_share},
                             {"synthetic_share", region.synthetic_share},
                             {"p", region.p}});
  return json;
}

std::string to_text(const Regions& regions) {
  std::string text =
      "Where in the table are synthetic rows too many or too few? (a shallow tree, judged on rows it "
      "did not learn)\n";
  for (const Region& region : regions.worst)
    text += fmt::format("  {}: {:.1f}% of real rows, {:.1f}% of synthetic\n", region.words,
                        100 * region.real_share, 100 * region.synthetic_share);
  if (regions.worst.empty())
    text += regions.leaves == 0 ? "  no region is large and different enough to be judged\n"
                                : "  nowhere by more than chance\n";
  return text;
}

}  // namespace agon::host
