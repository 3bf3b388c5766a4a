#include "host/run/run_columns.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

namespace agon::host {
namespace {

using nlohmann::json;

/// Empty where it is not text.
std::string text_at(const json& line, const char* field) {
  const auto found = line.find(field);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string warning_text(const json& line) {
  const std::string text = text_at(line, "text"), advice = text_at(line, "try");
  if (text.empty()) return text_at(line, "warning");
  return advice.empty() ? text : text + ": " + advice;
}

/// 0 where there is none.
std::uintmax_t size_of(const std::filesystem::path& path) {
  std::error_code none;
  const std::uintmax_t size = std::filesystem::file_size(path, none);
  return none ? 0 : size;
}

}  // namespace

RunColumns::RunColumns(const std::vector<std::filesystem::path>& logs) {
  for (const auto& path : logs) logs_.push_back({path});
}

bool RunColumns::take(const std::string& text) {
  const auto line = json::parse(text, nullptr, false);
  if (!line.is_object()) return false;
  const auto at = line.find("step");
  if (at == line.end() || !at->is_number_unsigned()) return false;
  const auto step = at->get<std::uint64_t>();
  if (line.contains("warning")) warnings_.push_back({step, warning_text(line)});
  for (const auto& [field, value] : line.items()) {
    if (field == "step" || !(value.is_number() || value.is_null())) continue;
    Column& column = columns_[field];
    if (!column.steps.empty() && column.steps.back() >= static_cast<double>(step)) continue;
    column.steps.push_back(static_cast<double>(step));
    column.values.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>());
  }
  return true;
}

void RunColumns::read(Log& log) {
  std::ifstream file(log.path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(log.read));
  for (std::string text; std::getline(file, text) && !file.eof();) {  // a line without its end was cut off
    if (!take(text)) return;
    log.read += text.size() + 1;
  }
}

void RunColumns::update() {
  if (std::ranges::any_of(logs_, [](const Log& log) { return size_of(log.path) < log.read; })) {
    columns_.clear();
    warnings_.clear();
    for (Log& log : logs_) log.read = 0;
  }
  for (Log& log : logs_) read(log);
}

const RunColumns::Column* RunColumns::column(const std::string& field) const {
  const auto found = columns_.find(field);
  return found == columns_.end() ? nullptr : &found->second;
}

}  // namespace agon::host
