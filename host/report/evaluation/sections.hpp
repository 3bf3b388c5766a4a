// The sections of an evaluation's page, each appended as HTML.
#pragma once

#include <span>
#include <string>

#include "host/report/evaluation/page.hpp"

namespace agon::host {

inline constexpr std::size_t kLongestSentence = 400;  ///< bytes of it that the page shows

void append_verdict(std::string& html, std::span<const Judgement* const> judgements);
void append_likeness(std::string& html, const Evaluation& evaluation);
void append_telling_pairs(std::string& html, const Evaluation& evaluation);
void append_discriminator(std::string& html, const Evaluation& evaluation);
void append_regions(std::string& html, const Evaluation& evaluation);
void append_columns(std::string& html, const Evaluation& evaluation, const EvaluationPage& page);
void append_pairs(std::string& html, const Evaluation& evaluation);
void append_utility(std::string& html, const Evaluation& evaluation);
void append_model_choice(std::string& html, const Evaluation& evaluation);
void append_row(std::string& html, const Evaluation& evaluation);
void append_survival(std::string& html, const Evaluation& evaluation);
void append_privacy(std::string& html, const Evaluation& evaluation);

/// "0.983", "-" where it is undefined.
std::string figure_text(double value, int decimals = 3);
/// "1.3%", "-" where it is undefined.
std::string percent_text(double share);

}  // namespace agon::host
