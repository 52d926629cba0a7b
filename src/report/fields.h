// The fields of llama-bench's records, and ours beside them, for JSON, JSONL and SQL.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/run_analysis.h"
#include "core/metrics.h"

namespace landauer {

// One prompt or test of one run, over its valid repetitions.
struct BenchRow {
    const RunAnalysis* run = nullptr;
    const PromptFigures* prompt = nullptr;
    const SessionData* session = nullptr;  // of the first repetition; may be null
    std::string test_time;                 // when that began, "2026-01-31T12:34:56Z"
    std::vector<std::int64_t> samples_ns;  // in order of time
    std::vector<double> samples_ts;        // tokens processed and generated over time

    [[nodiscard]] double mean_ns() const;
    [[nodiscard]] double sd_ns() const;
    [[nodiscard]] double mean_ts() const;
    [[nodiscard]] double sd_ts() const;
    [[nodiscard]] std::string backend() const;
    [[nodiscard]] std::string fact(const std::string& name) const;  // of the environment; empty: not there
};

// Prompts without a valid trial have no row: they hold nothing that can be compared.
[[nodiscard]] std::vector<BenchRow> bench_rows(const RunAnalysis& run);

enum class FieldType : unsigned char { text, boolean, integer, real };
struct BenchField {
    std::string_view name;
    FieldType type;
    std::string_view otherwise;                   // when the run's settings have no such name
    nlohmann::json (*computed)(const BenchRow&);  // null: from the settings
};
// llama-bench's fields in its order (tools/llama-bench, as of the pinned commit).
[[nodiscard]] std::span<const BenchField> bench_fields();
// Ours that are one text or number each.
[[nodiscard]] std::span<const BenchField> own_fields();
// Of pictures: written only where there are any, so that runs of text read as they always did.
[[nodiscard]] std::span<const BenchField> image_fields();
[[nodiscard]] bool has_image(const BenchRow& row);
[[nodiscard]] bool has_images(std::span<const RunAnalysis> runs);
// The metric table; without pictures less the phases that only they have.
[[nodiscard]] std::vector<const Metric*> shown_metrics(bool with_images);
[[nodiscard]] nlohmann::json field_value(const BenchField& field, const BenchRow& row);

}  // namespace landauer
