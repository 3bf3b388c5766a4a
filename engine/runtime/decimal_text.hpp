// Numbers in messages, with a decimal point whatever the locale.
#pragma once

#include <string>

namespace agon {

/// As printf's "%.<digits>g" in C's locale: "0.25", "1e+30".
std::string short_decimal(double value, int digits);
/// As "%.<decimals>f": "15.9".
std::string fixed_decimal(double value, int decimals);

}  // namespace agon
