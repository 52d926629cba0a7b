#include "report/terminal_text.h"

#include "report/document.h"
#include "report/plain_text.h"

namespace landauer {

void add_wrapped(std::string& out, std::string_view text, int width, int indent) {
    const std::string margin(static_cast<std::size_t>(indent), ' ');
    for (const std::string& line : wrapped(text, width - indent)) {
        out += margin + line + "\n";
    }
}

void add_caveats(std::string& out, const std::vector<Caveat>& caveats, int width, const Painter& paint) {
    for (const Caveat& caveat : caveats) {
        const std::string word(severity_word(caveat.severity));
        const auto lines = wrapped(fmt::format("{}: {} ({})", word, caveat.sentence, caveat.code), width - 2);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            const std::string rest = i == 0 ? lines[i].substr(word.size()) : lines[i];
            out += "  " + (i == 0 ? paint.severity(caveat.severity, word) : std::string()) + rest + "\n";
        }
        add_wrapped(out, caveat.remedy, width, 4);
    }
}

}  // namespace landauer
