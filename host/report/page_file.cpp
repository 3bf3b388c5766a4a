#include "host/report/page_file.hpp"

#include <utility>

#include "engine/runtime/atomic_file.hpp"

namespace agon::host {

PageFile::PageFile(std::filesystem::path path, Page page, std::vector<RunColumns> logs)
    : path_(std::move(path)), page_(std::move(page)), logs_(std::move(logs)) {}

void PageFile::draw(std::size_t shown, std::uint64_t step, const ReplicaTable& replicas) {
  shown_ = shown;
  page_.step = step;
  page_.replicas = replicas;
  write();
}

void PageFile::end(std::uint64_t step, std::string how) {
  page_.step = step;
  page_.ended = std::move(how);
  write();
}

void PageFile::write() {
  constexpr std::size_t kMostBehind = 32;
  page_.shown = &logs_[shown_];
  page_.others.clear();
  logs_[shown_].update();
  for (std::size_t i = 0; i < logs_.size() && page_.others.size() < kMostBehind; ++i) {
    if (i == shown_) continue;
    logs_[i].update();
    page_.others.push_back(&logs_[i]);
  }
  write_file_atomically(path_, page_html(page_));
}

}  // namespace agon::host
