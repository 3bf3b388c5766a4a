#include "host/cli/inspect_table.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/runtime/atomic_file.hpp"
#include "engine/table/coding.hpp"
#include "host/cli/describe.hpp"
#include "host/cli/exit_code.hpp"
#include "host/cli/output_file.hpp"
#include "host/config/schema_toml.hpp"
#include "host/images/read_images.hpp"
#include "host/run/console.hpp"
#include "host/run/records_file.hpp"
#include "host/table/schema_report.hpp"
#include "host/table/text.hpp"
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

/// What leaves the machine says nothing of single people, unless it is asked to.
Schema told_schema(const RecordsFile& file, Examples examples) {
  return examples == Examples::any ? file.schema : without_rare_marks(file.schema, file.table);
}

std::string table_json(const RecordsFile& file, Examples examples) {
  ordered_json all{{"rows", file.table.rows}};
  all["schema"] = ordered_json::parse(schema_to_json(told_schema(file, examples)));
  all["findings"] = ordered_json::array();
  for (const Finding& finding : file.findings)
    all["findings"].push_back({{"weight", weight_text(finding.weight)},
                               {"column", finding.column},
                               {"what", finding.what},
                               {"remedy", finding.remedy}});
  all["relations"] = relations_of(file);
  return all.dump(2) + "\n";
}

std::string table_text(const RecordsFile& file, Examples examples) {
  std::string text = describe_schema(file.table, file.schema, file.findings, examples);
  const std::vector<std::string> relations = relations_of(file);
  if (!relations.empty()) text += "\nbetween columns, kept in every record drawn:\n";
  for (const std::string& relation : relations) text += "  " + printable(relation, std::string::npos) + "\n";
  return text;
}

std::string images_json(const ReadImages& read) {
  const ImageShape& shape = read.set.shape;
  const nlohmann::ordered_json all{{"images", read.set.count},       {"height", shape.height},
                                   {"width", shape.width},           {"channels", shape.channels},
                                   {"labels", read.set.label_names}, {"fingerprint", fingerprint(read.set)},
                                   {"findings", read.findings}};
  return all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string images_text(const ReadImages& read, const std::string& source) {
  const std::string count = grouped(static_cast<std::uint64_t>(read.set.count));
  std::string text = labelled("images", fmt::format("{}: {} of {}, fingerprint {}", source, count,
                                                    image_size_text(read.set.shape), fingerprint(read.set)));
  for (const std::string& finding : read.findings) text += "note: " + finding + "\n";
  return text;
}

}  // namespace

int inspect_table(const InspectOptions& options) {
  check_output(options.write_schema, options.overwrite);
  const Examples examples = options.exact_bounds ? Examples::any : Examples::shared;
  const RecordsFile file =
      read_records_file({options.source, options.schema, options.columns, options.ignore, examples});
  if (options.exact_bounds) print_message("agon: --exact-bounds: values that single rows have are shown");
  if (options.write_schema.empty()) {
    print_data(options.json ? table_json(file, examples) : printable_lines(table_text(file, examples)));
    return kDone;
  }
  std::vector<std::string> remarks{fmt::format("Of {}, as agon understands it.", options.source)};
  for (const Finding& finding : file.findings)
    if (finding.weight != Finding::Weight::note) remarks.push_back(line_of(finding));
  const std::string schema = schema_to_toml(told_schema(file, examples), remarks);
  if (is_standard_output(options.write_schema)) {
    print_data(schema);
    return kDone;
  }
  write_file_atomically(options.write_schema, schema);
  print_message(fmt::format("{}: edit it, then: agon train {} --schema {}", options.write_schema,
                            options.source, options.write_schema));
  return kDone;
}

int inspect_images(const InspectOptions& options) {
  const ReadImages read = read_images(options.source);
  print_data(options.json ? images_json(read) : printable_lines(images_text(read, options.source)));
  return kDone;
}

}  // namespace agon::host
