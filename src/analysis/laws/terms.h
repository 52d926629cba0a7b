// The terms that a token law may hold, in one table: name and value at (n_in, n_out).
#pragma once

#include <array>
#include <string_view>

namespace landauer {

struct LawVariable {
    std::string_view name;    // "n_in^2", as in a law card
    std::string_view symbol;  // of its coefficient in a formula: "d"
    double (*at)(double n_in, double n_out);
};

inline constexpr std::array kLawVariables = {
    LawVariable{"intercept", "a", [](double, double) { return 1.0; }},
    LawVariable{"n_in", "b", [](double n_in, double) { return n_in; }},
    LawVariable{"n_out", "c", [](double, double n_out) { return n_out; }},
    LawVariable{"n_in^2", "d", [](double n_in, double) { return n_in * n_in; }},
};

[[nodiscard]] constexpr const LawVariable* find_law_variable(std::string_view name) {
    for (const LawVariable& variable : kLawVariables) {
        if (variable.name == name) {
            return &variable;
        }
    }
    return nullptr;
}

}  // namespace landauer
