// Files: compressed, from pipes, and of other formats.
#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include <fstream>

#include "host/table/foreign_format.hpp"
#include "tests/host/read_table_cases.hpp"
#include "tests/temporary_folder.hpp"

namespace agon::test {
namespace read_table_file_test {

using namespace std::string_literals;

std::string gzipped(const std::string& text) {
  std::string out(::compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(::deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(::deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return out;
}

TEST(ReadTableFile, GzipIsUnpackedWhateverItsName) {
  const TemporaryFolder folder;
  put(folder / "table.csv", gzipped("a,b\n1,2\n"));
  EXPECT_EQ(content_of(host::read_table((folder / "table.csv").string()).table), "a,b|1,2");
  EXPECT_EQ(content_in(gzipped("a,b\n1,2\n") + gzipped("3,4\n") + std::string(100, '\0')), "a,b|1,2|3,4");
}

TEST(ReadTableFile, LongGzipIsUnpacked) {
  std::string text = "row\n";
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + '\n';
  const TextTable table = table_file(gzipped(text)).table;
  ASSERT_EQ(table.rows, 200'000);
  EXPECT_EQ(table.columns[0].at(199'999), "199999");
}

TEST(ReadTableFile, DamagedGzipIsRefused) {
  const std::string whole = gzipped("a,b\n1,2\n");
  EXPECT_EQ(table_error(whole.substr(0, whole.size() - 3)), "t.csv: damaged gzip data: the file is cut off");
  std::string other = whole;
  other[whole.size() - 4] ^= 1;  // in the length
  EXPECT_EQ(table_error(other), "t.csv: damaged gzip data: incorrect length check");
  EXPECT_EQ(table_error(whole + "3,4\n"), "t.csv: 4 bytes that are not gzip's behind the compressed table");
  EXPECT_EQ(table_error("\x1F\x8Bxyz"), "t.csv: damaged gzip data: unknown compression method");
}

TEST(ReadTableFile, StandardInputIsADash) {
  const TemporaryFolder folder;
  put(folder / "table.csv", "a,b\n1,2\n");
  put(folder / "bad.csv", "a,b\n1\n");
  const int saved = ::dup(STDIN_FILENO);
  const auto from = [&](const char* name) {
    const int file = ::open((folder / name).c_str(), O_RDONLY);
    EXPECT_EQ(::dup2(file, STDIN_FILENO), STDIN_FILENO);
    ::close(file);
    try {
      return content_of(host::read_table("-").table);
    } catch (const DataError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(from("table.csv"), "a,b|1,2");
  EXPECT_EQ(from("bad.csv"), "standard input:2:2: the row ends after 1 field; the header names 2 columns");
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
}

TEST(ReadTableFile, OtherFormatsAreNamedWithTheRemedy) {
  EXPECT_EQ(table_error("PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml xl/worksheets/sheet1.xml"s),
            "t.csv: this is an Excel workbook, not CSV; save it as CSV");
  EXPECT_EQ(table_error("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0"s),
            "t.csv: this is an old Excel workbook (or another Office file); save it as CSV");
  EXPECT_EQ(table_error(gzipped("RDX3\nX\n\0\0"s)), "t.csv: this is an R data file; write it with write.csv");
}

TEST(ReadTableFile, EveryKnownFormatIsTold) {
  const std::pair<std::string, std::string_view> formats[] = {
      {"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
       "an OpenDocument workbook, not CSV"},
      {"PK\x03\x04word/document.xml", "a Word document"},
      {"PK\x03\x04table.csv", "a zip archive"},
      {"PAR1\x15\x04", "a Parquet file"},
      {"SQLite format 3\0"s, "an SQLite database"},
      {std::string(12, '\0') + "\xC2\xEA\x81\x60", "a SAS data set"},
      {"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a SAS transport file"},
      {"$FL2@(#) SPSS DATA FILE", "an SPSS file"},
      {"<stata_dta><header>", "a Stata file"},
      {"\x72\x02\x01\0\x05"s, "a Stata file"},
      {"%PDF-1.7", "a PDF document"},
      {"\n <!DOCTYPE HTML><html>", "an HTML page"},
      {"<html><body>", "an HTML page"},
      {"<?xml version=\"1.0\"?>", "an XML document"},
      {"{\"age\": 1}", "JSON"},
      {"[\n {\"age\": 1}]", "JSON"},
      {"\x89PNG\r\n\x1A\n", "a PNG image"},
      {"\xFF\xD8\xFF\xE0", "a JPEG image"},
      {std::string(128, '\0') + "DICM", "a DICOM image"},
      {"\xFD"
       "7zXZ\0"s,
       "compressed by xz"},
      {"\x28\xB5\x2F\xFD", "compressed by zstd"},
      {"BZh91AY&SY", "compressed by bzip2"}};
  for (const auto& [bytes, what] : formats) {
    const auto format = host::foreign_format(bytes);
    ASSERT_TRUE(format) << what;
    EXPECT_EQ(format->what, what);
    EXPECT_FALSE(format->remedy.empty());
  }
}

TEST(ReadTableFile, TextThatStartsLikeThemIsRead) {
  for (const std::string_view text : {"BMI,x\n1,2\n", "GIF,x\n1,2\n", "{a},x\n1,2\n", "[1],x\n1,2\n",
                                      "<5,x\n1,2\n", "PK,x\n1,2\n", "%,x\n1,2\n"}) {
    EXPECT_EQ(table_error(text), "") << text;
  }
}

TEST(ReadTableFile, FilesThatCannotBeReadAreNamed) {
  const TemporaryFolder folder;
  const auto error = [](const std::string& path) -> std::string {
    try {
      host::read_table(path);
      return {};
    } catch (const DataError& thrown) {
      return thrown.what();
    }
  };
  const std::string absent = (folder / "absent.csv").string();
  EXPECT_EQ(error(absent), absent + ": cannot read: No such file or directory");
  EXPECT_EQ(error(folder.path().string()), folder.path().string() + ": cannot read: Is a directory");
}

}  // namespace read_table_file_test
}  // namespace agon::test
