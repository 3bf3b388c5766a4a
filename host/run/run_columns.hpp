// A run's logs read back as columns, whatever fields their lines have: what its page draws.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace agon::host {

/// Follows logs that grow: every line is parsed once.
class RunColumns {
 public:
  /// Of the lines that have a field: their steps, which ascend, and its values, NaN for null.
  struct Column {
    std::vector<double> steps, values;
  };
  struct Warning {
    std::uint64_t step;
    std::string text;
  };

  /// Files of JSON objects with a "step", one a line. No field but that is in more than one of them.
  explicit RunColumns(const std::vector<std::filesystem::path>& logs);

  /// Takes in the whole lines that have come since the last call, of each log up to the first that cannot be
  /// read. A log that is not there has none. One that has become shorter has all of them read anew.
  void update();

  /// Of a field that is a number. Null where no line has it.
  const Column* column(const std::string& field) const;
  /// Of the lines with a field "warning": "text: try" where they have these fields, else the warning itself.
  const std::vector<Warning>& warnings() const { return warnings_; }

 private:
  struct Log {
    std::filesystem::path path;
    std::uintmax_t read = 0;  ///< bytes
  };

  void read(Log& log);
  bool take(const std::string& line);

  std::vector<Log> logs_;
  std::map<std::string, Column> columns_;
  std::vector<Warning> warnings_;
};

}  // namespace agon::host
