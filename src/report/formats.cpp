#include "report/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace landauer {
namespace {

constexpr std::array kFormats = {
    ReportFormat{"table", "a table for the terminal, with laws and caveats", write_table},
    ReportFormat{"md", "Markdown tables to paste, as llama-bench prints them", write_markdown},
    ReportFormat{"csv", "one row a trial, raw SI units", write_csv},
    ReportFormat{"json", "one object a prompt or test; llama-bench's fields and more", write_json},
    ReportFormat{"jsonl", "the same, one object a line", write_jsonl},
    ReportFormat{"sql", "the same as statements for sqlite3, in llama-bench's table", write_sql},
    ReportFormat{"html", "one offline page with pictures, tables and how to reproduce", write_html},
};

}  // namespace

std::span<const ReportFormat> format_table() { return kFormats; }

Result<ReportFormat> find_format(std::string_view name) {
    const auto* const found =
        std::find_if(kFormats.begin(), kFormats.end(), [&](const ReportFormat& format) { return format.name == name; });
    if (found != kFormats.end()) {
        return *found;
    }
    std::string names;
    for (const ReportFormat& format : kFormats) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
    }
    return fail(ErrorKind::Invalid, fmt::format("There is no output format \"{}\".", name),
                fmt::format("Choose one of: {}.", names));
}

}  // namespace landauer
