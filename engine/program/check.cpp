#include "engine/program/check.hpp"

#include <stdexcept>
#include <string>

namespace agon {

void check_reads(const Program& program, ByteRanges there) {
  for (const Operation& operation : program.operations())
    for (const Access& access : operation.accesses()) {
      if (access.reads() && !there.covers(access.first, access.end()))
        throw std::logic_error(std::string(operation.name()) + " reads what nothing has written");
      if (access.writes()) there.add(access.first, access.end());
    }
}

}  // namespace agon
