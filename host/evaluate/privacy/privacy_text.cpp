// The text forms of host/evaluate/privacy/privacy_report.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "host/evaluate/privacy/privacy_report.hpp"
#include "host/table/text.hpp"

namespace agon::host {
namespace {

std::string percent_of(const Rate& rate) {
  return rate.of == 0 ? "none" : fmt::format("{:.3f}%", 100 * rate.share);
}

std::string risk_words(const Risk& risk) {
  return fmt::format("risk {:+.3f} ({:+.3f} to {:+.3f}): real {}, held-out {}", risk.risk, risk.interval.low,
                     risk.interval.high, percent_of(risk.attack), percent_of(risk.control));
}

std::string copy_line(const char* what, const Rate& synthetic, const Rate* held_out) {
  return fmt::format("{:<46}{:>9}{}\n", what, percent_of(synthetic),
                     held_out == nullptr ? "" : fmt::format("  held-out rows {}", percent_of(*held_out)));
}

}  // namespace

std::string to_text(const Copies& copies) {
  const CopyRates* const floor = copies.held_out ? &*copies.held_out : nullptr;
  const auto line = [&](const char* what, Rate CopyRates::*rate) {
    return copy_line(what, copies.synthetic.*rate, floor == nullptr ? nullptr : &(floor->*rate));
  };
  return line("rows equal to a real row", &CopyRates::exact) +
         line("rows nearer than 99% of real rows to another", &CopyRates::near) +
         line("rows equal to a rare real row", &CopyRates::exact_rare) +
         line("rows close to a rare real row", &CopyRates::near_rare) +
         fmt::format("{} of {} rare real rows are copied.\n", copies.rare_rows_copied, copies.rare_rows);
}

std::string to_text(const AttackPanel& panel) {
  std::string text = fmt::format("{:<16}{:>6}  {:<18}{:>10}{:>12}\n", "attack", "AUC", "95% interval",
                                 "TPR at 1%", "TPR at 10%");
  for (const AttackPower& attack : panel.attacks)
    text += fmt::format("{:<16}{:>6.3f}  {:<18}{:>10.3f}{:>12.3f}\n", attack.name, attack.figures.auc,
                        fmt::format("{:.3f} to {:.3f}", attack.auc.low, attack.auc.high),
                        attack.figures.found_at_1, attack.figures.found_at_10);
  text += fmt::format("{:<16}{:>6.3f}  {:<18}{:>10.3f}{:>12.3f}\n", "greatest", panel.greatest.auc, "",
                      panel.greatest.found_at_1, panel.greatest.found_at_10);
  text += fmt::format("{:<16}{:>6.3f}  {:<18}{:>10.3f}{:>12.3f}\n", "by chance, 95%", panel.by_chance.auc, "",
                      panel.by_chance.found_at_1, panel.by_chance.found_at_10);
  text += fmt::format("{:<16}{:>6.3f}  {:<18}{:>10.3f}{:>12.3f}\n", "p-value", panel.p_value.auc, "",
                      panel.p_value.found_at_1, panel.p_value.found_at_10);
  return text + fmt::format("{} members and {} others: {}.\n", panel.members, panel.others,
                            panel.found() ? "an attack tells them apart" : "no attack beats chance");
}

std::string to_text(const AttributeInference& inference, std::size_t worst_columns) {
  std::vector<ColumnInference> worst = inference.columns;
  std::ranges::stable_sort(worst, std::greater(), &ColumnInference::beyond_others);
  if (worst.size() > worst_columns) worst.resize(worst_columns);
  std::string text = fmt::format("attribute inference, {} real and as many held-out rows, {} of {} columns\n",
                                 inference.targets, worst.size(), inference.columns.size());
  for (const ColumnInference& column : worst)
    text += fmt::format("  {:<24}{}\n", printable(column.column, 22), risk_words(column.risk));
  return text;
}

std::string to_text(const SinglingOut& singling_out) {
  return fmt::format("singling out by a value          {}\nsingling out by a combination    {}\n",
                     risk_words(singling_out.values), risk_words(singling_out.combinations));
}

std::string to_text(const ClosestRecords& closest) {
  return fmt::format(
      "DCR share {:.3f} ({:.3f} to {:.3f}; ideal 0.5), NNDR median {:.3f} (held-out {:.3f}), 5% of DCR "
      "{:.4g} "
      "(held-out {:.4g})\nThese distances miss leaks (arXiv 2505.01524): they acquit nobody.\n",
      closest.share, closest.share_interval.low, closest.share_interval.high, closest.ratio_median,
      closest.ratio_median_held_out, closest.fifth_percentile, closest.fifth_percentile_held_out);
}

std::string to_text(const Privacy& privacy) {
  std::string text = to_text(privacy.copies);
  if (privacy.membership) text += '\n' + to_text(*privacy.membership);
  if (privacy.inference) text += '\n' + to_text(*privacy.inference);
  if (privacy.singling_out) text += '\n' + to_text(*privacy.singling_out);
  if (privacy.closest) text += '\n' + to_text(*privacy.closest);
  for (const std::string& line : privacy.missing) text += "\nnot measured: " + line + '\n';
  return text;
}

}  // namespace agon::host
