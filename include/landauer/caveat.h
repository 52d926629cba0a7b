// A warning that is stored with what it spoils, and shown by every report.
#pragma once

#include <string>

namespace landauer {

enum class Severity { note, warning, spoiled };

struct Caveat {
    std::string code;  // stable, kebab-case: "contended", "missed-deadlines"
    Severity severity = Severity::warning;
    std::string sentence;  // what was seen, with its number
    std::string remedy;    // what the user can do
    friend bool operator==(const Caveat&, const Caveat&) = default;
};

}  // namespace landauer
