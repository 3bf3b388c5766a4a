#include "engine/table/number_speller.hpp"

#include <bit>

namespace agon {

std::uint32_t& CellsByNumber::operator[](double number) {
  if (2 * (size_ + 1) > slots_.size()) grow();
  Slot& slot = find(number);
  if (slot.number != number) slot.number = number, ++size_;
  return slot.cell;
}

CellsByNumber::Slot& CellsByNumber::find(double number) {
  std::size_t i = (std::bit_cast<std::uint64_t>(number + 0.0) * 0x9E3779B97F4A7C15u) >> shift_;
  while (!std::isnan(slots_[i].number) && slots_[i].number != number) i = (i + 1) & (slots_.size() - 1);
  return slots_[i];
}

void CellsByNumber::grow() {
  std::vector<Slot> old(slots_.empty() ? 256 : 2 * slots_.size());
  old.swap(slots_);
  shift_ = 64 - std::countr_zero(slots_.size());
  for (const Slot& slot : old)
    if (!std::isnan(slot.number)) find(slot.number) = slot;
}

NumberSpeller::NumberSpeller(const ColumnCoding& coding, const ColumnSchema& schema, DecodedColumn& out)
    : schema_(schema), out_(out), texts_may_meet_(coding.continuous.support.lattice.step <= 0) {
  for (std::size_t i = 0; i < coding.levels.size(); ++i)
    if (!std::isnan(coding.levels[i].value)) cells_[coding.levels[i].value] = out.cell[i];
  for (const OwnSpelling& own : coding.own_spellings) own_.emplace(own.value, &own.text);
  if (texts_may_meet_)
    for (std::size_t i = 0; i < out.text.spellings.size(); ++i)
      texts_.emplace(out.text.spellings[i], static_cast<std::uint32_t>(i));
}

std::uint32_t NumberSpeller::cell(double number) {
  std::uint32_t& cell = cells_[number];
  if (cell == kNumberFollows) cell = add(number);
  return cell;
}

std::uint32_t NumberSpeller::add(double number) {
  const auto own = own_.find(number);
  std::string text = own != own_.end() ? *own->second : spell(number, schema_);
  if (!texts_may_meet_) return out_.add(std::move(text));
  if (const auto same = texts_.find(text); same != texts_.end()) return same->second;
  const std::uint32_t cell = out_.add(std::move(text));
  texts_.emplace(out_.text.spellings.back(), cell);
  return cell;
}

}  // namespace agon
