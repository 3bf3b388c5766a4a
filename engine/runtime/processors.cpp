#include "engine/runtime/processors.hpp"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/runtime/decimal_text.hpp"

namespace agon {
namespace {

namespace fs = std::filesystem;

std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t end = text.find(separator);
    words.push_back(text.substr(0, end));
    if (end == text.npos) return words;
    text.remove_prefix(end + 1);
  }
}

bool holds(const std::vector<std::string_view>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Above 0, else nothing: "max" and -1 are no limit.
std::optional<double> amount(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return static_cast<double>(value);
}

/// A mount's place is written with \040 for a space.
std::string without_escapes(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int code = 0;
    const char* const digits = text.data() + i + 1;
    const bool escaped = text[i] == '\\' && i + 3 < text.size() &&
                         std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3;
    plain += escaped ? static_cast<char>(code) : text[i];
    if (escaped) i += 3;
  }
  return plain;
}

/// A hierarchy of control groups: where it is mounted, and which of its groups is seen there.
struct Mount {
  bool second = false;  ///< of version 2
  std::string group, place;
};

/// Those that can limit the processors' time.
std::vector<Mount> mounts(const fs::path& root) {
  std::vector<Mount> found;
  for (const std::string& line : lines_of(root / "proc/self/mountinfo")) {
    const std::size_t middle = line.find(" - ");
    if (middle == line.npos) continue;
    const auto left = pieces_of(std::string_view(line).substr(0, middle), ' ');
    const auto right = pieces_of(std::string_view(line).substr(middle + 3), ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    const bool second = right[0] == "cgroup2";
    if (!second && (right[0] != "cgroup" || !holds(pieces_of(right[2], ','), "cpu"))) continue;
    found.push_back({second, without_escapes(left[3]), without_escapes(left[4])});
  }
  return found;
}

/// The process's group in the hierarchy of version 2, or in that of version 1 with the processors' time.
std::string own_group(const fs::path& root, bool second) {
  for (const std::string& line : lines_of(root / "proc/self/cgroup")) {
    const std::size_t first = line.find(':');
    const std::size_t last = first == line.npos ? first : line.find(':', first + 1);
    if (last == line.npos) continue;
    const std::string_view controllers = std::string_view(line).substr(first + 1, last - first - 1);
    if (second ? line.starts_with("0:") && controllers.empty() : holds(pieces_of(controllers, ','), "cpu"))
      return line.substr(last + 1);
  }
  return {};
}

/// Where the group lies below the mount's place; the place itself where it is not seen there, as in a
/// container that sees no more than its own group.
fs::path below(const Mount& mount, const std::string& group) {
  const fs::path relative = fs::path(group).lexically_relative(mount.group);
  const bool seen = !relative.empty() && *relative.begin() != "..";
  return seen && relative != "." ? relative : fs::path();
}

std::optional<ProcessorQuota> quota_in(const fs::path& root, const fs::path& folder, bool second) {
  const auto line = [&](const char* name) {
    const auto lines = lines_of(root / folder.relative_path() / name);
    return lines.empty() ? std::string() : lines.front();
  };
  std::string text = second ? line("cpu.max") : line("cpu.cfs_quota_us") + " " + line("cpu.cfs_period_us");
  const auto words = pieces_of(text, ' ');
  if (words.size() != 2) return std::nullopt;
  const auto time = amount(words[0]), period = amount(words[1]);
  if (!time || !period) return std::nullopt;
  return ProcessorQuota{*time / *period, (folder / (second ? "cpu.max" : "cpu.cfs_quota_us")).string()};
}

/// 0 where it is unset or not a count.
int omp_num_threads() {
  const char* const text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr) return 0;
  const std::string_view value = pieces_of(text, ',').front();
  int threads = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threads);
  return error == std::errc() && end == value.data() + value.size() ? std::max(threads, 0) : 0;
}

}  // namespace

std::optional<ProcessorQuota> processor_quota(const fs::path& root) {
  std::optional<ProcessorQuota> least;
  for (const Mount& mount : mounts(root)) {
    const auto look_at = [&](const fs::path& folder) {
      const auto quota = quota_in(root, folder, mount.second);
      if (quota && (!least || quota->processors < least->processors)) least = quota;
    };
    fs::path folder = mount.place;
    look_at(folder);
    for (const fs::path& part : below(mount, own_group(root, mount.second))) look_at(folder /= part);
  }
  return least;
}

int processors_in_affinity_mask() {
  constexpr int kMost = 1 << 20;  // the kernel refuses a mask that is too small for the machine
  for (int size = 1024; size <= kMost; size *= 2) {
    cpu_set_t* const mask = CPU_ALLOC(size);
    if (mask == nullptr) return 1;
    const std::size_t bytes = CPU_ALLOC_SIZE(size);
    const int count = sched_getaffinity(0, bytes, mask) == 0 ? CPU_COUNT_S(bytes, mask) : 0;
    CPU_FREE(mask);
    if (count > 0) return count;
  }
  return 1;
}

DefaultThreads threads_by(int mask, const std::optional<ProcessorQuota>& quota) {
  if (!quota || std::ceil(quota->processors) >= mask) return {mask, {}};
  return {std::max(1, static_cast<int>(std::ceil(quota->processors))),
          quota->file + ", which allows " + short_decimal(quota->processors, 3) + " of " +
              std::to_string(mask) + " processors"};
}

DefaultThreads default_threads() {
  if (const int threads = omp_num_threads(); threads > 0) return {threads, "OMP_NUM_THREADS"};
  static const std::optional<ProcessorQuota> quota = processor_quota();
  return threads_by(processors_in_affinity_mask(), quota);
}

}  // namespace agon
