// The HTML report's parts: sections from the document, and the page round them.
#pragma once

#include <span>
#include <string>

#include "report/assets.h"
#include "report/clamp_table.h"
#include "report/document.h"
#include "report/report.h"

namespace landauer {

// One run as <article>; `place` is its number on the page, which its pictures ask for; `scenes` is a section of
// its own, or empty.
[[nodiscard]] std::string html_article(const Document& document, std::size_t place, const std::string& scenes);
// The clamps of runs that differ in nothing else, side by side; empty where there are none.
[[nodiscard]] std::string html_clamps(const std::vector<ClampGroup>& groups);

// The whole page with these assets built in.
[[nodiscard]] std::string html_page(std::span<const RunAnalysis> runs, const ReportOptions& options,
                                    std::span<const Asset> assets);

}  // namespace landauer
