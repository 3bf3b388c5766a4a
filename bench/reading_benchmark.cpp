// How fast a table is read, on one thread: its text into cells, and then what its columns mean.
// table_sizes.py runs it.
//
//     reading_benchmark FILE.csv [flags of Google Benchmark]
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>

#include "engine/table/schema.hpp"
#include "host/table/read_table.hpp"

namespace {

void read_file(benchmark::State& state, const std::string& path) {
  for (auto _ : state) benchmark::DoNotOptimize(agon::host::read_table(path).table.rows);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(path)));
}

void infer_columns(benchmark::State& state, const std::string& path) {
  const agon::host::TableFile file = agon::host::read_table(path);
  for (auto _ : state) benchmark::DoNotOptimize(agon::infer_schema(file.table).findings.size());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(std::filesystem::file_size(path)));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc != 2) return std::fprintf(stderr, "reading_benchmark FILE.csv: a table\n"), 2;
  const std::string path = argv[1];
  benchmark::RegisterBenchmark("read", read_file, path)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  benchmark::RegisterBenchmark("infer", infer_columns, path)
      ->MeasureProcessCPUTime()
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
