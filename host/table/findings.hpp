// Findings of the reader, put into words.
#pragma once

#include <string>
#include <utility>

#include "engine/table/schema.hpp"

namespace agon::host {

inline Finding note_of(std::string what, std::string column = {}, std::string remedy = {}) {
  return {Finding::Weight::note, std::move(column), std::move(what), std::move(remedy)};
}

inline Finding warning_of(std::string what, std::string column = {}, std::string remedy = {}) {
  return {Finding::Weight::warning, std::move(column), std::move(what), std::move(remedy)};
}

}  // namespace agon::host
