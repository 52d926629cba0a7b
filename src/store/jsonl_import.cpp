#include <fmt/format.h>

#include <istream>
#include <stdexcept>
#include <unordered_map>

#include "store/caveat_json.h"
#include "store/jsonl_names.h"
#include "store/jsonl_scores.h"
#include "store/rail_json.h"

namespace landauer {
namespace {

using jsonl::Json;

std::vector<PhaseRecord> phases_of(const Json& json) {
    std::vector<PhaseRecord> phases;
    for (const Json& item : json) {
        PhaseRecord phase;
        const auto kind = item.at("kind").get<std::string>();
        if (!phase_kind_from_name(kind, phase.kind)) {
            throw std::invalid_argument("unknown phase \"" + kind + "\"");
        }
        item.at("begin_ns").get_to(phase.begin_ns);
        item.at("end_ns").get_to(phase.end_ns);
        item.at("n_tokens").get_to(phase.n_tokens);
        phases.push_back(phase);
    }
    return phases;
}

RunRecord run_of(const Json& json) {
    RunRecord run;
    json.at("uuid").get_to(run.uuid);
    json.at("plan_hash").get_to(run.plan_hash);
    json.at("protocol").get_to(run.protocol);
    json.at("label").get_to(run.label);
    json.at("created_utc").get_to(run.created_utc);
    json.at("settings").get_to(run.settings);
    json.at("command").get_to(run.command);
    json.at("prompts_jsonl").get_to(run.prompts_json);
    const Json& model = json.at("model");
    model.at("path").get_to(run.model.path);
    model.at("sha256").get_to(run.model.sha256);
    model.at("name").get_to(run.model.name);
    model.at("type").get_to(run.model.type);
    model.at("size_bytes").get_to(run.model.size_bytes);
    model.at("n_params").get_to(run.model.n_params);
    model.at("metadata").get_to(run.model.metadata);
    return run;
}

SessionData session_of(const Json& json) {
    SessionData data;
    SessionRecord& session = data.session;
    json.at("uuid").get_to(session.uuid);
    json.at("started_utc").get_to(session.started_utc);
    json.at("started_ns").get_to(session.started_ns);
    json.at("ended_utc").get_to(session.ended_utc);
    json.at("command").get_to(session.command);
    json.at("version").get_to(session.version);
    json.at("environment").get_to(session.environment);
    session.rate_hz = jsonl::number(json.at("rate_hz"));
    jsonl::visit_sampler(session.sampler, [&](const char* key, auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, double>) {
            value = jsonl::number(json.at("sampler").at(key));
        } else {
            json.at("sampler").at(key).get_to(value);
        }
    });
    session.idle = phases_of(json.at("idle"));
    session.caveats = caveats_of(json.at("caveats"));
    data.loads = phases_of(json.at("loads"));
    for (const Json& item : json.at("channels")) {
        data.trace.series.push_back(Series{
            {item.at("meter").get<std::string>(), item.at("name").get<std::string>(),
             item.at("unit").get<std::string>(), channel_kind_from_name(item.at("kind").get_ref<const std::string&>()),
             jsonl::number(item.at("scale")), item.at("wrap_range").get<std::int64_t>(),
             item.contains("rail") ? rail_from_json(item.at("rail")) : Rail{}},
            {},
            {}});
    }
    return data;
}

ImageRecord image_of(const Json& json) {
    ImageRecord image;
    json.at("width").get_to(image.width);
    json.at("height").get_to(image.height);
    json.at("n_tokens").get_to(image.n_tokens);
    json.at("n_patches").get_to(image.n_patches);
    json.at("effective_px").get_to(image.effective_px);
    json.at("n_slices").get_to(image.n_slices);
    if (image.width < 1 || image.height < 1) {
        throw std::invalid_argument("an image of no pixels");
    }
    return image;
}

TrialRecord trial_of(const Json& json) {
    TrialRecord trial;
    json.at("key").get_to(trial.key);
    json.at("prompt_id").get_to(trial.prompt_id);
    json.at("repetition").get_to(trial.repetition);
    json.at("attempt").get_to(trial.attempt);
    json.at("begin_ns").get_to(trial.begin_ns);
    json.at("end_ns").get_to(trial.end_ns);
    json.at("n_prompt").get_to(trial.n_prompt);
    json.at("n_reused").get_to(trial.n_reused);
    json.at("n_gen").get_to(trial.n_gen);
    json.at("n_depth").get_to(trial.n_depth);
    json.at("answer").get_to(trial.answer);
    json.at("stop").get_to(trial.stop);
    const auto grade = json.at("grade").get<std::string>();
    if (grade != "A" && grade != "B" && grade != "C") {
        throw std::invalid_argument("unknown grade \"" + grade + "\"");
    }
    trial.grade = static_cast<Grade>(grade.front());
    if (json.contains("image")) {
        trial.image = image_of(json.at("image"));
    }
    trial.phases = phases_of(json.at("phases"));
    trial.caveats = caveats_of(json.at("caveats"));
    for (const auto& [metric, value] : json.at("figures").items()) {
        trial.figures[metric] = jsonl::number(value);
    }
    return trial;
}

// Takes the lines in order; throws std::exception on one that does not belong.
class Reader {
   public:
    void take(const Json& json) {
        if (json.contains("landauer_jsonl")) {
            header(json.at("landauer_jsonl").get<int>());
            return;
        }
        const auto type = json.at("type").get<std::string>();
        if (!is_open_) {
            throw std::invalid_argument("the header line is missing");
        }
        if (type == "run") {
            runs_.emplace_back().run = run_of(json);
            return;
        }
        if (runs_.empty() || runs_.size() != n_headers_) {
            throw std::invalid_argument("the run's own line must come first");
        }
        if (type == "session") {
            SessionData data = session_of(json);
            data.session.id = static_cast<std::int64_t>(runs_.back().sessions.size()) + 1;
            index_[data.session.uuid] = runs_.back().sessions.size();
            runs_.back().sessions.push_back(std::move(data));
        } else if (type == "samples") {
            samples(json);
        } else if (type == "trial") {
            runs_.back().trials.push_back(trial_of(json));
            runs_.back().trials.back().session_id = session(json).session.id;
            runs_.back().trials.back().id = static_cast<std::int64_t>(runs_.back().trials.size());
        } else if (type == "scores") {
            runs_.back().scores.push_back(jsonl::scores_of(json, runs_.back().trials));
        } else if (type == "text_score") {
            runs_.back().text_scores.push_back(jsonl::text_score_of(json, runs_.back().run.model.sha256));
        } else if (type == "end") {
            end(json.at("trials").get<std::size_t>());
        } else {
            throw std::invalid_argument("unknown type \"" + type + "\"");
        }
    }

    std::vector<RunData> finish() {
        if (is_open_ || runs_.empty()) {
            throw std::invalid_argument(runs_.empty() ? "there is no run in it" : "the file ends within a run");
        }
        return std::move(runs_);
    }

   private:
    void header(int version) {
        if (version != jsonl::kFormatVersion) {
            throw std::invalid_argument(fmt::format("format {} is unknown to this program", version));
        }
        if (is_open_) {
            throw std::invalid_argument("a new run begins within another");
        }
        is_open_ = true;
        ++n_headers_;
        index_.clear();
    }

    void end(std::size_t n_trials) {
        if (n_trials != runs_.back().trials.size()) {
            throw std::invalid_argument(
                fmt::format("{} trials were exported, {} are here", n_trials, runs_.back().trials.size()));
        }
        is_open_ = false;
    }

    SessionData& session(const Json& json) {
        const auto found = index_.find(json.at("session").get<std::string>());
        if (found == index_.end()) {
            throw std::invalid_argument("it names a session that has no line");
        }
        return runs_.back().sessions[found->second];
    }

    void samples(const Json& json) {
        std::vector<Series>& series = session(json).trace.series;
        const auto t_ns = json.at("t_ns").get<std::vector<std::int64_t>>();
        const auto channels = json.at("channels").get<std::vector<std::size_t>>();
        const Json& raw = json.at("raw");
        if (raw.size() != channels.size()) {
            throw std::invalid_argument("it has not one list of values a channel");
        }
        for (std::size_t i = 0; i < channels.size(); ++i) {
            const auto values = raw.at(i).get<std::vector<std::int64_t>>();
            if (channels[i] >= series.size() || values.size() != t_ns.size()) {
                throw std::invalid_argument("its lists do not fit each other");
            }
            Series& into = series[channels[i]];
            into.t_ns.insert(into.t_ns.end(), t_ns.begin(), t_ns.end());
            into.raw.insert(into.raw.end(), values.begin(), values.end());
        }
    }

    std::vector<RunData> runs_;
    std::size_t n_headers_ = 0;
    bool is_open_ = false;
    std::unordered_map<std::string, std::size_t> index_;  // sessions of the run at hand, by uuid
};

}  // namespace

Result<std::vector<RunData>> import_jsonl(std::istream& in) {
    Reader reader;
    std::size_t line_number = 0;
    const char* const remedy = "Export the run again with `landauer runs export`; nothing was imported.";
    try {
        for (std::string line; std::getline(in, line);) {
            ++line_number;
            if (!line.empty()) {
                reader.take(Json::parse(line));
            }
        }
        return reader.finish();
    } catch (const std::exception& failure) {
        return fail(ErrorKind::Invalid,
                    fmt::format("The JSONL to import is not what landauer exports, at line {}: {}.", line_number,
                                failure.what()),
                    remedy);
    }
}

}  // namespace landauer
