// A run's page on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/report/page.hpp"

namespace agon::host {

class PageFile {
 public:
  /// `page`: what stays as it is, whatever is done of the run; `logs`: of each of its trainings.
  PageFile(std::filesystem::path path, Page page, std::vector<RunColumns> logs);

  /// Writes it, atomically. `shown`: of the logs that one, the only one or the best; others lie behind it, as
  /// many as can be told apart. Throws Error where it cannot be written.
  void draw(std::size_t shown, std::uint64_t step, const ReplicaTable& replicas);
  /// The same once more, the run having ended before its time: "diverged".
  void end(std::uint64_t step, std::string how);

 private:
  void write();

  std::filesystem::path path_;
  Page page_;
  std::vector<RunColumns> logs_;
  std::size_t shown_ = 0;
};

}  // namespace agon::host
