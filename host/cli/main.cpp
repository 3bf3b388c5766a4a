// The command line: what can be asked, and how every failure becomes one line and an exit code.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <new>
#include <string>
#include <vector>

#include "engine/table/suggestion.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/commands.hpp"
#include "host/cli/exit_code.hpp"
#include "host/config/other_words.hpp"
#include "host/run/console.hpp"
#include "kernels/error.hpp"

namespace agon::host {
namespace {

/// The commands that were chosen, from the outermost in: "bench", "modes".
std::vector<const CLI::App*> chosen_commands(const CLI::App& app) {
  std::vector<const CLI::App*> chosen;
  for (const CLI::App* one = &app; !one->get_subcommands().empty();)
    chosen.push_back(one = one->get_subcommands().front());
  return chosen;
}

/// "agon bench modes"
std::string full_name(const CLI::App& app) {
  std::string name = app.get_name();
  for (const CLI::App* one : chosen_commands(app)) name += " " + one->get_name();
  return name;
}

/// CLI11's help, which knows no program name before a subcommand's and leaves two blank lines between groups.
std::string help_text(const CLI::App& app) {
  const auto chosen = chosen_commands(app);
  const std::string name = full_name(app);
  std::string text =
      chosen.empty() ? app.help() : chosen.back()->help(name.substr(0, name.find_last_of(' ')));
  for (std::size_t at; (at = text.find("\n\n\n")) != std::string::npos;) text.erase(at, 1);
  return text;
}

int run(const CLI::App& app, CommandLine& line) {
  const std::string command = app.get_subcommands().front()->get_name();
  if (command == "train") {
    line.train.flags = given_flags(*app.get_subcommands().front(), line.settings, line.flag_texts);
    return train(line.train);
  }
  if (command == "sample") return sample(line.sample);
  if (command == "export") return export_generator(line.exported);
  if (command == "evaluate") return evaluate(line.evaluate);
  if (command == "audit") return audit(line.audit);
  if (command == "inspect") return inspect(line.inspect);
  if (command == "bench") return run_bench(*app.get_subcommands().front(), line.bench);
  return devices(line.devices);
}

std::vector<std::string> long_flags(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// One line for a command line that CLI11 refused.
std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  const auto chosen = chosen_commands(app);
  const CLI::App& command = chosen.empty() ? app : *chosen.back();
  std::string text = error.what();
  std::vector<std::string> unknown = command.remaining();
  if (unknown.empty()) unknown = app.remaining(true);
  if (!unknown.empty()) {
    const std::string word = unknown.front().substr(0, unknown.front().find('='));
    if (word.starts_with('-')) {
      text = fmt::format("unknown flag '{}'{}", word, flag_suggestion(word, long_flags(command)));
    } else if (const auto known = command.get_subcommands({}); !known.empty()) {
      std::vector<std::string> names;
      for (const CLI::App* one : known) names.push_back(one->get_name());
      text = fmt::format("unknown command '{}'{}", word, suggestion(word, names));
    } else {
      text = fmt::format("one argument too many: '{}'", word);
    }
  }
  return fmt::format("{} (see {} --help)", text.substr(0, text.find('\n')), full_name(app));
}

int guarded_main(int argc, char** argv) {
  CommandLine line;
  CLI::App app("Trains generative adversarial networks on tables of records, and draws new ones from them.",
               "agon");
  app.set_version_flag("--version", "agon " AGON_VERSION);
  app.require_subcommand(1);
  app.footer("Example: agon train patients.csv && agon sample runs/patients -n 1000 --out synthetic.csv");
  add_train(app, line);
  add_sample(app, line);
  add_export(app, line);
  add_evaluate(app, line);
  add_audit(app, line);
  add_the_rest(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_data(help_text(app));
    return kDone;
  } catch (const CLI::CallForVersion& version) {
    print_data(std::string(version.what()) + "\n");
    return kDone;
  } catch (const CLI::ParseError& error) {
    throw ConfigurationError(usage_message(app, error));
  }
  return run(app, line);
}

/// A stream that the caller closed is opened on nothing: the next file must not take its number and get its
/// text.
void occupy_standard_streams() {
  while (true) {
    const int descriptor = open("/dev/null", O_RDONLY);
    if (descriptor > STDERR_FILENO) close(descriptor);
    if (descriptor < 0 || descriptor > STDERR_FILENO) return;
  }
}

int failed(ExitCode code, const char* text) {
  print_message(fmt::format("agon: {}", text));
  return code;
}

}  // namespace
}  // namespace agon::host

int main(int argc, char** argv) {
  using namespace agon::host;
  occupy_standard_streams();
  // A closed pipe and a file beyond its limit are write errors to report, not reasons to die in the middle.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return guarded_main(argc, argv);
  } catch (const OutputClosed&) {
    return kDone;
  } catch (const agon::ConfigurationError& error) {
    return failed(kUsage, error.what());
  } catch (const agon::DataError& error) {
    return failed(kBadData, error.what());
  } catch (const agon::DeviceError& error) {
    return failed(kNoDevice, error.what());
  } catch (const std::bad_alloc&) {
    return failed(kFailure, "out of memory");
  } catch (const std::exception& error) {
    return failed(kFailure, error.what());
  }
}
