// Tables of text to comma-separated files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "engine/table/text_table.hpp"

namespace agon::host {

/// The record of a table's names, with its line end. Fields are in quotes where a reader could take them for
/// more than one, for another separator or for something else than text.
std::string header_of(std::span<const std::string> names);

/// Writes a table piece by piece: names first, then rows, LF line ends. read_table gives the table back.
class TextTableWriter {
 public:
  /// `sink` gets the text in pieces of about 64 KiB; what it throws passes through.
  TextTableWriter(std::span<const std::string> names, std::function<void(std::string_view)> sink);

  /// Rows of a table with as many columns as there are names.
  void write_rows(const TextTable& table);
  /// Hands the rest to the sink. Must be called last.
  void finish();

 private:
  std::function<void(std::string_view)> sink_;
  std::string buffer_;
};

/// Writes the whole table; the file appears whole or not at all. Throws Error where it cannot be written.
void write_table(const std::filesystem::path& path, const TextTable& table);

}  // namespace agon::host
