// What the terminal's reports share: colours, wrapping, caveats.
#pragma once

#include <fmt/format.h>
#include <landauer/caveat.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

inline constexpr int kNarrowestTerminal = 40;

class Painter {
   public:
    explicit Painter(bool colour) : colour_(colour) {}
    [[nodiscard]] std::string bold(const std::string& text) const { return paint("1", text); }
    [[nodiscard]] std::string dim(const std::string& text) const { return paint("2", text); }
    [[nodiscard]] std::string good(const std::string& text) const { return paint("32", text); }
    [[nodiscard]] std::string bad(const std::string& text) const { return paint("31", text); }
    [[nodiscard]] std::string severity(Severity severity, const std::string& text) const {
        constexpr std::array<const char*, 3> kCodes = {"36", "33", "31"};
        return paint(kCodes.at(static_cast<std::size_t>(severity)), text);
    }

   private:
    [[nodiscard]] std::string paint(const char* code, const std::string& text) const {
        return colour_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
    }
    bool colour_;
};

void add_wrapped(std::string& out, std::string_view text, int width, int indent);
void add_caveats(std::string& out, const std::vector<Caveat>& caveats, int width, const Painter& paint);

}  // namespace landauer
