// Names of columns that name records.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "engine/table/cell_text.hpp"
#include "engine/table/inference.hpp"

namespace agon {
namespace {

constexpr std::array<std::string_view, 27> kSure = {
    "id",       "ids",         "mrn",        "uuid",     "guid",      "pid",    "ssn",
    "nhs",      "accession",   "subjid",     "usubjid",  "patientid", "caseid", "recordid",
    "sampleid", "studyid",     "personid",   "userid",   "rowid",     "hadmid", "stayid",
    "visitid",  "encounterid", "identifier", "rownames", "rownumber", "patid"};
constexpr std::array<std::string_view, 17> kPossible = {
    "nr",    "no",  "num", "number", "case",   "patient",   "subject",   "record", "sample",
    "index", "row", "obs", "seq",    "serial", "encounter", "admission", "key"};

/// "patientID_2" is patient, id, 2: parts end at anything but letters and figures and ahead of a capital
/// behind a small letter.
std::vector<std::string> words_of_name(std::string_view name) {
  std::vector<std::string> words(1);
  char before = '\0';
  for (const char c : name) {
    const bool capital = c >= 'A' && c <= 'Z', small = c >= 'a' && c <= 'z', figure = c >= '0' && c <= '9';
    const bool word = capital || small || figure || static_cast<unsigned char>(c) >= 0x80;
    if (!word || (capital && before >= 'a' && before <= 'z')) words.emplace_back();
    if (word) words.back() += c;
    before = c;
  }
  for (std::string& w : words) w = lower_case(w);
  return words;
}

}  // namespace

NameOfRecord sounds_like_record(std::string_view name) {
  const std::vector<std::string> words = words_of_name(name);
  const auto any_of = [&](const auto& known) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
      return std::find(known.begin(), known.end(), word) != known.end();
    });
  };
  if (any_of(kSure)) return NameOfRecord::surely;
  const bool unnamed =
      std::all_of(words.begin(), words.end(), [](const std::string& w) { return w.empty(); });
  return unnamed || any_of(kPossible) ? NameOfRecord::perhaps : NameOfRecord::no;
}

}  // namespace agon
