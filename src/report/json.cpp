// JSON and JSONL: llama-bench's fields first, in its order, then ours.
#include <map>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "report/clamp_table.h"
#include "report/document.h"
#include "report/fields.h"
#include "report/formats.h"
#include "report/law2_json.h"

namespace landauer {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return number_json(value); }

Json text(const std::string& value) { return to_valid_utf8(value); }

Json facts(const std::map<std::string, std::string>& values) {
    Json out = Json::object();
    for (const auto& [name, value] : values) {
        out[to_valid_utf8(name)] = text(value);
    }
    return out;
}

// Every figure as its mean, with intervals and standard deviations under names of their own.
void add_figures(const PromptFigures& prompt, Json& out) {
    Json intervals = Json::object();
    Json deviations = Json::object();
    for (const Metric& metric : metric_table()) {
        const std::string name(metric.name);
        const auto figure = prompt.figures.find(name);
        if (figure == prompt.figures.end()) {
            continue;
        }
        out[name] = number(figure->second.value);
        intervals[name] = Json::array({number(figure->second.ci95.low), number(figure->second.ci95.high)});
        if (const auto sd = prompt.sd.find(name); sd != prompt.sd.end()) {
            deviations[name] = number(sd->second);
        }
    }
    out["ci95"] = std::move(intervals);
    out["sd"] = std::move(deviations);
}

Json caveats(const RunAnalysis& run) {
    Json out = Json::array();
    for (const Caveat& caveat : run.caveats) {
        out.push_back({{"code", text(caveat.code)},
                       {"severity", severity_word(caveat.severity)},
                       {"sentence", text(caveat.sentence)},
                       {"remedy", text(caveat.remedy)}});
    }
    return out;
}

// The line of this run in each table of clamps, by run.
using ClampLines = std::map<const RunAnalysis*, Json>;

ClampLines clamp_lines(std::span<const RunAnalysis> runs) {
    ClampLines out;
    for (const ClampGroup& group : clamp_groups(runs)) {
        for (const JointLaw2& law : group.laws.laws) {
            for (std::size_t i = 0; i < law.knees.size(); ++i) {
                Json& lines = out.try_emplace(group.laws.runs[i], Json::array()).first->second;
                lines.push_back(clamp_json(law, law.knees[i]));
            }
        }
    }
    return out;
}

void add_image(const BenchRow& row, const ClampLines& clamps, Json& out) {
    for (const BenchField& field : image_fields()) {
        out[std::string(field.name)] = field_value(field, row);
    }
    Json laws = Json::array();
    for (const Law2& law : row.run->image_laws) {
        laws.push_back(image_law_json(law));
    }
    out["image_laws"] = std::move(laws);
    const auto found = clamps.find(row.run);
    out["clamp_laws"] = found == clamps.end() ? Json::array() : found->second;
}

Json object(const BenchRow& row, const ClampLines& clamps) {
    Json out = Json::object();
    for (const BenchField& field : bench_fields()) {
        out[std::string(field.name)] = field_value(field, row);
    }
    out["samples_ns"] = row.samples_ns;
    Json speeds = Json::array();
    for (const double ts : row.samples_ts) {
        speeds.push_back(number(ts));
    }
    out["samples_ts"] = std::move(speeds);
    for (const BenchField& field : own_fields()) {
        out[std::string(field.name)] = field_value(field, row);
    }
    if (has_image(row)) {
        add_image(row, clamps, out);
    }
    add_figures(*row.prompt, out);
    out["settings"] = facts(row.run->data->run.settings);
    out["environment"] = facts(row.session == nullptr ? Environment() : row.session->session.environment);
    out["caveats"] = caveats(*row.run);
    return out;
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string write_jsonl(std::span<const RunAnalysis> runs, const ReportOptions& /*options*/) {
    std::string out;
    const ClampLines clamps = clamp_lines(runs);
    for (const RunAnalysis& run : runs) {
        for (const BenchRow& row : bench_rows(run)) {
            out += dump(object(row, clamps)) + "\n";
        }
    }
    return out;
}

std::string write_json(std::span<const RunAnalysis> runs, const ReportOptions& /*options*/) {
    Json out = Json::array();
    const ClampLines clamps = clamp_lines(runs);
    for (const RunAnalysis& run : runs) {
        for (const BenchRow& row : bench_rows(run)) {
            out.push_back(object(row, clamps));
        }
    }
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace landauer
