// One table drives every place a figure is shown: SQL column, JSON key, table header, docs.
#pragma once

#include <span>
#include <string_view>

namespace landauer {

enum class Better : unsigned char { lower, higher, neither };

struct Metric {
    std::string_view name;    // JSON key and column: "cpu_auc_pct_s"
    std::string_view unit;    // "%·s"
    std::string_view header;  // short table header: "CPU AUC"
    std::string_view help;    // one sentence: definition and source
    Better better = Better::lower;
    bool stored = false;  // a figure of one trial, recomputable from its raw samples alone
    int digits = 3;       // significant digits in tables
};

[[nodiscard]] std::span<const Metric> metric_table();
// What answers and models are worth, from scoring: no figure of a trial.
[[nodiscard]] std::span<const Metric> quality_table();
// Of either table; null for a name that is none's.
[[nodiscard]] const Metric* find_metric(std::string_view name);

}  // namespace landauer
