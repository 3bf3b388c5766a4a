#include "engine/checkpoint/safetensors.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "kernels/error.hpp"

namespace agon::safetensors {
namespace safetensors_test {

/// A file with this header, as it stands, and these bytes behind it.
std::string file_of(const std::string& header, const std::string& data = "") {
  const std::uint64_t length = header.size();
  std::string file(reinterpret_cast<const char*>(&length), sizeof length);
  return file + header + data;
}

std::string error_of(const std::string& file) {
  try {
    parse(file);
  } catch (const DataError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Safetensors, HeaderIsWhatTheFormatSays) {
  const std::string one(8, 'a'), two(4, 'b');
  const std::array tensors = {Tensor{"one", "F32", {2, 1}, one}, Tensor{"t\"wo", "U8", {4}, two}};
  const std::string json =
      R"({"__metadata__":{"z":"1","a":"line\nbreak"},"one":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},)"
      R"("t\"wo":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}})";
  const std::string text = header({{"z", "1"}, {"a", "line\nbreak"}}, tensors);
  EXPECT_EQ(text.size() % 8, 0u);
  std::uint64_t length = 0;
  std::memcpy(&length, text.data(), sizeof length);
  EXPECT_EQ(length, text.size() - 8);
  EXPECT_EQ(text.substr(8, json.size()), json);
  EXPECT_EQ(text.find_first_not_of(' ', 8 + json.size()), std::string::npos);
}

TEST(Safetensors, ReadsItsOwnHeaders) {
  const std::string one("\0\x01\x02\xff 567", 8);
  const std::array tensors = {Tensor{"one", "F32", {1, 2}, one}, Tensor{"scalar", "I64", {}, one},
                              Tensor{"none", "BF16", {0, 7}, {}}};
  const std::string bytes = header({{"", "empty key"}, {"key", "ä\x01\"\\"}}, tensors) + one + one;
  const File file = parse(bytes);
  EXPECT_EQ(file.metadata, (std::map<std::string, std::string>{{"", "empty key"}, {"key", "ä\x01\"\\"}}));
  ASSERT_EQ(file.tensors.size(), 3u);
  for (const Tensor& tensor : file.tensors) {
    const auto& written = tensors[tensor.name == "one" ? 0 : tensor.name == "scalar" ? 1 : 2];
    EXPECT_EQ(tensor.name, written.name);
    EXPECT_EQ(tensor.dtype, written.dtype);
    EXPECT_EQ(tensor.shape, written.shape);
    EXPECT_EQ(tensor.bytes, written.bytes);
  }
}

TEST(Safetensors, ReadsWhatOthersMayWrite) {
  // Neither metadata nor padding, keys and tensors in another order, spaces between, data at an odd place.
  const std::string bytes = file_of(
      "{\"b\" : {\"shape\":[ 1 ],\"data_offsets\":[2,6],\"dtype\":\"F32\"}, "
      "\"a\":{\"dtype\":\"F16\",\"shape\":[],"
      "\"data_offsets\":[0,2]}}",
      "123456");
  const File file = parse(bytes);
  ASSERT_EQ(file.tensors.size(), 2u);
  EXPECT_EQ(file.tensors[0].name, "a");
  EXPECT_EQ(file.tensors[0].bytes, "12");
  EXPECT_EQ(file.tensors[1].bytes, "3456");
  EXPECT_TRUE(file.metadata.empty());
  EXPECT_TRUE(parse(file_of("{}")).tensors.empty());
}

struct Broken {
  const char* name;
  std::string file;
  const char* complaint;  // what the message must hold
};

void PrintTo(const Broken& broken, std::ostream* out) { *out << broken.name; }

std::string tensor_file(const std::string& entry, const std::string& data = "1234") {
  return file_of("{\"t\":" + entry + "}", data);
}

class BrokenSafetensors : public testing::TestWithParam<Broken> {};

TEST_P(BrokenSafetensors, IsRefusedInOneLine) {
  const std::string error = error_of(GetParam().file);
  EXPECT_NE(error.find(GetParam().complaint), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos) << error;
  EXPECT_LT(error.size(), 300u);
}

const std::string kLong(100000, 'x');

INSTANTIATE_TEST_SUITE_P(
    , BrokenSafetensors,
    testing::Values(
        Broken{"empty", "", "empty"}, Broken{"short", "1234567", "too short"},
        Broken{"no_header", std::string("\x05\0\0\0\0\0\0\0", 8), "exceeds the file"},
        Broken{"length_cut", file_of("{}").substr(0, 9), "exceeds the file"},
        Broken{"length_huge", std::string(8, '\xff') + "{}", "exceeds the file"},
        Broken{"no_json", file_of("{\"a\":"), "no JSON (byte 6)"},
        Broken{"two_documents", file_of("{}{}"), "no JSON"},
        Broken{"bad_utf8", file_of("{\"\xff\":{}}"), "no JSON"},
        Broken{"number_overflow", file_of("{\"a\":1e999}"), "a number overflows"},
        Broken{"list", file_of("[]"), "no JSON object"},
        Broken{"deep", file_of(std::string(100000, '[')), "no JSON"},
        Broken{"metadata_list", file_of("{\"__metadata__\":[]}"), "__metadata__ is no object"},
        Broken{"metadata_number", file_of("{\"__metadata__\":{\"k\":1}}"), "metadata \"k\" is no string"},
        Broken{"metadata_twice", file_of(R"({"__metadata__":{"k":"1","k":"2"}})"), "\"k\" twice"},
        Broken{"tensor_twice",
               file_of(R"({"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("t":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
                       "12"),
               "\"t\" twice"},
        Broken{"no_entry", tensor_file("1"), "dtype, shape and data_offsets"},
        Broken{"missing_key", tensor_file(R"({"dtype":"F32","shape":[1]})"), "dtype, shape and data_offsets"},
        Broken{"unknown_key", tensor_file(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1})"),
               "dtype, shape and data_offsets"},
        Broken{"dtype_number", tensor_file(R"({"dtype":1,"shape":[1],"data_offsets":[0,4]})"), "dtype"},
        Broken{"dtype_unknown", tensor_file(R"({"dtype":"F33","shape":[1],"data_offsets":[0,4]})"),
               "unknown dtype \"F33\""},
        Broken{"shape_text", tensor_file(R"({"dtype":"F32","shape":"1","data_offsets":[0,4]})"),
               "shape is no list"},
        Broken{"shape_negative", tensor_file(R"({"dtype":"F32","shape":[-1],"data_offsets":[0,4]})"),
               "whole numbers"},
        Broken{"shape_fraction", tensor_file(R"({"dtype":"F32","shape":[1.0],"data_offsets":[0,4]})"),
               "whole numbers"},
        Broken{"shape_over_int64",
               tensor_file(R"({"dtype":"U8","shape":[9223372036854775808,0],"data_offsets":[0,4]})"),
               "too large"},
        Broken{"shape_wraps_to_4",  // 2^62 + 1 elements of 4 bytes
               tensor_file(R"({"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]})"),
               "too large"},
        Broken{"shape_product_wraps_to_0",
               tensor_file(R"({"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]})"),
               "too large"},
        Broken{"shape_other", tensor_file(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})"), "disagree"},
        Broken{"offsets_one", tensor_file(R"({"dtype":"F32","shape":[1],"data_offsets":[4]})"),
               "[begin, end)"},
        Broken{"offsets_backwards", tensor_file(R"({"dtype":"F32","shape":[1],"data_offsets":[4,0]})"),
               "[begin, end)"},
        Broken{"offsets_beyond", tensor_file(R"({"dtype":"F32","shape":[1],"data_offsets":[1,5]})"),
               "cut off"},
        Broken{
            "offsets_max",
            tensor_file(
                R"({"dtype":"F32","shape":[1],"data_offsets":[18446744073709551612,18446744073709551615]})"),
            "cut off"},
        Broken{"hole_before", tensor_file(R"({"dtype":"U8","shape":[3],"data_offsets":[1,4]})"),
               "leaves a hole"},
        Broken{"left_over", tensor_file(R"({"dtype":"U8","shape":[3],"data_offsets":[0,3]})"), "left over"},
        Broken{"overlap",
               file_of(R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},)"
                       R"("b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}})",
                       "1234"),
               "overlaps"},
        Broken{"hole_between",
               file_of(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("b":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}})",
                       "1234"),
               "leaves a hole"},
        Broken{"long_name", file_of("{\"" + kLong + "\":1}"), "..."},
        Broken{"escape_sequence", file_of("{\"\\u001b[31m\\n\":1}"), "\\u001b[31m\\n"}),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Safetensors, StringsThatAreNotUtf8AreNotWritten) {
  EXPECT_THROW(header({{"k", "\xff"}}, {}), DataError);
  EXPECT_THROW(header({{"\xc3", "v"}}, {}), DataError);
}

}  // namespace safetensors_test
}  // namespace agon::safetensors
