// --out and --overwrite.
#pragma once

#include <string>
#include <vector>

namespace agon::host {

/// Whether an output file's name stands for standard output: "-", or none. (A file of that name is "./-".)
bool is_standard_output(const std::string& path);

/// Throws ConfigurationError where `path` is a file that must not be replaced, or a folder. Standard output,
/// devices and pipes (/dev/null) hold nothing that could be lost.
void check_output(const std::string& path, bool overwrite);

/// Throws ConfigurationError: `flag` names a folder, which standard output is not.
void require_folder(const char* flag, const std::string& path);

/// Of a report's files, "report.html" and "figures.json": the same, and every name must end in one of these.
void check_reports(const std::vector<std::string>& paths, bool overwrite);
/// Writes each whole, or throws Error.
void write_reports(const std::vector<std::string>& paths, const std::string& json, const std::string& page);

/// "2026-11-30 05:55 UTC, after 42 s": for what a report says of itself.
std::string date_text(double seconds);

}  // namespace agon::host
