#include "report/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "analysis/run_image_laws.h"
#include "report/law2_sentence.h"
#include "report/plain_text.h"

namespace landauer {
namespace {

constexpr std::array<std::string_view, 6> kKeyFigures = {"seconds", "cpu_s",         "net_energy_j",
                                                         "wh",      "cpu_auc_pct_s", "ram_auc_gib_s"};

struct IdleColumn {
    std::string_view mean;  // key in IdleBaseline::means
    std::string_view header;
    std::string_view unit;
    double factor;  // raw over factor is shown
};
constexpr double kMiB = 1024.0 * 1024.0;
constexpr std::array kIdleColumns = {
    IdleColumn{"cpu_percent", "machine CPU", "%", 1.0}, IdleColumn{"others_percent", "other programs", "%", 1.0},
    IdleColumn{"rss_bytes", "RSS", "MiB", kMiB},        IdleColumn{"system_used_bytes", "memory in use", "MiB", kMiB},
    IdleColumn{"power_w", "power", "W", 1.0},
};

std::vector<const IdleColumn*> idle_columns(const RunAnalysis& run) {
    std::vector<const IdleColumn*> out;
    for (const IdleColumn& column : kIdleColumns) {
        if (std::any_of(run.idle.begin(), run.idle.end(),
                        [&](const IdleBaseline& idle) { return idle.means.contains(std::string(column.mean)); })) {
            out.push_back(&column);
        }
    }
    return out;
}

void add_idle(const RunAnalysis& run, Document& out) {
    const auto columns = idle_columns(run);
    for (const IdleColumn* column : columns) {
        out.idle_headers.push_back(fmt::format("{} ({})", column->header, column->unit));
    }
    for (const IdleBaseline& idle : run.idle) {
        IdleRow row;
        row.where = clean_text(idle.where);
        std::replace(row.where.begin(), row.where.end(), '_', ' ');
        row.seconds = static_cast<double>(idle.window.end_ns - idle.window.begin_ns) * 1e-9;
        row.contaminated = idle.contaminated;
        for (const IdleColumn* column : columns) {
            const auto mean = idle.means.find(std::string(column->mean));
            row.figures.push_back(mean == idle.means.end() ? "\u2013"
                                                           : estimate_text(scaled(mean->second, column->factor), 3));
        }
        out.idle.push_back(std::move(row));
    }
}

void add_key_figures(const RunAnalysis& run, Document& out) {
    for (const std::string_view name : kKeyFigures) {
        const auto total = run.totals.find(std::string(name));
        const Metric* const metric = find_metric(name);
        if (total == run.totals.end() || metric == nullptr) {
            continue;
        }
        const Scale scale = scale_for(metric->unit, total->second.value);
        const std::string text = estimate_text(scaled(total->second, scale.factor), metric->digits);
        const std::size_t open = text.find(" [");
        KeyFigure figure{metric, bare_header(run, *metric), fmt::format("{} {}", text.substr(0, open), scale.unit), {}};
        if (open != std::string::npos) {
            figure.interval = text.substr(open + 1);
        }
        out.key_figures.push_back(std::move(figure));
    }
}

std::string subtitle(const RunAnalysis& run) {
    const RunRecord& record = run.data->run;
    std::string out = fmt::format("run {}", record.id);
    const auto add = [&](const std::string& text) { out += text.empty() ? "" : " \u00b7 " + clean_text(text); };
    add(record.label);
    add(record.protocol);
    add(record.created_utc);
    add(record.model.type);
    if (record.model.size_bytes > 0) {
        add(quantity_text(static_cast<double>(record.model.size_bytes), "B", 3));
    }
    if (record.model.n_params > 0) {
        add(fmt::format("{} M parameters", number_text(static_cast<double>(record.model.n_params) * 1e-6, 4)));
    }
    const auto threads = record.settings.find("n_threads");
    add(threads == record.settings.end() ? "" : threads->second + (threads->second == "1" ? " thread" : " threads"));
    add(fmt::format("{} trials", count_text(static_cast<std::int64_t>(run.data->trials.size()))) +
        (run.n_spoiled > 0 ? fmt::format(", {} of them spoiled", run.n_spoiled) : ""));
    return out;
}

std::string notice(const ModelRecord& model) {
    const auto mark = model.metadata.find("landauer.synthetic");
    return mark == model.metadata.end() || mark->second != "true"
               ? std::string()
               : "Synthetic weights: the costs are those of this shape, the answers mean nothing.";
}

// One line a meter; meters that measure different things are never added or averaged.
std::vector<std::string> meter_lines(const RunAnalysis& run) {
    std::vector<std::string> out;
    for (const MeterTotals& meter : run.by_meter) {
        std::string line = fmt::format("{}: {}, {}", clean_text(meter.meter), clean_text(meter.scope.covers),
                                       clean_text(meter.scope.provenance));
        for (const char* const name : {"net_energy_j", "wh"}) {
            const Metric* const metric = find_metric(name);
            if (const auto total = meter.totals.find(name); total != meter.totals.end() && metric != nullptr) {
                const Scale scale = scale_for(metric->unit, total->second.value);
                line += fmt::format("; {} {} {}", bare_header(*metric),
                                    estimate_text(scaled(total->second, scale.factor), metric->digits), scale.unit);
            }
        }
        out.push_back(std::move(line));
    }
    return out;
}

void add_environment(const RunAnalysis& run, Document& out) {
    std::set<std::pair<std::string, std::string>> seen;
    const auto add = [&](const std::string& name, const std::string& value) {
        if (!value.empty() && seen.emplace(name, value).second) {
            out.environment.push_back({clean_text(name), clean_text(value)});
        }
    };
    add("model", run.data->run.model.path);
    add("model_sha256", run.data->run.model.sha256);
    for (const SessionData& session : run.data->sessions) {
        add("landauer", session.session.version);
        add("started", session.session.started_utc);
        for (const auto& [name, value] : session.session.environment) {
            add(name, value);
        }
        const SamplerStats& sampler = session.session.sampler;
        if (sampler.wall_s > 0.0) {
            add("sampler",
                fmt::format("{} Hz, {} of its own CPU time ({} % of one core), {} of {} ticks missed, jitter p99 {}",
                            number_text(session.session.rate_hz, 3), quantity_text(sampler.cpu_s, "s", 3),
                            number_text(100.0 * sampler.cpu_s / sampler.wall_s, 2), sampler.missed_deadlines,
                            sampler.ticks, quantity_text(1e-6 * sampler.jitter_p99_us, "s", 3)));
        }
    }
}

void add_commands(const RunAnalysis& run, Document& out) {
    const auto add = [&](const std::string& command) {
        const std::string text = clean_text(command, Lines::many);
        if (!text.empty() && std::find(out.commands.begin(), out.commands.end(), text) == out.commands.end()) {
            out.commands.push_back(text);
        }
    };
    add(run.data->run.command);
    for (const SessionData& session : run.data->sessions) {
        add(session.session.command);
    }
}

}  // namespace

std::string_view severity_word(Severity severity) {
    constexpr std::array<std::string_view, 3> kWords = {"note", "warning", "spoiled"};
    return kWords.at(static_cast<std::size_t>(severity));
}

std::string model_name(const RunAnalysis& run) {
    const ModelRecord& model = run.data->run.model;
    const std::string name = clean_text(model.name);
    return name.empty() ? clean_text(model.path) : name;
}

std::string_view row_word(const Document& document) {
    return document.is_grid ? "test" : document.is_image ? "size" : "prompt";
}

bool is_grid_run(const RunAnalysis& run) { return run.data->run.protocol == "grid"; }

Document make_document(const RunAnalysis& run) {
    Document out;
    out.title = model_name(run);
    out.subtitle = subtitle(run);
    out.notice = notice(run.data->run.model);
    out.headline = headline_sentence(run);
    out.energy = energy_sentence(run);
    out.is_grid = is_grid_run(run);
    out.is_image = is_image_run(*run.data);
    out.prompts = prompt_table(run);
    out.laws = out.is_image ? law2_texts(run.image_laws, image_aspect(run)) : law_texts(run.laws);
    for (LawText& law : out.laws) {
        if (const Metric* const metric = find_metric(law.metric); metric != nullptr) {
            law.header += provenance_mark(run, *metric);
            law.choice += provenance_mark(run, *metric).empty() ? "" : " Its joules are no measurement.";
        }
    }
    out.meters = meter_lines(run);
    out.windows = windows_sentence(run);
    add_key_figures(run, out);
    add_idle(run, out);
    for (const Caveat& caveat : run.caveats) {
        out.caveats.push_back(
            {clean_text(caveat.code), caveat.severity, clean_text(caveat.sentence), clean_text(caveat.remedy)});
    }
    for (const auto& [name, value] : run.data->run.settings) {
        out.settings.push_back({clean_text(name), clean_text(value)});
    }
    add_environment(run, out);
    add_commands(run, out);
    return out;
}

}  // namespace landauer
