// Figures that a paper published for a pair of models: data/paper.json, built into the program.
#pragma once

#include <landauer/error.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace landauer {

// One quantity of a published pair. What the paper's text does not give is absent.
struct PublishedFigure {
    std::string name;  // "cpu_auc", "ram_auc", "speed", "wh_per_prompt", "wh_per_run", "accuracy"
    std::optional<double> base;
    std::optional<double> candidate;
    std::optional<double> change_percent;
    std::optional<double> ratio;
    std::string where;  // table or page; empty: not known
};

struct PublishedPair {
    std::string name;  // "llama8b-gilda@rpi5"
    std::string source;
    std::string base;
    std::string candidate;
    std::string machine;
    std::string note;
    std::vector<PublishedFigure> figures;
    [[nodiscard]] const PublishedFigure* find(std::string_view wanted) const;
};

[[nodiscard]] const std::vector<PublishedPair>& published_pairs();
// Invalid, naming the pairs there are.
[[nodiscard]] Result<PublishedPair> find_published_pair(std::string_view name);

}  // namespace landauer
