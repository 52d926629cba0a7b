#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "core/metrics.h"
#include "core/utf8.h"
#include "report/fields.h"
#include "report/plain_text.h"
#include "report/report.h"
#include "sample_run.h"

namespace landauer::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string written(const SampleRun& run, std::string_view format, const ReportOptions& options = {}) {
    return find_format(format)->write(std::span(&run.analysis, 1), options);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

TEST(Formats, EachNameIsFoundAndAnUnknownOneNamesThemAll) {
    std::set<std::string_view> names;
    for (const ReportFormat& format : format_table()) {
        EXPECT_TRUE(names.insert(format.name).second) << format.name;
        EXPECT_FALSE(format.help.empty());
        EXPECT_EQ(find_format(format.name)->write, format.write);
    }
    const auto unknown = find_format("xml");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, ErrorKind::Invalid);
    for (const std::string_view name : names) {
        EXPECT_THAT(unknown.error().remedy, HasSubstr(std::string(name)));
    }
}

TEST(Terminal, FitsTheWidthThatIsAsked) {
    for (const bool energy : {false, true}) {
        const SampleRun run = sample_run({.energy = energy});
        for (const int width : {60, 80, 100, 140}) {
            ReportOptions options;
            options.width = width;
            for (const std::string& line : lines_of(written(run, "table", options))) {
                EXPECT_LE(display_width(line), width) << line;
            }
            for (const std::string& line : lines_of(render_laws(run.analysis, options))) {
                EXPECT_LE(display_width(line), width) << line;
            }
        }
    }
}

TEST(Terminal, HundredColumnsHoldEveryFigureOfAMachineWithoutAMeter) {
    const std::string text = written(sample_run(), "table");
    for (const char* header : {"time", "prefill", "decode", "CPU", "CPU AUC", "RAM AUC", "peak RSS", "grade"}) {
        EXPECT_THAT(text, HasSubstr(header));
    }
    EXPECT_THAT(text, HasSubstr("No energy meter"));
    EXPECT_THAT(text, Not(HasSubstr("net energy")));
    EXPECT_THAT(text, Not(HasSubstr("J/token")));
}

TEST(Terminal, JoulesCarryScopeAndProvenance) {
    const std::string text = written(sample_run({.energy = true}), "table");
    EXPECT_THAT(text, HasSubstr("package-0 (powercap)"));
    EXPECT_THAT(text, HasSubstr("measured"));
    EXPECT_THAT(text, HasSubstr("net energy"));
}

TEST(Terminal, ColourOnlyWhenAsked) {
    const SampleRun run = sample_run();
    EXPECT_THAT(written(run, "table"), Not(HasSubstr("\x1b")));
    ReportOptions options;
    options.colour = true;
    const std::string coloured = written(run, "table", options);
    EXPECT_THAT(coloured, HasSubstr("\x1b["));
}

TEST(Terminal, EscapesFromAModelNameDoNotReachTheTerminal) {
    const SampleRun run = sample_run({.text = hostile_text()});
    for (const char* format : {"table", "md"}) {
        const std::string text = written(run, format);
        EXPECT_TRUE(is_valid_utf8(text));
        EXPECT_THAT(text, Not(HasSubstr("\x1b")));
        EXPECT_THAT(text, Not(HasSubstr("\u202e")));
        EXPECT_EQ(text.find('\0'), std::string::npos);
    }
}

TEST(Markdown, EveryRowOfATableHasAsManyCellsAsItsHeader) {
    for (const bool grid : {false, true}) {
        for (const std::string& text : {SampleOptions{}.text, hostile_text()}) {
            const SampleRun run = sample_run({.grid = grid, .text = text});
            std::size_t cells = 0;
            for (const std::string& line : lines_of(written(run, "md"))) {
                if (!line.starts_with('|')) {
                    cells = 0;
                    continue;
                }
                std::size_t bars = 0;
                for (std::size_t i = 0; i < line.size(); ++i) {
                    bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\') ? 1 : 0;
                }
                EXPECT_TRUE(cells == 0 || bars == cells) << line;
                cells = bars;
            }
        }
    }
}

TEST(Markdown, AGridRunIsATableAsLlamaBenchPrintsIt) {
    const auto lines = lines_of(written(sample_run({.spoiled = 0, .grid = true}), "md"));
    ASSERT_GE(lines.size(), 5U);
    std::vector<std::string> headers;
    std::istringstream in(lines[0]);
    for (std::string cell; std::getline(in, cell, '|');) {
        cell.erase(0, cell.find_first_not_of(' '));
        cell.erase(cell.find_last_not_of(' ') + 1);
        if (!cell.empty()) {
            headers.push_back(cell);
        }
    }
    EXPECT_THAT(headers, ::testing::ElementsAre("model", "size", "params", "backend", "threads", "test", "t/s"));
    EXPECT_THAT(lines[2], HasSubstr("92.10 MiB"));
    EXPECT_THAT(lines[2], HasSubstr("134.52 M"));
    EXPECT_THAT(lines[2], HasSubstr("pp512"));
    EXPECT_THAT(lines[2], HasSubstr(" ± "));
}

// Splits RFC 4180 text into records of fields.
std::vector<std::vector<std::string>> parse_csv(const std::string& text) {
    std::vector<std::vector<std::string>> records(1, std::vector<std::string>(1));
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '"' && i + 1 < text.size() && text[i + 1] == '"') {
            records.back().back() += c;
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (!quoted && c == ',') {
            records.back().emplace_back();
        } else if (!quoted && c == '\n') {
            records.emplace_back(1, std::string());
        } else {
            records.back().back() += c;
        }
    }
    records.pop_back();
    return records;
}

TEST(Csv, OneRowATrialWithMetricNamesAsHeader) {
    const SampleRun run = sample_run({.text = hostile_text()});
    const auto records = parse_csv(written(run, "csv"));
    ASSERT_EQ(records.size(), run.data->trials.size() + 1);
    const auto& header = records[0];
    for (const Metric* const metric : shown_metrics(false)) {
        EXPECT_THAT(header, ::testing::Contains(std::string(metric->name)));
    }
    const auto column = [&](const char* name) {
        return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
    };
    for (std::size_t i = 1; i < records.size(); ++i) {
        ASSERT_EQ(records[i].size(), header.size());
        const TrialRecord& trial = run.data->trials[i - 1];
        EXPECT_EQ(std::stod(records[i][column("seconds")]), trial.figures.at("seconds"));
        EXPECT_EQ(records[i][column("grade")], std::string(1, static_cast<char>(trial.grade)));
        EXPECT_EQ(records[i][column("energy_j")], "");
    }
}

TEST(Json, IsAnArrayOfTheSameObjectsThatJsonlHasALineEach) {
    const SampleRun run = sample_run({.energy = true, .text = hostile_text()});
    const auto array = nlohmann::json::parse(written(run, "json"));
    const auto lines = lines_of(written(run, "jsonl"));
    ASSERT_EQ(array.size(), 19U);
    ASSERT_EQ(lines.size(), array.size());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        EXPECT_EQ(nlohmann::json::parse(lines[i]), array[i]);
    }
}

TEST(Json, GivesTheMeanOverValidTrialsOnly) {
    const SampleRun run = sample_run();
    const auto rows = nlohmann::json::parse(written(run, "json"));
    const auto& last = rows.back();
    EXPECT_EQ(last["prompt_id"], "P19");
    EXPECT_EQ(last["samples_ns"].size(), 1U);
    EXPECT_EQ(last["n_valid"], 1);
    EXPECT_EQ(last["n_spoiled"], 1);
    const auto& first = rows.front();
    const double a = run.data->trials[0].figures.at("seconds");
    const double b = run.data->trials[19].figures.at("seconds");
    EXPECT_NEAR(first["avg_ns"].get<double>(), 0.5e9 * (a + b), 1.0);
    EXPECT_NEAR(first["avg_ts"].get<double>(), 0.5 * (32 / a + 32 / b), 1e-9);
    EXPECT_NEAR(first["stddev_ns"].get<double>(), 1e9 * std::abs(a - b) / std::sqrt(2.0), 1.0);
    EXPECT_EQ(first["test_time"], "2026-03-01T12:00:22Z");
    EXPECT_EQ(first["ci95"]["cpu_s"].size(), 2U);
    EXPECT_FALSE(first.contains("energy_j"));
}

// As llama-bench of the pinned commit writes them, with the JSON types it gives them.
const std::map<std::string, std::string> kLlamaBenchFields = {
    {"build_commit", "string"},   {"build_number", "number"},
    {"cpu_info", "string"},       {"gpu_info", "string"},
    {"backends", "string"},       {"model_filename", "string"},
    {"model_type", "string"},     {"model_size", "number"},
    {"model_n_params", "number"}, {"n_batch", "number"},
    {"n_ubatch", "number"},       {"n_threads", "number"},
    {"cpu_mask", "string"},       {"cpu_strict", "boolean"},
    {"poll", "number"},           {"type_k", "string"},
    {"type_v", "string"},         {"n_gpu_layers", "number"},
    {"n_cpu_moe", "number"},      {"split_mode", "string"},
    {"main_gpu", "number"},       {"no_kv_offload", "boolean"},
    {"flash_attn", "number"},     {"devices", "string"},
    {"tensor_split", "string"},   {"tensor_buft_overrides", "string"},
    {"load_mode", "string"},      {"lazy_mode", "string"},
    {"embeddings", "boolean"},    {"no_op_offload", "number"},
    {"no_host", "boolean"},       {"repack", "boolean"},
    {"fit_target", "number"},     {"fit_min_ctx", "number"},
    {"n_prompt", "number"},       {"n_gen", "number"},
    {"n_depth", "number"},        {"test_time", "string"},
    {"avg_ns", "number"},         {"stddev_ns", "number"},
    {"avg_ts", "number"},         {"stddev_ts", "number"},
    {"samples_ns", "array"},      {"samples_ts", "array"}};

TEST(Jsonl, HoldsEveryFieldOfLlamaBenchWithItsType) {
    const SampleRun run = sample_run({.spoiled = 0, .grid = true});
    const auto rows = lines_of(written(run, "jsonl"));
    ASSERT_EQ(rows.size(), 3U);
    for (const std::string& line : rows) {
        const auto row = nlohmann::json::parse(line);
        for (const auto& [name, type] : kLlamaBenchFields) {
            ASSERT_TRUE(row.contains(name)) << name;
            EXPECT_STREQ(row[name].type_name(), type.c_str()) << name;
        }
    }
    const auto first = nlohmann::json::parse(rows[0]);
    EXPECT_EQ(first["n_prompt"], 512);
    EXPECT_EQ(first["n_gen"], 0);
    EXPECT_EQ(first["n_threads"], 2);
    EXPECT_EQ(first["flash_attn"], -1);
    EXPECT_EQ(first["repack"], true);
    EXPECT_EQ(first["load_mode"], "mmap");
    EXPECT_EQ(first["build_number"], 42);
}

TEST(Sql, QuotesAreDoubledAndNothingEndsAStatementEarly) {
    const std::string text =
        written(sample_run({.prompts = 4, .text = hostile_text() + "'); DROP TABLE x; --"}), "sql");
    EXPECT_TRUE(is_valid_utf8(text));
    EXPECT_EQ(text.find('\0'), std::string::npos);
    bool inside = false;
    std::size_t statements = 0;
    for (const char c : text) {
        inside = c == '\'' ? !inside : inside;
        statements += c == ';' && !inside ? 1 : 0;
    }
    EXPECT_FALSE(inside);
    EXPECT_EQ(statements, 5U);
    EXPECT_THAT(written(sample_run({.text = "it's"}), "sql"), HasSubstr("'it''s'"));
}

}  // namespace
}  // namespace landauer::test
