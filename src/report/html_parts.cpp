#include "report/html_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/html_text.h"

namespace landauer {

std::string with_intervals(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t open = std::min(text.find('['), text.size());
        out += html_escaped(text.substr(0, open));
        text.remove_prefix(open);
        const std::size_t length = std::min(text.find_first_not_of("[0123456789., -+e"), text.size());
        const bool is_interval = length > 1 && length < text.size() && text[length] == ']';
        const std::size_t taken = is_interval ? length + 1 : std::min<std::size_t>(text.size(), 1);
        out += is_interval ? element("span", text.substr(0, taken), "class=\"interval\"")
                           : html_escaped(text.substr(0, taken));
        text.remove_prefix(taken);
    }
    return out;
}

std::string facts_table(const std::vector<Fact>& facts) {
    std::string out = "<div class=\"wide\" tabindex=\"0\"><table class=\"facts\"><tbody>\n";
    for (const Fact& fact : facts) {
        out += "<tr>" + element("th", fact.name, "scope=\"row\"") + element("td", fact.value) + "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string text_table(const TextTable& table) {
    std::string out = "<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr>";
    const auto attribute = [&](std::size_t column) { return table.right[column] ? "class=\"number\"" : ""; };
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        out += r == 0 ? "" : "<tr>";
        for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
            out += element(r == 0 ? "th" : "td", table.rows[r][c], attribute(c));
        }
        out += r == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n";
    }
    return out + "</tbody></table></div>\n";
}

std::string caveat_list(const std::vector<Caveat>& caveats) {
    std::string out = "<ul class=\"caveats\">\n";
    for (const Caveat& caveat : caveats) {
        out += fmt::format(
            "<li class=\"{0}\"><strong>{0}</strong> {1} <span class=\"remedy\">{2}</span> <code>{3}</code></li>\n",
            severity_word(caveat.severity), html_escaped(caveat.sentence), html_escaped(caveat.remedy),
            html_escaped(caveat.code));
    }
    return out + "</ul>";
}

}  // namespace landauer
