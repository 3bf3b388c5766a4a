// Bytes of other encodings than UTF-8.
#include "host/table/code_point.hpp"
#include "tests/host/read_table_cases.hpp"

namespace agon::test {
namespace read_table_encoding_test {

using namespace std::string_literals;

// UTF-16 of characters up to U+FFFF.
std::string utf16(std::u16string_view text, bool little, bool mark) {
  std::string bytes;
  const auto put = [&](char16_t c) {
    const char low = static_cast<char>(c & 0xFF), high = static_cast<char>(c >> 8);
    bytes += {little ? low : high, little ? high : low};
  };
  if (mark) put(0xFEFF);
  for (const char16_t c : text) put(c);
  return bytes;
}

TEST(ReadTableEncoding, Utf16OfEitherOrderWithAndWithoutAMark) {
  for (const bool little : {false, true}) {
    for (const bool mark : {false, true}) {
      const host::TableFile file = table_file(utf16(u"größe\tname\n1\tÄnne\n2\tZoë\n", little, mark));
      EXPECT_EQ(content_of(file.table), "größe,name|1,Änne|2,Zoë");
      EXPECT_EQ(findings_of(file).front(), "note: UTF-16 text, converted to UTF-8");
    }
  }
}

TEST(ReadTableEncoding, Utf16PairsAreOneCharacter) {
  const std::string text = utf16(u"a\n\U0001F9EC\n", true, true);
  EXPECT_EQ(content_in(text), "a|\U0001F9EC");
  const std::string half = utf16({u"a\n\xD83E\n", 4}, true, true);
  EXPECT_EQ(content_in(half), "a|\uFFFD");
  EXPECT_EQ(findings_in(half)[1], "warning: 1 character of the UTF-16 text cut in half");
  EXPECT_EQ(content_in(text.substr(0, text.size() - 3)), "a|\uFFFD");  // ends in half a pair and half a unit
}

TEST(ReadTableEncoding, LatinAndWindowsLettersAreConverted) {
  const host::TableFile file = table_file(
      "gr\xF6\xDF"
      "e,preis\n1,5 \x80\n2,\x93x\x94\n");
  EXPECT_EQ(content_of(file.table), "größe,preis|1,5 €|2,“x”");
  EXPECT_EQ(findings_of(file),
            Lines{"note: 5 bytes not UTF-8, read as Windows-1252 (Latin-1): the first, at 1:3, as 'ö'"});
}

TEST(ReadTableEncoding, Utf8StaysWhereSomeBytesAreNot) {
  EXPECT_EQ(content_in("größe,体\n\xE9t\xE9,\xED\xA0\x80\n"), "größe,体|été,í\u00A0\u20AC");
}

TEST(ReadTableEncoding, ValidUtf8IsNoFinding) {
  EXPECT_EQ(findings_in("größe,体重\n\U0001F9EC,2\n"), Lines{});
  EXPECT_EQ(findings_in("\xEF\xBB\xBFgröße\n1\n"), Lines{});
  EXPECT_EQ(content_in("\xEF\xBB\xBF\"a\",b\n1,2\n"), "a,b|1,2");
}

TEST(ReadTableEncoding, NulBytesAreRefused) {
  EXPECT_EQ(table_error("a,b\n1,2\0\0\n"s),
            "t.csv:2:4: 2 NUL bytes, the first here: the file is damaged or no text; save it again as CSV");
}

TEST(ReadTableEncoding, CodePointsThereAndBack) {
  for (char32_t c = 1; c < 0x110000; c += c < 0x3000 ? 1 : 97) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text = "é";
    host::append_utf8(text, c);
    const host::CodePoint last = host::last_code_point(text);
    ASSERT_EQ(last.value, c);
    ASSERT_EQ(last.length, text.size() - 2);
  }
  EXPECT_EQ(host::code_point_name(0xA0), "U+00A0");
  EXPECT_EQ(host::code_point_name(0x1F9EC), "U+1F9EC");
}

}  // namespace read_table_encoding_test
}  // namespace agon::test
