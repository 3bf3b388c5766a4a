#include "host/cli/inspect_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "engine/table/coding.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/config/schema_toml.hpp"
#include "host/run/console.hpp"
#include "host/run/records_file.hpp"
#include "host/table/schema_report.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

using nlohmann::ordered_json;

/// Of a table that can be learnt; else nothing.
std::vector<std::string> relations_of(const RecordsFile& file) {
  try {
    return Coding::fit(file.table, file.schema, Device::cpu(1)).relations();
  } catch (const DataError&) {
    return {};  // the findings say why
  }
}

std::string_view weight_text(Finding::Weight weight) {
  constexpr std::string_view kNames[] = {"note", "warning", "error"};
  return kNames[static_cast<std::size_t>(weight)];
}

std::string table_json(const RecordsFile& file) {
  ordered_json all{{"rows", file.table.rows}};
  all["schema"] = ordered_json::parse(schema_to_json(file.schema));
  all["findings"] = ordered_json::array();
  for (const Finding& finding : file.findings)
    all["findings"].push_back({{"weight", weight_text(finding.weight)},
                               {"column", finding.column},
                               {"what", finding.what},
                               {"remedy", finding.remedy}});
  all["relations"] = relations_of(file);
  return all.dump(2) + "\n";
}

std::string table_text(const RecordsFile& file) {
  std::string text = describe_schema(file.table, file.schema, file.findings);
  const std::vector<std::string> relations = relations_of(file);
  if (!relations.empty()) text += "\nbetween columns, kept in every record drawn:\n";
  for (const std::string& relation : relations) text += "  " + relation + "\n";
  return text;
}

}  // namespace

int inspect_table(const InspectOptions& options) {
  check_output(options.write_schema, options.overwrite);
  const RecordsFile file =
      read_records_file({options.source, options.schema, options.columns, options.ignore});
  if (options.write_schema.empty()) {
    print_data(options.json ? table_json(file) : table_text(file));
    return kDone;
  }
  std::vector<std::string> remarks{fmt::format("Of {}, as agon understands it.", options.source)};
  for (const Finding& finding : file.findings)
    if (finding.weight != Finding::Weight::note) remarks.push_back(line_of(finding));
  write_file_atomically(options.write_schema, schema_to_toml(file.schema, remarks));
  print_message(fmt::format("{}: edit it, then: agon train {} --schema {}", options.write_schema,
                            options.source, options.write_schema));
  return kDone;
}

}  // namespace agon::host
