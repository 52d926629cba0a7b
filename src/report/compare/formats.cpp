#include "report/compare/formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace landauer {
namespace {

constexpr std::array kFormats = {
    CompareFormat{"table", "verdict, tables and caveats for the terminal", write_compare_table},
    CompareFormat{"md", "Markdown to paste into a pull request", write_compare_markdown},
    CompareFormat{"json", "everything, for programs", write_compare_json},
    CompareFormat{"html", "one offline page with pictures", write_compare_html},
};

}  // namespace

std::span<const CompareFormat> compare_format_table() { return kFormats; }

Result<CompareFormat> find_compare_format(std::string_view name) {
    const auto* const found =
        std::find_if(kFormats.begin(), kFormats.end(), [&](const CompareFormat& f) { return f.name == name; });
    if (found != kFormats.end()) {
        return *found;
    }
    std::string names;
    for (const CompareFormat& format : kFormats) {
        names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
    }
    return fail(ErrorKind::Invalid, fmt::format("A comparison has no output format \"{}\".", name),
                fmt::format("Choose one of: {}.", names));
}

}  // namespace landauer
