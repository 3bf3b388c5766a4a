// How one column is coded: what fitting finds, checkpoints keep, and encoding and decoding follow.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/network/record_layout.hpp"
#include "engine/table/coding.hpp"
#include "engine/table/identifiers.hpp"
#include "engine/table/mixture.hpp"
#include "engine/table/quantile_curve.hpp"

namespace agon {

/// A level of a column's head.
struct CodedLevel {
  enum class Kind : std::uint8_t {
    value,  ///< of a category, or one number
    mark,   ///< "<0.5"
    missing,
    continuous,  ///< the column's number has a rank
    copied,      ///< the column's number is its source's
    mode,        ///< the column's number lies in this mode, that of the level's number
  };
  Kind kind = Kind::value;
  double value = 0;      ///< of a number; else NaN
  std::string spelling;  ///< the commonest in the table; empty of the last three kinds
};

/// What a rank stands for beside the source's number x: y itself, y - x, or log y - log x.
enum class SourceResidual : std::uint8_t { plain, difference, ratio };
double residual_of(SourceResidual residual, double y, double x);
double without_residual(SourceResidual residual, double r, double x);

/// The continuous part of a column.
struct NumberCoding {
  NumberSupport support;
  std::int64_t source = -1;  ///< a column; -1: none, and one curve, of positions on the support
  SourceResidual residual = SourceResidual::plain;
  std::vector<double> edges;  ///< of the source's numbers: bins are [edge i - 1, edge i)
  /// Of residuals in each bin (edges + 1), and then of y itself where the source has no number. A bin of too
  /// few rows has its neighbour's.
  std::vector<QuantileCurve> curves;

  /// With CodingOptions::modes in the place of curves, and source -1.
  std::vector<MixtureMode> modes;

  std::size_t bin(double x) const;
};

/// Where a number lies in a mode: u in [0, 1] is its distance from the mean, in [-4, 4] deviations; to 99% of
/// that.
double place_in_mode(const MixtureMode& mode, double value);
double value_in_mode(const MixtureMode& mode, double u);

/// This column is never above (or below) another in the rows where both have numbers.
struct OrderRule {
  std::int64_t other = 0;
  bool above = false;  ///< this >= other; else this <= other
  double share = 1;    ///< of rows where it holds
};

/// A spelling of the table's that spell() does not give.
struct OwnSpelling {
  double value = 0;
  std::string text;
};

struct ColumnCoding {
  enum class Role : std::uint8_t {
    left_out,  ///< ignored, or text
    constant,  ///< levels[0]
    identifier,
    looked_up,  ///< levels[choice[level of the column sources[0]]]
    repeated,   ///< what column sources[0] has, in this column's spelling
    sum,        ///< of the columns `sources`; none where one of them has none
    levels,     ///< a head
    number,     ///< a number, and a head where `levels` has any
  };
  Role role = Role::left_out;
  std::vector<CodedLevel> levels;
  std::int64_t head = -1;       ///< the first of the column's
  std::int64_t low_levels = 0;  ///< 0: one head; else level = high * low_levels + low of two heads
  std::int64_t number = -1;
  NumberCoding continuous;
  std::vector<OrderRule> orders;  ///< with columns that are decoded before this one
  std::vector<std::int64_t> sources;
  std::vector<std::uint32_t> choice;
  IdentifierPattern identifier;
  std::vector<OwnSpelling> own_spellings;
  double pooled = 0;  ///< share of the table's rows whose value is too rare to be learnt

  std::int64_t heads() const { return head < 0 ? 0 : low_levels > 0 ? 2 : 1; }
  std::int64_t high_levels() const;
  bool has_modes() const { return !continuous.modes.empty(); }
  bool has_numbers() const;                        ///< for sources and orders: of levels, too
  std::int64_t find(CodedLevel::Kind kind) const;  ///< the first level of that kind; -1
};

/// A column's levels by what is spelled or meant.
class LevelIndex {
 public:
  explicit LevelIndex(const ColumnCoding& column);
  /// The level that has exactly this number or this spelling; -1.
  std::int64_t of_number(double value) const;
  std::int64_t of_text(std::string_view text, CodedLevel::Kind kind) const;
  std::int64_t nearest_number(double value) const;  ///< -1 where no level is a number
  /// For a category's spelling that no level has: the level spelled as "other" is; else the one with the
  /// longest beginning in common, of at least three bytes (codes of diseases and places are trees); else the
  /// first.
  std::int64_t nearest_text(std::string_view text) const;

 private:
  const ColumnCoding& column_;
  std::vector<std::pair<double, std::int64_t>> numbers_;  // ascending
  std::unordered_map<std::string_view, std::int64_t> texts_;
  std::vector<std::pair<std::string_view, std::int64_t>> sorted_;
  std::int64_t other_ = -1;
};

/// All columns of a table.
struct CodingPlan {
  Schema schema;
  CodingOptions options;
  std::vector<ColumnCoding> columns;  ///< as the schema's
  std::vector<std::int64_t> order;    ///< in which columns are decoded: sources first
  RecordLayout layout;
  std::vector<float> shares;  ///< (layout.levels())

  const std::string& name(std::int64_t column) const {
    return schema.columns[static_cast<std::size_t>(column)].name;
  }
  /// Heads, numbers and the layout, from roles and levels; conditions from the shares, once they are there.
  void lay_out();
};

struct Coding::Implementation {
  CodingPlan plan;
};

/// Fits everything but the shares. Errors as Coding::fit.
CodingPlan fit_coding(const TextTable& table, const Schema& schema, const Device& device,
                      const CodingOptions& options);
CodedRows encode_rows(const CodingPlan& plan, const TextTable& table);
/// Of the table's rows: the share of each level of each head.
std::vector<float> level_shares(const CodingPlan& plan, const TextTable& table);
TextTable decode_rows(const CodingPlan& plan, const DrawnRows& drawn, std::uint64_t seed, std::int64_t first);
std::vector<std::string> relations_of(const CodingPlan& plan);
std::vector<std::string> description_of(const CodingPlan& plan);
std::vector<RowColumn> row_columns_of(const CodingPlan& plan);
std::string coding_to_json(const CodingPlan& plan);
/// Throws DataError "<source>: ...".
CodingPlan coding_from_json(std::string_view json, std::string_view source);

}  // namespace agon
