#include "host/cli/file_facts.hpp"

#include <sha2.h>

#include <filesystem>

#include "host/table/file_bytes.hpp"

namespace agon::host {

std::string sha256_of_file(const std::string& path) {
  std::string digest(SHA256_DIGEST_STRING_LENGTH, '\0');
  if (SHA256File(path.c_str(), digest.data()) == nullptr) return "";
  digest.pop_back();
  return digest;
}

std::string short_name(const std::string& path) {
  if (path == "-") return name_of_file(path);
  const std::filesystem::path whole = std::filesystem::path(path).lexically_normal();  // "runs/patients/"
  return (whole.has_filename() ? whole : whole.parent_path()).filename().string();
}

}  // namespace agon::host
