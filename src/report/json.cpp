// JSON and JSONL: llama-bench's fields first, in its order, then ours.
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/utf8.h"
#include "report/document.h"
#include "report/fields.h"
#include "report/formats.h"

namespace landauer {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

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

Json object(const BenchRow& row) {
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
    for (const RunAnalysis& run : runs) {
        for (const BenchRow& row : bench_rows(run)) {
            out += dump(object(row)) + "\n";
        }
    }
    return out;
}

std::string write_json(std::span<const RunAnalysis> runs, const ReportOptions& /*options*/) {
    Json out = Json::array();
    for (const RunAnalysis& run : runs) {
        for (const BenchRow& row : bench_rows(run)) {
            out.push_back(object(row));
        }
    }
    return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace landauer
