#include "host/run/drawn_table.hpp"

#include <string>
#include <string_view>
#include <utility>

#include "host/table/read_table.hpp"
#include "kernels/error.hpp"

namespace agon::host {

TextTable drawn_table(const Gan& gan, const Representation& representation, std::int64_t rows,
                      std::uint64_t seed, const RealRecords* never, int replica) {
  std::string text;
  CsvDraw draw(
      gan, representation, [&](std::string_view piece) { text += piece; }, replica);
  const DrawResult result = draw.draw({.count = rows, .seed = seed, .never = never}, [] { return true; });
  if (!result.finite) throw DataError("the generator's output is not finite: nothing is drawn");
  if (result.scarce) throw Error(result.shortage);
  draw.finish();
  return parse_table(std::move(text), "records drawn").table;
}

}  // namespace agon::host
