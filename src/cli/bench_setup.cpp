#include "cli/bench_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "cli/joules_setup.h"
#include "cli/model_argument.h"
#include "engine/engine.h"
#include "gguf/summary.h"
#include "platform/available_memory.h"
#include "platform/machine_facts.h"
#include "platform/sha256.h"
#include "platform/signals.h"
#include "platform/topology.h"

namespace landauer {
namespace {

std::string getenv_or_empty(const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::string() : std::string(value);
}

Result<std::vector<std::filesystem::path>> model_files(const BenchOptions& options) {
    std::vector<std::filesystem::path> files;
    for (const std::string& name : split_commas(options.models)) {
        files.emplace_back(name);
    }
    for (const std::string& name : split_commas(options.hf_models)) {
        auto found = find_hf_model(name, getenv_or_empty);
        if (!found) {
            return tl::unexpected(found.error());
        }
        files.push_back(std::move(*found));
    }
    if (files.empty()) {
        return fail(ErrorKind::Invalid, "No model was given.",
                    "Name one with -m MODEL.gguf, or -hf ORG/REPO for one in a cache.");
    }
    return files;
}

// What the file's header says; its weights are read only to be hashed.
Result<ModelRecord> describe_model(const std::filesystem::path& file) {
    ModelRecord model;
    std::error_code unused;
    model.path = std::filesystem::absolute(file, unused).string();
    model.name = file.stem().string();
    if (!is_fake_model(file)) {
        auto header = inspect_gguf(file);
        if (!header) {
            return tl::unexpected(header.error());
        }
        model.name = header->name;
        model.type = fmt::format("{} {}", header->architecture, header->file_type);
        model.size_bytes = header->tensor_bytes;
        model.n_params = header->n_params;
        model.metadata = header->metadata;
    }
    auto hash = sha256_file(file, &interrupt_requested);
    if (!hash) {
        return tl::unexpected(hash.error());
    }
    model.sha256 = std::move(*hash);
    return model;
}

// Candidates of one model: one for each combination of the list-valued flags and, with pictures, for each clamp.
Result<void> add_candidates(const BenchOptions& options, const CommandContext& context, const Seeing& seeing,
                            const std::vector<Clamp>& clamps, std::int32_t default_threads,
                            std::vector<Candidate>& candidates) {
    const std::filesystem::path& file = seeing.model;
    auto model = describe_model(file);
    if (!model) {
        return tl::unexpected(model.error());
    }
    auto settings = settings_of(options, file, default_threads);
    if (!settings) {
        return tl::unexpected(settings.error());
    }
    for (const EngineSettings& one : *settings) {
        for (const Clamp& clamp : clamps) {
            auto engine = make_engine(file);
            if (!engine) {
                return tl::unexpected(engine.error());
            }
            Candidate candidate;
            candidate.run.model = *model;
            candidate.run.protocol = options.protocol;
            candidate.run.label = options.label;
            candidate.run.command = context.command_line;
            candidate.run.settings = settings_fields(one, options);
            candidate.run.settings.insert(clamp.fields.begin(), clamp.fields.end());
            candidate.settings = one;
            candidate.settings.mmproj = seeing.mmproj;
            candidate.settings.image_min_tokens = clamp.limits.min_tokens;
            candidate.settings.image_max_tokens = clamp.limits.max_tokens;
            candidate.engine = std::move(*engine);
            candidates.push_back(std::move(candidate));
        }
    }
    return {};
}

// The identity of a candidate in its plan: the model's content and every setting.
std::string identity(const Candidate& candidate) {
    std::string text = candidate.run.model.sha256;
    for (const auto& [field, value] : candidate.run.settings) {
        text += fmt::format(" {}={}", field, value);
    }
    return text;
}

std::vector<Caveat> thread_caveats(const std::vector<Candidate>& candidates, int cores) {
    const auto most = std::max_element(
        candidates.begin(), candidates.end(),
        [](const Candidate& a, const Candidate& b) { return a.settings.n_threads < b.settings.n_threads; });
    if (cores < 2 || most->settings.n_threads < cores) {
        return {};
    }
    return {
        {"no-free-core", Severity::note,
         fmt::format(
             "{} threads leave none of the {} cores free, so one other busy process can slow a trial many times over.",
             most->settings.n_threads, cores),
         fmt::format("Trials it spoils are repeated; -t {} avoids it.", cores - 1)}};
}

RunnerOptions runner_options(const BenchOptions& options, const Protocol& protocol) {
    RunnerOptions runner;
    runner.rate_hz = options.rate_hz.value_or(protocol.rate_hz);
    runner.idle_s = options.idle_s.value_or(protocol.idle_s);
    runner.idle_cap_s = std::max(options.idle_cap_s.value_or(protocol.idle_cap_s), runner.idle_s);
    runner.warmup = !options.no_warmup;
    runner.max_attempts = options.max_attempts;
    // Stolen time hurts like a neighbour does: the default limits' proportions are kept.
    const double scale = options.contention_percent / (runner.limits.others_c * 100.0);
    runner.limits.others_c *= scale;
    runner.limits.steal_c *= scale;
    runner.delay_s = options.delay_s.value_or(protocol.delay_s);
    runner.cooldown_cap_s = options.cooldown_s;
    runner.strict = options.strict;
    if (options.staircase) {
        runner.staircase = StaircaseOptions{read_topology().usable_cores(), 1.0};
    }
    runner.rerun = options.rerun;
    runner.sampling = {options.temperature, options.seed, options.top_k, options.top_p};
    runner.chat_template = !options.no_chat_template;
    runner.ignore_eos = !options.stop_at_end;
    runner.version = LANDAUER_VERSION;
    runner.memory = [] { return available_memory_bytes(); };
    return runner;
}

// The models with their projectors, and the ladder of pictures where there is one.
struct Pictures {
    bool given = false;
    std::vector<Seeing> models;
    ImageLadder ladder;
};

Result<Pictures> pictures_of(const BenchOptions& options, const Protocol& protocol,
                             const std::vector<std::filesystem::path>& files) {
    Pictures pictures;
    pictures.given = options.images.given();
    if (!pictures.given) {
        for (const std::filesystem::path& file : files) {
            pictures.models.push_back({file, {}});
        }
        pictures.ladder.clamps.assign(files.size(), {Clamp{}});
        return pictures;
    }
    auto models = pair_up(options.images, files);
    if (!models) {
        return tl::unexpected(models.error());
    }
    pictures.models = std::move(*models);
    auto ladder = image_ladder_of(options.images, protocol, files);
    if (!ladder) {
        return tl::unexpected(ladder.error());
    }
    pictures.ladder = std::move(*ladder);
    return pictures;
}

Result<void> check_numbers(const BenchOptions& options) {
    struct Limit {
        const char* flag;
        double value;
        double least;
    };
    for (const Limit& limit :
         {Limit{"--idle", options.idle_s.value_or(0.0), 0.0},
          Limit{"--idle-cap", options.idle_cap_s.value_or(0.0), 0.0}, Limit{"--cooldown", options.cooldown_s, 0.0},
          Limit{"--delay", options.delay_s.value_or(0.0), 0.0},
          Limit{"--max-attempts", static_cast<double>(options.max_attempts), 1.0},
          Limit{"--contention-limit", options.contention_percent, 0.0}, Limit{"--temp", options.temperature, 0.0},
          Limit{"-c", static_cast<double>(options.n_ctx), 0.0}}) {
        if (!(limit.value >= limit.least)) {
            return fail(ErrorKind::Invalid, fmt::format("{} {:g} makes no sense.", limit.flag, limit.value),
                        fmt::format("Give {} {:g} or more.", limit.flag, limit.least));
        }
    }
    return {};
}

int pieces_of(const BenchOptions& options, const PlanRequest& request) {
    if (options.least_turns == 0 || request.repetitions < 1) {
        return options.pieces;
    }
    const int wanted = (options.least_turns + request.repetitions - 1) / request.repetitions;
    const std::size_t most = std::max(
        {request.grid.size(), request.images.empty() ? request.prompts.size() : request.images.size(), std::size_t{1}});
    return static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(wanted), most));
}

}  // namespace

Result<BenchSetup> set_up_bench(const BenchOptions& options, CommandContext& context) {
    if (auto numbers = check_numbers(options); !numbers) {
        return tl::unexpected(numbers.error());
    }
    auto protocol = find_protocol(options.protocol);
    if (!protocol) {
        return tl::unexpected(protocol.error());
    }
    auto files = model_files(options);
    if (!files) {
        return tl::unexpected(files.error());
    }
    auto pictures = pictures_of(options, *protocol, *files);
    if (!pictures) {
        return tl::unexpected(pictures.error());
    }
    auto request = plan_request_of(options, *protocol, pictures->given ? &pictures->ladder : nullptr);
    if (!request) {
        return tl::unexpected(request.error());
    }
    // A model that is loaded anew for each trial may as well be another one.
    request->pieces = pictures->given && pictures->ladder.reload ? static_cast<int>(pictures->ladder.sizes.size())
                                                                 : pieces_of(options, *request);
    if (context.verbose) {
        set_engine_log([](std::string_view line) { talk(fmt::format("llama.cpp: {}\n", line)); });
    }
    BenchSetup setup;
    setup.runner = runner_options(options, *protocol);
    setup.runner.reload = pictures->given && pictures->ladder.reload;
    setup.runner.images = pictures->ladder.source;
    auto joules = set_up_joules(options.meters, options.strict);
    if (!joules) {
        return tl::unexpected(joules.error());
    }
    setup.runner.meters = std::move(joules->sources);
    setup.runner.caveats = std::move(joules->caveats);
    const int cores = read_topology().usable_cores();
    for (std::size_t i = 0; i < files->size(); ++i) {
        if (auto added = add_candidates(options, context, pictures->models[i], pictures->ladder.clamps[i],
                                        std::max(cores - 1, 1), setup.candidates);
            !added) {
            return tl::unexpected(added.error());
        }
    }
    for (Candidate& candidate : setup.candidates) {
        candidate.run.settings.insert(pictures->ladder.fields.begin(), pictures->ladder.fields.end());
        request->models.push_back(identity(candidate));
    }
    auto plan = make_plan(*request);
    if (!plan) {
        return tl::unexpected(plan.error());
    }
    setup.plan = std::move(*plan);
    for (std::size_t i = 0; i < setup.candidates.size(); ++i) {
        RunRecord& run = setup.candidates[i].run;
        run.plan_hash = fmt::format("{}.{}", setup.plan.hash, i);
        run.prompts_json = to_jsonl(setup.plan.request.prompts);
    }
    setup.runner.environment = read_environment();
    for (const auto& [fact, value] : setup.candidates.front().engine->facts()) {
        setup.runner.environment[fact] = value;
    }
    const std::vector<Caveat> threads = thread_caveats(setup.candidates, cores);
    setup.runner.caveats.insert(setup.runner.caveats.end(), threads.begin(), threads.end());
    return setup;
}

}  // namespace landauer
