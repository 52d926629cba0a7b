// The verdict page: a comparison in, text out. Nothing here prints, reads clocks or files.
#pragma once

#include <landauer/error.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/compare/compare.h"
#include "analysis/compare/gates.h"
#include "analysis/compare/use.h"
#include "report/compare/published.h"
#include "report/report.h"

namespace landauer {

struct CompressReport;
struct HealReport;

struct GateOutcome {
    GateResult result;
    bool only_when_certain = false;  // --fail-if-certain: the whole interval must lie beyond the limit
    [[nodiscard]] bool failed() const { return only_when_certain ? result.failed && result.is_certain : result.failed; }
};

// A comparison and what goes with it on its page. Nothing is owned.
struct CompareReport {
    const ModelComparison* comparison = nullptr;
    CompareOptions options;  // the margins that the verdicts were judged by
    std::vector<GateOutcome> gates;
    std::optional<PublishedPair> published;
    std::optional<Use> use;
    std::vector<std::optional<YearOfUse>> years;  // one a contender, absent without joules; empty without a use
    std::vector<std::string> notes;               // sentences: the stock type of a candidate's size, ...
    std::string command;                          // that made this page
    std::string version;
    const CompressReport* compression = nullptr;  // of the candidate: stands above the verdict; may be null
    const HealReport* healing = nullptr;          // likewise
};

struct CompareFormat {
    std::string_view name;  // "table", "md", "json", "html"
    std::string_view help;
    std::string (*write)(const CompareReport& report, const ReportOptions& options);
};
[[nodiscard]] std::span<const CompareFormat> compare_format_table();
// Invalid, naming the formats there are, for an unknown name.
[[nodiscard]] Result<CompareFormat> find_compare_format(std::string_view name);

}  // namespace landauer
