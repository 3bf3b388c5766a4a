#include "host/evaluate/reasons.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace agon::host {

Light worse(Light a, Light b) {
  const auto rank = [](Light light) {
    switch (light) {
      case Light::unknown:
        return 0;
      case Light::green:
        return 1;
      case Light::amber:
        return 2;
      case Light::red:
        return 3;
    }
    return 0;
  };
  return rank(a) < rank(b) ? b : a;
}

std::string_view word_of(Light light) {
  switch (light) {
    case Light::green:
      return "green";
    case Light::amber:
      return "amber";
    case Light::red:
      return "red";
    case Light::unknown:
      return "unknown";
  }
  return "unknown";
}

Light light_of(double beyond, const VerdictLimits::Limit& limit) {
  return beyond > limit.red ? Light::red : beyond > limit.amber ? Light::amber : Light::green;
}

void Reasons::add(Light light, std::string words) {
  light_ = worse(light_, light);
  reasons_.push_back({light, std::move(words)});
}

void Reasons::add(double beyond, const VerdictLimits::Limit& limit, std::string words) {
  if (!std::isnan(beyond)) add(light_of(beyond, limit), std::move(words));
}

std::vector<std::string> Reasons::words() && {
  std::ranges::stable_sort(reasons_, [](const Reason& a, const Reason& b) {
    return a.light != b.light && worse(a.light, b.light) == a.light;
  });
  std::vector<std::string> words;
  for (Reason& reason : reasons_) words.push_back(std::move(reason.words));
  return words;
}

Judgement judgement(std::string question, Reasons reasons, std::string_view green, std::string_view amber,
                    std::string_view red, std::string_view unknown) {
  Judgement out{reasons.light(), std::move(question), {}, {}};
  out.answer = out.light == Light::green   ? green
               : out.light == Light::amber ? amber
               : out.light == Light::red   ? red
                                           : unknown;
  out.reasons = std::move(reasons).words();
  return out;
}

std::string in_percent(double share) { return fmt::format("{:.{}f}%", 100 * share, share < 0.0995 ? 1 : 0); }

nlohmann::ordered_json to_json(const Judgement& judgement) {
  return {{"light", word_of(judgement.light)},
          {"question", judgement.question},
          {"answer", judgement.answer},
          {"reasons", judgement.reasons}};
}

std::string in_short(const Judgement& judgement) {
  return fmt::format("{} [{}] {}\n", judgement.question, word_of(judgement.light), judgement.answer);
}

std::string to_text(const Judgement& judgement) {
  std::string text = in_short(judgement);
  for (const std::string& reason : judgement.reasons) text += "  - " + reason + '\n';
  return text;
}

}  // namespace agon::host
