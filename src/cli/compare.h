// A comparison from flags to its report, for the command of that name and for others that end in one.
#pragma once

#include <landauer/error.h>

#include <functional>

#include "cli/command.h"
#include "cli/compare_options.h"

namespace landauer {

// Of each model over all repetitions, so that the machine's drift is inside the interval.
inline constexpr int kCompareTurns = 6;

// Takes the place of writing the report and judging its gates.
using WithComparison = std::function<Result<void>(CompareReport& report, const CompareRequest& request)>;
[[nodiscard]] Result<void> run_compare(const CompareFlags& flags, CommandContext& context,
                                       const WithComparison& then = {});

// To stdout or a file in the asked format, and the page where one is asked for; or the page alone.
[[nodiscard]] Result<void> write_comparison(const CompareReport& report, const CompareRequest& request,
                                            const CompareFlags& flags);
[[nodiscard]] Result<void> write_comparison_page(const CompareReport& report, const CompareFlags& flags);

}  // namespace landauer
