#include "engine/checkpoint/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "kernels/error.hpp"

namespace agon::safetensors {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little,
              "lengths and floats are copied as they lie in memory");

constexpr std::size_t kLengthBytes = sizeof(std::uint64_t);
constexpr std::size_t kAlignment = 8;
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's own limit
constexpr const char* kMetadataKey = "__metadata__";

void require_header(bool holds, const std::string& complaint) {
  if (!holds) throw DataError(complaint);
}

/// Bytes of one element; 0 for a dtype that this reader does not know.
std::uint64_t element_bytes(std::string_view dtype) {
  struct Dtype {
    std::string_view name;
    std::uint64_t bytes;
  };
  static constexpr std::array kDtypes = {
      Dtype{"BOOL", 1},    Dtype{"U8", 1},  Dtype{"I8", 1},  Dtype{"F8_E4M3", 1}, Dtype{"F8_E5M2", 1},
      Dtype{"F8_E8M0", 1}, Dtype{"U16", 2}, Dtype{"I16", 2}, Dtype{"F16", 2},     Dtype{"BF16", 2},
      Dtype{"U32", 4},     Dtype{"I32", 4}, Dtype{"F32", 4}, Dtype{"U64", 8},     Dtype{"I64", 8},
      Dtype{"F64", 8},     Dtype{"C64", 8},
  };
  const auto found = std::ranges::find(kDtypes, dtype, &Dtype::name);
  return found == kDtypes.end() ? 0 : found->bytes;
}

/// JSON readers keep the last of two equal keys without a word: this one refuses them.
json parse_json(std::string_view text) {
  std::vector<std::set<std::string>> open_objects;
  const auto watch = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open_objects.emplace_back();
    if (event == json::parse_event_t::object_end) open_objects.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = parsed.get_ref<const std::string&>();
      require_header(open_objects.back().insert(key).second, "its header names " + printable(key) + " twice");
    }
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::parse_error& error) {
    throw DataError("its header is no JSON (byte " + std::to_string(error.byte) + ")");
  } catch (const json::out_of_range&) {
    throw DataError("its header is no JSON that can be held: a number overflows");
  }
}

std::vector<std::uint64_t> unsigned_numbers(const json& list, const std::string& what) {
  require_header(list.is_array(), what + " is no list");
  std::vector<std::uint64_t> numbers;
  for (const json& number : list) {
    require_header(number.is_number_unsigned(), what + " holds something else than whole numbers");
    numbers.push_back(number.get<std::uint64_t>());
  }
  return numbers;
}

std::uint64_t byte_count(const Tensor& tensor, const std::string& where) {
  std::uint64_t bytes = element_bytes(tensor.dtype);
  require_header(bytes != 0, where + " has the unknown dtype " + printable(tensor.dtype));
  for (const std::int64_t length : tensor.shape)
    require_header(!__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(length), &bytes),
                   where + " has a shape too large for any file");
  return bytes;
}

Tensor parse_tensor(const std::string& name, const json& entry, std::string_view data) {
  const std::string where = "tensor " + printable(name);
  require_header(entry.is_object() && entry.size() == 3 && entry.contains("dtype") &&
                     entry.contains("shape") && entry.contains("data_offsets") && entry["dtype"].is_string(),
                 where + " is not described by dtype, shape and data_offsets alone");
  Tensor tensor{name, entry["dtype"].get<std::string>(), {}, {}};
  for (const std::uint64_t length : unsigned_numbers(entry["shape"], where + ": shape")) {
    require_header(length <= INT64_MAX, where + " has a shape too large for any file");
    tensor.shape.push_back(static_cast<std::int64_t>(length));
  }
  const auto offsets = unsigned_numbers(entry["data_offsets"], where + ": data_offsets");
  require_header(offsets.size() == 2 && offsets[0] <= offsets[1],
                 where + ": data_offsets are no [begin, end)");
  require_header(offsets[1] <= data.size(), where + " ends beyond the file: it is cut off");
  tensor.bytes = data.substr(offsets[0], offsets[1] - offsets[0]);
  require_header(tensor.bytes.size() == byte_count(tensor, where),
                 where + ": data_offsets disagree with its shape");
  return tensor;
}

/// Sorts by place and checks that the tensors cover `data` from end to end.
void require_cover(std::vector<Tensor>& tensors, std::string_view data) {
  std::ranges::sort(tensors, {}, [](const Tensor& t) { return std::pair(t.bytes.data(), t.bytes.size()); });
  const char* end = data.data();
  for (const Tensor& tensor : tensors) {
    require_header(tensor.bytes.data() == end,
                   "tensor " + printable(tensor.name) + " overlaps another or leaves a hole");
    end += tensor.bytes.size();
  }
  require_header(end == data.data() + data.size(), "bytes are left over behind the last tensor");
}

void append_numbers(std::string& text, std::span<const std::int64_t> numbers) {
  text += '[';
  for (std::size_t i = 0; i < numbers.size(); ++i) text += (i ? "," : "") + std::to_string(numbers[i]);
  text += ']';
}

std::string json_string(const std::string& text) {
  try {
    return json(text).dump();
  } catch (const json::type_error&) {
    throw DataError(printable(text) + " is not UTF-8: a checkpoint cannot hold it");
  }
}

}  // namespace

File parse(std::string_view file) {
  require_header(!file.empty(), "the file is empty");
  require_header(file.size() >= kLengthBytes, "the file is too short to be one of safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, file.data(), kLengthBytes);
  require_header(
      length <= kLongestHeader && length <= file.size() - kLengthBytes,
      "its header's length, " + std::to_string(length) + " bytes, exceeds the file or the format's limit");
  const json header = parse_json(file.substr(kLengthBytes, length));
  require_header(header.is_object(), "its header is no JSON object");
  const std::string_view data = file.substr(kLengthBytes + length);

  File result;
  for (const auto& [name, entry] : header.items()) {
    if (name != kMetadataKey) {
      result.tensors.push_back(parse_tensor(name, entry, data));
      continue;
    }
    require_header(entry.is_object(), "its __metadata__ is no object");
    for (const auto& [key, value] : entry.items()) {
      require_header(value.is_string(), "its metadata " + printable(key) + " is no string");
      result.metadata.emplace(key, value.get<std::string>());
    }
  }
  require_cover(result.tensors, data);
  return result;
}

std::string header(const Metadata& metadata, std::span<const Tensor> tensors) {
  std::string text = "{" + json_string(kMetadataKey) + ":{";
  for (const auto& [key, value] : metadata) {
    if (text.back() != '{') text += ',';
    text += json_string(key) + ":" + json_string(value);
  }
  text += '}';
  std::int64_t end = 0;
  for (const Tensor& tensor : tensors) {
    const std::int64_t begin = end;
    end += static_cast<std::int64_t>(tensor.bytes.size());
    text += "," + json_string(tensor.name) + ":{\"dtype\":" + json_string(tensor.dtype) + ",\"shape\":";
    append_numbers(text, tensor.shape);
    text += ",\"data_offsets\":";
    append_numbers(text, std::array{begin, end});
    text += '}';
  }
  text += '}';
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), kLengthBytes) + text;
}

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  const bool cut = text.size() > kLongest;
  return json(text.substr(0, kLongest)).dump(-1, ' ', true, json::error_handler_t::replace) +
         (cut ? "..." : "");
}

}  // namespace agon::safetensors
