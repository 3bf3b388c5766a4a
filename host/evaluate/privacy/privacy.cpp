#include "host/evaluate/privacy/privacy.hpp"

#include "host/evaluate/distances/row_search.hpp"

namespace agon::host {
namespace {

std::optional<AttackPanel> membership_panel(const RowSearch& search, const DistanceTables& points,
                                            const PrivacyOptions& options,
                                            const std::vector<AttackScores>& more_attacks) {
  if (!points.held_out) return std::nullopt;
  const auto game =
      membership_game(points.real.rows, points.synthetic.rows, points.held_out->rows, options.membership);
  if (!game) return std::nullopt;
  std::vector<AttackScores> attacks = distance_attacks(search, points, *game);
  attacks.insert(attacks.end(), more_attacks.begin(), more_attacks.end());
  return judge_attacks(attacks, options.panel);
}

void name_what_is_missing(const DistanceTables& points, Privacy& privacy) {
  if (!points.held_out) {
    privacy.missing.push_back(
        "membership, attribute inference, singling out and the floor of copies: without held-out rows, which "
        "the generator never saw, nobody can tell a leak from what is common to all such people");
    return;
  }
  if (!privacy.membership)
    privacy.missing.push_back("membership: fewer than 20 held-out or 10 real rows; chance would decide");
  if (!privacy.inference || !privacy.singling_out)
    privacy.missing.push_back("attribute inference, singling out: two columns and a held-out row are needed");
}

}  // namespace

void PrivacyOptions::set_seed(std::uint64_t seed) {
  copies.seed = closest.seed = membership.seed = panel.seed = inference.seed = singling_out.seed = seed;
}

Privacy measure_privacy(const Device& device, const ComparedTables& tables, const DistanceTables& points,
                        const PrivacyOptions& options, const std::vector<AttackScores>& more_attacks) {
  const RowSearch search(device, points.space);
  Privacy privacy;
  privacy.copies = find_copies(search, tables, points, options.copies);
  privacy.membership = membership_panel(search, points, options, more_attacks);
  privacy.inference = infer_attributes(device, tables, points, options.inference);
  privacy.singling_out = single_out(tables, options.singling_out);
  privacy.closest = closest_records(search, points, options.closest);
  name_what_is_missing(points, privacy);
  return privacy;
}

}  // namespace agon::host
