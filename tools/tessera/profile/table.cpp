// Spans summed up and set in columns.
#include "tools/tessera/profile/table.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

namespace tessera::tools {
namespace {

using kernels::Profile;

// The spans of one name.
struct Sum {
  std::string name;
  std::size_t calls = 0;
  double seconds = 0;
  double least_seconds = 0;  // at the peaks
  kernels::Cost cost = {};

  void Add(const Profile::Span& span, double least) {
    ++calls;
    seconds += span.seconds();
    least_seconds += least;
    cost.flops += span.cost.flops;
    cost.integer_ops += span.cost.integer_ops;
    cost.weight_bytes += span.cost.weight_bytes;
    cost.bytes += span.cost.bytes;
  }
};

using NameOf = std::function<std::string(const Profile::Span&)>;

// Sums in the order in which their names first come.
std::vector<Sum> SumBy(const engine::ProfiledRun& run, const NameOf& name_of,
                       Peaks& peaks) {
  std::vector<Sum> sums;
  for (const Profile::Span& span : run.profile.spans()) {
    const std::string name = name_of(span);
    auto sum = std::ranges::find(sums, name, &Sum::name);
    if (sum == sums.end()) sum = sums.insert(sum, Sum{.name = name});
    sum->Add(span, peaks.LeastSeconds(span.cost));
  }
  return sums;
}

std::string OperationName(const Profile::Span& span) {
  const Profile::Scope& scope = span.scope;
  std::string name;
  if (scope.stack) name.append(scope.stack).append(" ");
  if (scope.block) name.append(scope.block).append(" ");
  return name.append(span.operation);
}

// A number where there is something to count.
std::string Number(double value, const char* format) {
  char text[32] = "";
  if (value > 0) std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string Row(const Sum& sum, double total) {
  const double bytes = sum.cost.weight_bytes + sum.cost.bytes;
  const double percent = 100 * sum.least_seconds / sum.seconds;
  char row[160];
  std::snprintf(
      row, sizeof(row), "%-36s %8s %10.2f %6.1f %% %9s %8s %7s\n",
      sum.name.c_str(), Number(static_cast<double>(sum.calls), "%.0f").c_str(),
      1e3 * sum.seconds, 100 * sum.seconds / total,
      Number(1e-9 * (sum.cost.flops + sum.cost.integer_ops) / sum.seconds,
             "%.1f")
          .c_str(),
      Number(1e-9 * bytes / sum.seconds, "%.1f").c_str(),
      Number(percent, "%.0f %%").c_str());
  return row;
}

std::string Table(const char* title, std::vector<Sum> sums, double total) {
  Sum rest = {.name = "between operations", .seconds = total};
  for (const Sum& sum : sums) rest.seconds -= sum.seconds;
  sums.push_back(rest);
  char header[160];
  std::snprintf(header, sizeof(header), "%-36s %8s %10s %8s %9s %8s %7s\n",
                title, "calls", "ms", "share", "GFLOP/s", "GB/s", "of peak");
  std::string table = header;
  for (const Sum& sum : sums) table += Row(sum, total);
  return table + Row({.name = "in all", .seconds = total}, total);
}

}  // namespace

std::string LayerName(const Profile::Scope& scope) {
  if (!scope.stack) return "";
  std::string name = scope.stack;
  if (scope.layer >= 0)
    name.append(" ").append(std::to_string(scope.layer + 1));
  return name;
}

std::string ToTables(const engine::ProfiledRun& run, Peaks& peaks) {
  const auto layer = [](const Profile::Span& span) {
    const std::string name = LayerName(span.scope);
    if (name.empty()) return std::string("outside of the model");
    return span.scope.layer < 0 ? name + ", outside of layers" : name;
  };
  const double total = run.seconds();
  return Table("operation", SumBy(run, OperationName, peaks), total) + "\n" +
         Table("layer", SumBy(run, layer, peaks), total);
}

}  // namespace tessera::tools
