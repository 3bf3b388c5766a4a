// Flags as other programs call them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace agon::host {

/// "; did you mean '--batch'?" for "--batch-size", which is not among `flags`: what those who know PyTorch,
/// SDV or scikit-learn would try, then what is spelled nearly so (suggestion.hpp). Empty where there is
/// nothing like it.
std::string flag_suggestion(std::string_view word, const std::vector<std::string>& flags);

}  // namespace agon::host
