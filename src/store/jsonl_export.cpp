#include <algorithm>
#include <ostream>
#include <unordered_map>

#include "store/caveat_json.h"
#include "store/jsonl_names.h"
#include "store/jsonl_scores.h"
#include "store/rail_json.h"

namespace landauer {
namespace {

using jsonl::Json;

// Long enough to share its keys, short enough to read with a text tool.
constexpr std::size_t kRowsPerLine = 1000;

Json phases_json(const std::vector<PhaseRecord>& phases) {
    Json out = Json::array();
    for (const PhaseRecord& phase : phases) {
        out.push_back({{"kind", name(phase.kind)},
                       {"begin_ns", phase.begin_ns},
                       {"end_ns", phase.end_ns},
                       {"n_tokens", phase.n_tokens}});
    }
    return out;
}

Json run_json(const RunRecord& run) {
    const ModelRecord& model = run.model;
    return {{"type", "run"},
            {"uuid", run.uuid},
            {"plan_hash", run.plan_hash},
            {"protocol", run.protocol},
            {"label", run.label},
            {"created_utc", run.created_utc},
            {"settings", run.settings},
            {"command", run.command},
            {"prompts_jsonl", run.prompts_json},
            {"model",
             {{"path", model.path},
              {"sha256", model.sha256},
              {"name", model.name},
              {"type", model.type},
              {"size_bytes", model.size_bytes},
              {"n_params", model.n_params},
              {"metadata", model.metadata}}}};
}

Json session_json(const SessionData& data) {
    const SessionRecord& session = data.session;
    Json sampler;
    SamplerStats stats = session.sampler;
    jsonl::visit_sampler(stats, [&](const char* key, auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
            sampler[key] = jsonl::number(value);
        } else {
            sampler[key] = value;
        }
    });
    Json channels = Json::array();
    for (const Series& series : data.trace.series) {
        const Channel& c = series.channel;
        channels.push_back({{"meter", c.meter},
                            {"name", c.name},
                            {"unit", c.unit},
                            {"kind", name(c.kind)},
                            {"scale", jsonl::number(c.scale)},
                            {"wrap_range", c.wrap_range}});
        if (c.rail.kind != RailKind::none) {
            channels.back()["rail"] = rail_to_json(c.rail);
        }
    }
    return {{"type", "session"},
            {"uuid", session.uuid},
            {"started_utc", session.started_utc},
            {"started_ns", session.started_ns},
            {"ended_utc", session.ended_utc},
            {"command", session.command},
            {"version", session.version},
            {"environment", session.environment},
            {"rate_hz", jsonl::number(session.rate_hz)},
            {"sampler", sampler},
            {"idle", phases_json(session.idle)},
            {"caveats", caveats_json(session.caveats)},
            {"loads", phases_json(data.loads)},
            {"channels", channels}};
}

Json trial_json(const TrialRecord& trial, const std::string& session_uuid) {
    Json figures = Json::object();
    for (const auto& [metric, value] : trial.figures) {
        figures[metric] = jsonl::number(value);
    }
    Json json = {{"type", "trial"},
                 {"session", session_uuid},
                 {"key", trial.key},
                 {"prompt_id", trial.prompt_id},
                 {"repetition", trial.repetition},
                 {"attempt", trial.attempt},
                 {"begin_ns", trial.begin_ns},
                 {"end_ns", trial.end_ns},
                 {"n_prompt", trial.n_prompt},
                 {"n_reused", trial.n_reused},
                 {"n_gen", trial.n_gen},
                 {"n_depth", trial.n_depth},
                 {"answer", trial.answer},
                 {"stop", trial.stop},
                 {"grade", std::string(1, static_cast<char>(trial.grade))},
                 {"phases", phases_json(trial.phases)},
                 {"caveats", caveats_json(trial.caveats)},
                 {"figures", figures}};
    if (const ImageRecord& image = trial.image; image.width > 0) {
        json["image"] = {{"width", image.width},
                         {"height", image.height},
                         {"n_tokens", image.n_tokens},
                         {"n_patches", image.n_patches},
                         {"effective_px", image.effective_px},
                         {"n_slices", image.n_slices}};
    }
    return json;
}

class Writer {
   public:
    explicit Writer(std::ostream& out) : out_(out) {}

    void line(const Json& json) { out_ << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n'; }

    // One line for every thousand instants of the channels that share them.
    void samples(const SessionData& data) {
        std::vector<bool> written(data.trace.series.size(), false);
        for (std::size_t i = 0; i < data.trace.series.size(); ++i) {
            if (written[i]) {
                continue;
            }
            std::vector<std::size_t> together;
            for (std::size_t j = i; j < data.trace.series.size(); ++j) {
                if (!written[j] && data.trace.series[j].t_ns == data.trace.series[i].t_ns) {
                    together.push_back(j);
                    written[j] = true;
                }
            }
            for (std::size_t row = 0; row < data.trace.series[i].size(); row += kRowsPerLine) {
                samples_line(data, together, row);
            }
        }
    }

   private:
    void samples_line(const SessionData& data, const std::vector<std::size_t>& channels, std::size_t row) {
        const auto part = [row](const std::vector<std::int64_t>& values) {
            const std::size_t end = std::min(values.size(), row + kRowsPerLine);
            return Json(std::vector<std::int64_t>(values.begin() + static_cast<std::ptrdiff_t>(row),
                                                  values.begin() + static_cast<std::ptrdiff_t>(end)));
        };
        Json raw = Json::array();
        for (const std::size_t channel : channels) {
            raw.push_back(part(data.trace.series[channel].raw));
        }
        line({{"type", "samples"},
              {"session", data.session.uuid},
              {"channels", channels},
              {"t_ns", part(data.trace.series[channels.front()].t_ns)},
              {"raw", raw}});
    }

    std::ostream& out_;
};

}  // namespace

Result<void> export_jsonl(const RunData& run, std::ostream& out) {
    return guarded("the JSONL export", [&] {
        Writer writer(out);
        writer.line({{"landauer_jsonl", jsonl::kFormatVersion}});
        writer.line(run_json(run.run));
        std::unordered_map<std::int64_t, std::string> uuids;
        for (const SessionData& session : run.sessions) {
            uuids.emplace(session.session.id, session.session.uuid);
            writer.line(session_json(session));
            writer.samples(session);
        }
        for (const TrialRecord& trial : run.trials) {
            writer.line(trial_json(trial, uuids[trial.session_id]));
        }
        for (const RunScores& scores : run.scores) {
            writer.line(jsonl::scores_json(scores, run.trials));
        }
        for (const TextScore& score : run.text_scores) {
            writer.line(jsonl::text_score_json(score));
        }
        writer.line({{"type", "end"}, {"trials", run.trials.size()}});
        if (!out.flush()) {
            throw StoreFailure{
                Error{ErrorKind::Failed, "The JSONL export could not be written whole.",
                      "Check that the disk it goes to is not full and may be written, then export again."}};
        }
    });
}

}  // namespace landauer
