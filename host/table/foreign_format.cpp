#include "host/table/foreign_format.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <string>

namespace agon::host {
namespace {

using namespace std::string_view_literals;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  ForeignFormat format;
};

constexpr std::string_view kSaveAsCsv = "save it as CSV";
constexpr std::string_view kExport = "export it as CSV from a program that reads it";
constexpr std::string_view kUnpack = "unpack it first";
constexpr std::string_view kNotATable = "give the table as CSV";

// Of the formats' own specifications. Those that a table's first name could begin with ("BM", "MZ") are left
// out.
constexpr auto kSignatures = std::to_array<Signature>({
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, {"an old Excel workbook (or another Office file)", kSaveAsCsv}},
    {0, "\x09\x08\x10\0\0\x06\x05\0"sv, {"an old Excel workbook", kSaveAsCsv}},
    {0, "PAR1"sv, {"a Parquet file", kExport}},
    {0, "ARROW1\0\0"sv, {"an Arrow file", kExport}},
    {0, "FEA1"sv, {"a Feather file", kExport}},
    {0, "Obj\x01"sv, {"an Avro file", kExport}},
    {0, "\x89HDF\r\n\x1A\n"sv, {"an HDF5 file", kExport}},
    {0, "SQLite format 3\0"sv, {"an SQLite database", "export the table as CSV (sqlite3 -header -csv)"}},
    {0, "\0\0\0\0\0\0\0\0\0\0\0\0\xC2\xEA\x81\x60"sv, {"a SAS data set", "export it as CSV (PROC EXPORT)"}},
    {0, "HEADER RECORD*******LIB"sv, {"a SAS transport file", "export it as CSV (PROC EXPORT)"}},
    {0, "$FL2"sv, {"an SPSS file", "save it as CSV (SAVE TRANSLATE)"}},
    {0, "$FL3"sv, {"an SPSS file", "save it as CSV (SAVE TRANSLATE)"}},
    {0, "<stata_dta>"sv, {"a Stata file", "export it as CSV (export delimited)"}},
    {0, "RDX2\n"sv, {"an R data file", "write it with write.csv"}},
    {0, "RDX3\n"sv, {"an R data file", "write it with write.csv"}},
    {0, "X\n\0\0\0"sv, {"an R data file", "write it with write.csv"}},
    {0, "MATLAB 5.0 MAT"sv, {"a MATLAB file", "write it with writetable"}},
    {0, "\x93NUMPY"sv, {"a NumPy array", "write it with numpy.savetxt"}},
    {0, "\x80\x04\x95"sv, {"a Python pickle", "write it with to_csv"}},
    {0, "\x80\x05\x95"sv, {"a Python pickle", "write it with to_csv"}},
    {0, "%PDF-"sv, {"a PDF document", kNotATable}},
    {0, "{\\rtf"sv, {"a rich text document", kNotATable}},
    {0, "\x89PNG\r\n\x1A\n"sv, {"a PNG image", kNotATable}},
    {0, "\xFF\xD8\xFF"sv, {"a JPEG image", kNotATable}},
    {0, "GIF87a"sv, {"a GIF image", kNotATable}},
    {0, "GIF89a"sv, {"a GIF image", kNotATable}},
    {0, "\0\0\x08\x01"sv, {"an IDX file", kNotATable}},
    {0, "\0\0\x08\x03"sv, {"an IDX file of images", kNotATable}},
    {0, "II*\0"sv, {"a TIFF image", kNotATable}},
    {0, "MM\0*"sv, {"a TIFF image", kNotATable}},
    {128, "DICM"sv, {"a DICOM image", kNotATable}},
    {0,
     "\x7F"
     "ELF"sv,
     {"a program", kNotATable}},
    {0, "\x1F\x8B"sv, {"gzip data within gzip data", kUnpack}},
    {0, "BZh91AY&SY"sv, {"compressed by bzip2", kUnpack}},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     {"compressed by xz", kUnpack}},
    {0, "\x28\xB5\x2F\xFD"sv, {"compressed by zstd", kUnpack}},
    {0, "7z\xBC\xAF\x27\x1C"sv, {"a 7-Zip archive", kUnpack}},
    {0, "Rar!\x1A\x07"sv, {"a RAR archive", kUnpack}},
    {257, "ustar"sv, {"a tar archive", kUnpack}},
    {0, "\xFF\xFE\0\0"sv, {"UTF-32 text", "save it as UTF-8"}},
    {0, "\0\0\xFE\xFF"sv, {"UTF-32 text", "save it as UTF-8"}},
});

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// Markup and JSON, told by how the text starts.
std::optional<ForeignFormat> foreign_text(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const std::size_t first = bytes.find_first_not_of(" \t\r\n");
  if (first == bytes.npos) return std::nullopt;
  const std::string start = lower_case(bytes.substr(first, 64));
  const auto starts = [&start](std::string_view with) { return start.starts_with(with); };
  if (starts("<!doctype html") || starts("<html") || starts("<table") || starts("<!doctype svg")) {
    return ForeignFormat{"an HTML page", "save the table itself as CSV (a download that needed a login?)"};
  }
  if (starts("<?xml") || starts("<svg")) return ForeignFormat{"an XML document", kExport};
  const std::size_t second = start.find_first_not_of(" \t\r\n", 1);
  const char inner = second == start.npos ? '\0' : start[second];
  if ((start[0] == '{' && (inner == '"' || inner == '}')) ||
      (start[0] == '[' && (inner == '{' || inner == '['))) {
    return ForeignFormat{"JSON", "write it as CSV"};
  }
  return std::nullopt;
}

ForeignFormat zip_archive(std::string_view bytes) {
  const std::string_view start = bytes.substr(0, 1 << 16);
  const auto holds = [start](std::string_view name) { return start.find(name) != start.npos; };
  if (holds("opendocument.spreadsheet")) return {"an OpenDocument workbook, not CSV", kSaveAsCsv};
  if (holds("word/")) return {"a Word document", kNotATable};
  if (holds("xl/") || holds("[Content_Types].xml")) return {"an Excel workbook, not CSV", kSaveAsCsv};
  if (holds(".npy")) return {"a NumPy archive that is damaged or cut off", "save it anew with numpy.savez"};
  return {"a zip archive", kUnpack};
}

// Stata's files before version 13 begin with the version, the order of bytes (1 or 2), 1 and 0.
bool is_old_stata(std::string_view bytes) {
  return bytes.size() > 4 && bytes[0] >= 0x69 && bytes[0] <= 0x73 && (bytes[1] == 1 || bytes[1] == 2) &&
         bytes[2] == 1 && bytes[3] == 0;
}

}  // namespace

std::optional<ForeignFormat> foreign_format(std::string_view bytes) {
  if (bytes.starts_with("PK\x03\x04")) return zip_archive(bytes);
  if (is_old_stata(bytes)) return ForeignFormat{"a Stata file", "export it as CSV (export delimited)"};
  for (const Signature& signature : kSignatures) {
    if (bytes.size() < signature.offset + signature.bytes.size()) continue;
    // A text may hold the word by chance.
    if (signature.offset != 0 && bytes.substr(0, signature.offset + 128).find('\0') == bytes.npos) continue;
    if (bytes.substr(signature.offset).starts_with(signature.bytes)) return signature.format;
  }
  return foreign_text(bytes);
}

}  // namespace agon::host
