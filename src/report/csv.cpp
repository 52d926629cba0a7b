// One row a trial (RFC 4180), raw SI units, columns named as in the metric table.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

#include "core/metrics.h"
#include "core/utf8.h"
#include "report/fields.h"
#include "report/formats.h"

namespace landauer {
namespace {

constexpr std::array<std::string_view, 14> kIdentity = {"run_id",     "model",   "protocol", "session_id", "prompt_id",
                                                        "repetition", "attempt", "grade",    "n_prompt",   "n_reused",
                                                        "n_gen",      "n_depth", "stop",     "begin_s"};

std::string csv_text(std::string_view raw) {
    std::string text = to_valid_utf8(raw);
    std::erase(text, '\0');
    if (text.find_first_of("\",\r\n") == std::string::npos) {
        return text;
    }
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' ? "\"\"" : std::string(1, c);
    }
    return out + "\"";
}

constexpr std::string_view kImageHeader =
    ",image_width,image_height,n_image_tokens,n_image_patches,image_effective_px,n_image_slices";

std::string image_columns(const ImageRecord& image) {
    return image.width == 0 ? ",,,,,,"
                            : fmt::format(",{},{},{},{},{},{}", image.width, image.height, image.n_tokens,
                                          image.n_patches, image.effective_px, image.n_slices);
}

// Seconds since the session began.
double begin_s(const RunData& data, const TrialRecord& trial) {
    for (const SessionData& session : data.sessions) {
        if (session.session.id == trial.session_id) {
            return static_cast<double>(trial.begin_ns - session.session.started_ns) * 1e-9;
        }
    }
    return 0.0;
}

// Half of the trial's own 95 % interval.
std::string half_width(const TrialNet* net, const char* metric) {
    if (net == nullptr) {
        return {};
    }
    const auto found = net->errors.find(metric);
    return found == net->errors.end() ? std::string() : fmt::format("{}", found->second.half_width());
}

// What the joules cover, how they came about, and how far each trial's may be off.
std::string energy_columns(const RunAnalysis& run, const TrialNet* net) {
    return fmt::format(",{},{},{},{}", csv_text(run.energy.covers), csv_text(run.energy.provenance),
                       half_width(net, "energy_j"), half_width(net, "net_energy_j"));
}

std::string row(const RunData& data, const TrialRecord& trial, const std::map<std::string, double>& figures,
                const std::vector<const Metric*>& metrics) {
    std::string out =
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{:.6f}", data.run.id, csv_text(data.run.model.name),
                    csv_text(data.run.protocol), trial.session_id, csv_text(trial.prompt_id), trial.repetition,
                    trial.attempt, static_cast<char>(trial.grade), trial.n_prompt, trial.n_reused, trial.n_gen,
                    trial.n_depth, csv_text(trial.stop), begin_s(data, trial));
    for (const Metric* const metric : metrics) {
        const auto found = figures.find(std::string(metric->name));
        out += found == figures.end() || !std::isfinite(found->second) ? "," : fmt::format(",{}", found->second);
    }
    return out;
}

}  // namespace

std::string write_csv(std::span<const RunAnalysis> runs, const ReportOptions& /*options*/) {
    std::string out;
    for (const std::string_view name : kIdentity) {
        out += fmt::format("{}{}", out.empty() ? "" : ",", name);
    }
    const bool with_images = has_images(runs);
    const std::vector<const Metric*> metrics = shown_metrics(with_images);
    for (const Metric* const metric : metrics) {
        out += fmt::format(",{}", metric->name);
    }
    out += ",energy_covers,energy_provenance,energy_half_j,net_energy_half_j";
    out += with_images ? fmt::format("{}\n", kImageHeader) : "\n";
    for (const RunAnalysis& run : runs) {
        std::unordered_map<std::size_t, const TrialNet*> net;
        for (const TrialNet& trial : run.trials) {
            net.emplace(trial.index, &trial);
        }
        for (std::size_t i = 0; i < run.data->trials.size(); ++i) {
            const TrialRecord& trial = run.data->trials[i];
            const auto found = net.find(i);
            const TrialNet* const valid = found == net.end() ? nullptr : found->second;
            out += row(*run.data, trial, valid == nullptr ? trial.figures : valid->figures, metrics) +
                   energy_columns(run, valid) + (with_images ? image_columns(trial.image) : "") + "\n";
        }
    }
    return out;
}

}  // namespace landauer
