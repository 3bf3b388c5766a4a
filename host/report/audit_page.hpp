// audit.html: what an audit found, for people who do not program.
#pragma once

#include <string>

#include "host/evaluate/audit/audit.hpp"
#include "host/report/about.hpp"

namespace agon::host {

/// A whole HTML document that loads nothing and runs nothing, well-formed XML too. It shows figures of all
/// targets together, no row and no value of one.
std::string audit_page_html(const Audit& audit, const std::string& title, const AboutRows& about);

}  // namespace agon::host
