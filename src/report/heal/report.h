// What a healing did, as its page shows it: plain numbers and strings, filled in by the caller. Nothing here prints,
// reads clocks or files.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "report/assets.h"
#include "report/compress/report.h"
#include "report/document.h"
#include "report/heat_map.h"

namespace landauer {

struct LearningPoint {
    std::int64_t n_tokens = 0;
    double held_out = 0.0;           // nats a token
    std::optional<double> training;  // mean since the point before
};

// A prompt's answers, greedy.
struct HealedAnswer {
    std::string prompt_id;
    std::string base;
    std::string before;
    std::string after;
};

struct HealReport {
    std::string title;     // "healed.gguf, healed from small.gguf by base.gguf"
    std::string subtitle;  // one line: types, sizes
    double before = 0.0;   // held out, nats a token
    double after = 0.0;    // as the file is stored
    std::optional<std::array<double, 2>>
        floats;  // before and after, of floats that were healed before they were quantised
    std::int64_t n_held_out_tokens = 0;
    std::int64_t n_tokens = 0;  // trained on
    std::size_t n_values = 0;   // trained
    std::vector<LearningPoint> curve;
    std::vector<PartColumn> columns;
    LayerValues moved;  // root mean square of the change, in % of the mean size
    std::vector<HealedAnswer> answers;
    std::optional<MakingCost> making;
    std::vector<Fact> facts;
    std::vector<std::string> notes;
    std::string command;
    std::string version;
};

// "The divergence from the base on held-out text fell from 0.0712 to 0.0412 nats a token, 42 % less."
[[nodiscard]] std::string heal_headline(const HealReport& report);

// The part that stands above the verdict on its page: without a head and a foot.
[[nodiscard]] std::string heal_section(const HealReport& report, std::size_t place);
// The series behind its picture.
[[nodiscard]] nlohmann::json heal_plots(const HealReport& report);
// A page of its own.
[[nodiscard]] std::string write_heal_html(const HealReport& report);
// Of a compression that was healed.
[[nodiscard]] std::string write_healed_compression_html(const CompressReport& compression, const HealReport& healing);
[[nodiscard]] std::string heal_page(const HealReport& report, std::span<const Asset> assets);

}  // namespace landauer
