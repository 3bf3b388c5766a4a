// Columns while they are decoded, and their numbers as cells.
#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/table/column_coding.hpp"
#include "engine/table/text_table.hpp"

namespace agon {

inline constexpr std::uint32_t kNumberFollows = UINT32_MAX;  // a cell whose number is still to be spelled

/// A column while it is decoded.
struct DecodedColumn {
  std::vector<std::uint32_t> level;  ///< (rows) of columns with levels
  std::vector<double> number;        ///< (rows) of columns of numbers; NaN: none
  std::vector<std::uint32_t> cell;   ///< of each level
  std::vector<double> plain;         ///< of each level: its number; NaN of marks, holes and sentinels
  TextColumn text;
  std::shared_ptr<std::deque<std::string>> letters = std::make_shared<std::deque<std::string>>();

  std::uint32_t add(std::string spelling) {
    letters->push_back(std::move(spelling));
    text.spellings.push_back(letters->back());
    return static_cast<std::uint32_t>(text.spellings.size() - 1);
  }
};

/// Cells by number: open addressing, at most half full.
class CellsByNumber {
 public:
  /// The number's cell; kNumberFollows, to be set, where it is new.
  std::uint32_t& operator[](double number);

 private:
  struct Slot {
    double number = std::numeric_limits<double>::quiet_NaN();  // NaN: free
    std::uint32_t cell = kNumberFollows;
  };
  Slot& find(double number);
  void grow();

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
  int shift_ = 0;
};

/// A column's numbers as cells; each number is spelled once.
class NumberSpeller {
 public:
  NumberSpeller(const ColumnCoding& coding, const ColumnSchema& schema, DecodedColumn& out);
  std::uint32_t cell(double number);

 private:
  std::uint32_t add(double number);

  const ColumnSchema& schema_;
  DecodedColumn& out_;
  bool texts_may_meet_;  // numbers of no lattice can be one when they are spelled
  CellsByNumber cells_;
  std::unordered_map<std::string_view, std::uint32_t> texts_;
  std::unordered_map<double, const std::string*> own_;
};

}  // namespace agon
