// What speaks for and against something, and what it comes to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/evaluate/verdict.hpp"

namespace agon::host {

Light worse(Light a, Light b);

/// Collects reasons, and sorts the weightiest to the front.
class Reasons {
 public:
  void add(Light light, std::string words);
  /// By how far a figure is beyond what is fine; NaN says nothing.
  void add(double beyond, const VerdictLimits::Limit& limit, std::string words);
  Light light() const { return light_; }  ///< the worst; unknown without reasons
  std::vector<std::string> words() &&;

 private:
  struct Reason {
    Light light;
    std::string words;
  };
  Light light_ = Light::unknown;
  std::vector<Reason> reasons_;
};

Light light_of(double beyond, const VerdictLimits::Limit& limit);

/// With one of the answers, by the reasons' light.
Judgement judgement(std::string question, Reasons reasons, std::string_view green, std::string_view amber,
                    std::string_view red, std::string_view unknown);

/// "1.3%", "25%"
std::string in_percent(double share);

}  // namespace agon::host
