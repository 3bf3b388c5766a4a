// Detection as JSON and as text.
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "host/evaluate/models/detection.hpp"

namespace agon::host {
namespace {

nlohmann::ordered_json distinction_json(const Distinction& d) {
  return {{"auc", d.auc},
          {"auc_standard_error", d.standard_error},
          {"c2st", d.c2st},
          {"rows", {d.first_rows, d.second_rows}}};
}

nlohmann::ordered_json model_json(const DetectionByModel& model) {
  nlohmann::ordered_json json = {{"synthetic_against_real", distinction_json(model.synthetic)}};
  if (model.held_out) json["synthetic_against_held_out"] = distinction_json(*model.held_out);
  json["floor"] = distinction_json(model.floor);
  return json;
}

std::string distinction_line(const char* what, const Distinction& d) {
  if (std::isnan(d.auc)) return fmt::format("  {:<26}  undefined: too few rows\n", what);
  return fmt::format("  {:<26}  {:>6.4f} ± {:.4f}  {:>6.4f}  {} and {}\n", what, d.auc, d.standard_error,
                     d.c2st, d.first_rows, d.second_rows);
}

std::string model_text(const char* name, const DetectionByModel& model, bool halves) {
  std::string text = fmt::format("{:<28}  {:>6}            C2ST    rows\n", name, "AUC");
  text += distinction_line("synthetic from real", model.synthetic);
  if (model.held_out) text += distinction_line("synthetic from held-out", *model.held_out);
  return text + distinction_line(halves ? "floor: real from real" : "floor: real from held-out", model.floor);
}

}  // namespace

nlohmann::ordered_json to_json(const Detection& detection) {
  return {{"trees", model_json(detection.trees)},
          {"logistic", model_json(detection.logistic)},
          {"floor_of_halves", detection.floor_of_halves},
          {"notes", detection.notes}};
}

std::string to_text(const Detection& detection) {
  std::string text =
      "Can a model tell synthetic rows from real ones? (AUC: 0.5 no, 1 always; C2ST: 1 no, 0 always)\n";
  text += model_text("boosted trees", detection.trees, detection.floor_of_halves);
  text += model_text("logistic model", detection.logistic, detection.floor_of_halves);
  for (const std::string& note : detection.notes) text += "note: " + note + '\n';
  return text;
}

}  // namespace agon::host
