#include "host/evaluate/models/trees/boosted_trees.hpp"

#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <string>
#include <utility>

#include "kernels/error.hpp"

namespace agon::host {
namespace {

// XGBoost's errors are several lines, the first of which says what happened, the others where.
void check_xgboost(int status) {
  if (status == 0) return;
  const std::string text = XGBGetLastError();
  throw Error("XGBoost: " + text.substr(0, text.find('\n')));
}

struct ReleaseMatrix {
  void operator()(void* matrix) const { XGDMatrixFree(matrix); }
};
using Matrix = std::unique_ptr<void, ReleaseMatrix>;

Matrix matrix_of(const TreeFeatures& features, int threads) {
  const std::string values =
      fmt::format(R"({{"data": [{}, true], "shape": [{}, {}], "typestr": "<f4", "version": 3}})",
                  reinterpret_cast<std::uintptr_t>(features.values.data()), features.rows, features.width);
  const std::string config = fmt::format(R"({{"missing": NaN, "nthread": {}}})", threads);
  DMatrixHandle handle = nullptr;
  check_xgboost(XGDMatrixCreateFromDense(values.c_str(), config.c_str(), &handle));
  Matrix matrix(handle);
  std::vector<const char*> kinds;
  for (const std::uint8_t categorical : features.categorical) kinds.push_back(categorical ? "c" : "float");
  check_xgboost(XGDMatrixSetStrFeatureInfo(handle, "feature_type", kinds.data(), kinds.size()));
  return matrix;
}

const char* objective_of(TreeSettings::Task task) {
  switch (task) {
    case TreeSettings::Task::two_classes:
      return "binary:logistic";
    case TreeSettings::Task::classes:
      return "multi:softprob";
    case TreeSettings::Task::number:
      return "reg:squarederror";
  }
  throw ConfigurationError("unknown task of boosted trees");
}

using Parameters = std::vector<std::pair<const char*, std::string>>;

Parameters booster_parameters(const TreeSettings& settings, std::int64_t rows) {
  const std::string depth = std::to_string(settings.depth);
  switch (settings.booster) {
    case TreeSettings::Booster::trees:
      return {{"tree_method", "hist"}, {"max_depth", depth}, {"eta", fmt::format("{}", settings.rate)}};
    case TreeSettings::Booster::forest:
      return {{"tree_method", "hist"},
              {"max_depth", depth},
              {"num_parallel_tree", std::to_string(settings.rounds)},
              {"subsample", "0.8"},
              {"colsample_bynode", "0.8"},
              {"reg_lambda", "1e-05"},
              {"eta", "1"}};
    case TreeSettings::Booster::linear:  // XGBoost multiplies this weight of the squares by the rows
      return {{"booster", "gblinear"},
              {"updater", "coord_descent"},
              {"feature_selector", "cyclic"},
              {"reg_lambda", fmt::format("{}", 1 / static_cast<double>(rows))},
              {"eta", "1"}};
  }
  throw ConfigurationError("unknown kind of booster");
}

void set_parameters(BoosterHandle booster, const TreeSettings& settings, std::int64_t rows) {
  Parameters all = booster_parameters(settings, rows);
  all.emplace_back("objective", objective_of(settings.task));
  if (settings.task == TreeSettings::Task::classes)
    all.emplace_back("num_class", std::to_string(settings.classes));
  all.emplace_back("nthread", std::to_string(settings.threads));
  all.emplace_back("seed", std::to_string(settings.seed));
  for (const auto& [name, value] : all) check_xgboost(XGBoosterSetParam(booster, name, value.c_str()));
}

}  // namespace

void BoostedTrees::Release::operator()(void* booster) const { XGBoosterFree(booster); }

BoostedTrees::BoostedTrees(const TreeFeatures& features, std::span<const float> labels,
                           const TreeSettings& settings)
    : settings_(settings) {
  if (features.rows == 0 || features.width == 0)
    throw ConfigurationError("boosted trees need at least one row and one feature");
  check_xgboost(XGBSetGlobalConfig(R"({"verbosity": 0})"));  // of this thread: its log would go to stdout
  const Matrix matrix = matrix_of(features, settings.threads);
  check_xgboost(XGDMatrixSetFloatInfo(matrix.get(), "label", labels.data(), labels.size()));
  DMatrixHandle const handles[] = {matrix.get()};
  BoosterHandle booster = nullptr;
  check_xgboost(XGBoosterCreate(handles, 1, &booster));
  booster_.reset(booster);
  set_parameters(booster, settings, features.rows);
  const int rounds = settings.booster == TreeSettings::Booster::forest ? 1 : settings.rounds;
  for (int round = 0; round < rounds; ++round)
    check_xgboost(XGBoosterUpdateOneIter(booster, round, matrix.get()));
}

std::vector<float> BoostedTrees::ask(const TreeFeatures& features, int type) const {
  if (features.rows == 0) return {};
  check_xgboost(XGBSetGlobalConfig(R"({"verbosity": 0})"));
  const Matrix matrix = matrix_of(features, settings_.threads);
  const std::string config = fmt::format(
      R"({{"type": {}, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": true}})",
      type);
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  check_xgboost(XGBoosterPredictFromDMatrix(booster_.get(), matrix.get(), config.c_str(), &shape, &dimensions,
                                            &values));
  std::size_t count = 1;
  for (bst_ulong d = 0; d < dimensions; ++d) count *= shape[d];
  return {values, values + count};
}

std::vector<float> BoostedTrees::predict(const TreeFeatures& features) const { return ask(features, 0); }

std::vector<float> BoostedTrees::contributions(const TreeFeatures& features) const {
  return ask(features, 2);
}

std::vector<float> BoostedTrees::interactions(const TreeFeatures& features) const { return ask(features, 4); }

}  // namespace agon::host
