#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/figures.h"
#include "run/anchor.h"
#include "run/idle_baseline.h"
#include "run/preflight.h"
#include "run/recorder.h"
#include "run/sampler_caveats.h"
#include "run/work_queue.h"

namespace landauer {
namespace {

constexpr double kAnchorTolerance = 0.10;
constexpr std::int32_t kWarmupTokens = 8;
constexpr std::int64_t kBaselineShare = 10;  // a baseline serves for ten times its own length

class PlanRun {
   public:
    PlanRun(const Plan& plan, std::vector<Candidate>& candidates, Store& store, const RunnerOptions& options,
            RunListener& listener, const AbortPoll& abort)
        : plan_(plan), candidates_(candidates), store_(store), options_(options), listener_(listener), abort_(abort) {}

    Result<RunOutcome> execute();

   private:
    Result<void> find_work();
    Result<void> begin_session();
    Result<void> run_all();
    Result<void> make_images();
    Result<void> prepare(int model);
    Result<void> load();
    Result<void> warm_up(const TrialSpec& spec);
    Result<void> run_trial(const Pending& pending);
    Result<TrialRecord> measure(const Pending& pending);
    Result<void> idle(const std::string& where, const std::string& name);
    Result<void> staircase();
    Result<void> end_session();
    void cool_down(std::vector<Caveat>& caveats);
    void add_caveat(const Caveat& caveat);

    [[nodiscard]] Result<TrialRequest> request_of(const TrialSpec& spec) const;
    [[nodiscard]] double eta_s() const;
    [[nodiscard]] EngineHooks hooks();
    [[nodiscard]] bool baseline_is_old() const;
    [[nodiscard]] bool stopped() const { return abort_ && abort_(); }

    const Plan& plan_;
    std::vector<Candidate>& candidates_;
    Store& store_;
    const RunnerOptions& options_;
    RunListener& listener_;
    const AbortPoll& abort_;

    RunOutcome outcome_;
    SessionRecord session_;
    WorkQueue queue_;
    std::unique_ptr<Recorder> recorder_;
    std::unique_ptr<Anchor> anchor_;
    std::optional<ImageShelf> images_;
    Trace pending_samples_;
    int loaded_ = -1;
    int n_prepared_ = 0;  // models made ready, each change of the model counted
    bool fresh_ = false;  // loaded for the next trial and not used yet, under --reload
};

Result<void> PlanRun::find_work() {
    for (Candidate& candidate : candidates_) {
        auto run = options_.rerun ? store_.add_run(candidate.run) : store_.resume_or_add_run(candidate.run);
        if (!run) {
            return tl::unexpected(run.error());
        }
        candidate.run = std::move(*run);
        outcome_.run_ids.push_back(candidate.run.id);
    }
    auto queue = WorkQueue::find(plan_, outcome_.run_ids, store_, outcome_.n_resumed);
    if (!queue) {
        return tl::unexpected(queue.error());
    }
    queue_ = std::move(*queue);
    return {};
}

Result<void> PlanRun::begin_session() {
    auto recorder = Recorder::start(options_.meters, SamplerOptions{options_.rate_hz});
    if (!recorder) {
        return tl::unexpected(recorder.error());
    }
    recorder_ = std::make_unique<Recorder>(std::move(*recorder));
    session_.started_utc = utc_now();
    session_.started_ns = system_clock().now_ns();
    session_.command = candidates_.front().run.command;
    session_.version = options_.version;
    session_.environment = options_.environment;
    session_.rate_hz = options_.rate_hz;
    session_.caveats = options_.caveats;
    auto id = store_.begin_session(session_);
    if (!id) {
        return tl::unexpected(id.error());
    }
    session_.id = *id;
    if (options_.cooldown_cap_s > 0.0) {
        anchor_ = std::make_unique<Anchor>();
    }
    return {};
}

Result<RunOutcome> PlanRun::execute() {
    if (auto found = find_work(); !found) {
        return tl::unexpected(found.error());
    }
    if (queue_.empty()) {
        return outcome_;
    }
    std::vector<std::vector<TrialNeed>> all_needs;
    for (Candidate& candidate : candidates_) {
        auto needs = check_fit(plan_, candidate.settings, options_.chat_template);
        if (!needs) {
            return tl::unexpected(needs.error());
        }
        all_needs.push_back(std::move(*needs));
    }
    queue_.set_needs(std::move(all_needs));
    if (auto made = make_images(); !made) {
        return tl::unexpected(made.error());
    }
    if (auto begun = begin_session(); !begun) {
        return tl::unexpected(begun.error());
    }
    auto run = run_all();
    // Whatever happened, what was measured and said so far is kept.
    auto ended = end_session();
    if (!run && run.error().kind == ErrorKind::Interrupted) {
        outcome_.interrupted = true;
    } else if (!run) {
        return tl::unexpected(run.error());
    }
    if (!ended) {
        return tl::unexpected(ended.error());
    }
    return outcome_;
}

// The sizes that are still to run, before any baseline: making them is work.
Result<void> PlanRun::make_images() {
    const std::vector<ImageSize> sizes = queue_.image_sizes(plan_);
    if (sizes.empty()) {
        return {};
    }
    auto shelf = ImageShelf::make(options_.images, sizes, [this](double fraction) {
        listener_.stage("making the images", fraction);
        return !stopped();
    });
    if (!shelf) {
        return tl::unexpected(shelf.error());
    }
    images_ = std::move(*shelf);
    return {};
}

Result<void> PlanRun::run_all() {
    if (auto done = idle("before_load", "before loading"); !done) {
        return done;
    }
    if (auto done = staircase(); !done) {
        return done;
    }
    while (!queue_.empty()) {
        const Pending next = queue_.take();
        if (next.spec.model != loaded_) {
            if (auto ready = prepare(next.spec.model); !ready) {
                return ready;
            }
        }
        if (auto ran = run_trial(next); !ran) {
            return ran;
        }
    }
    return idle("after", "after the run");
}

Result<void> PlanRun::prepare(int model) {
    if (loaded_ >= 0) {
        candidates_[static_cast<std::size_t>(loaded_)].engine->unload();
    }
    loaded_ = model;
    ++n_prepared_;
    if (auto loaded = load(); !loaded) {
        return loaded;
    }
    fresh_ = options_.reload;
    if (options_.warmup && !options_.reload) {
        if (auto warm = warm_up(cheapest_trial(plan_)); !warm) {
            return warm;
        }
    }
    return baseline_is_old() ? idle("before", "before the run") : Result<void>{};
}

// Models that take turns often would otherwise idle for most of the session.
bool PlanRun::baseline_is_old() const {
    if (n_prepared_ == 1) {
        return true;
    }
    const PhaseRecord& last = session_.idle.back();
    return system_clock().now_ns() - last.end_ns > kBaselineShare * (last.end_ns - last.begin_ns);
}

Result<void> PlanRun::load() {
    Candidate& candidate = candidates_[static_cast<std::size_t>(loaded_)];
    listener_.stage(fmt::format("loading {}", candidate.run.model.name), 0.0);
    recorder_->edge_of_trial(Edge::begin);
    auto loaded = candidate.engine->load(candidate.settings, hooks());
    recorder_->edge_of_trial(Edge::end);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    for (const Caveat& caveat : loaded->caveats) {
        add_caveat(caveat);
    }
    return store_.commit_load(session_.id, candidate.run.id, loaded->load);
}

Result<void> PlanRun::warm_up(const TrialSpec& spec) {
    listener_.stage("warming up", 0.0);
    auto made = request_of(spec);
    if (!made) {
        return tl::unexpected(made.error());
    }
    TrialRequest request = std::move(*made);
    request.n_gen = std::min(request.n_gen, kWarmupTokens);
    EngineHooks quiet = hooks();
    quiet.phase = nullptr;
    auto result = candidates_[static_cast<std::size_t>(loaded_)].engine->run(request, quiet);
    if (!result) {
        return tl::unexpected(result.error());
    }
    queue_.learn(loaded_, result->phases);
    return {};
}

Result<void> PlanRun::run_trial(const Pending& pending) {
    const std::size_t done = queue_.done();
    listener_.trial_begins(pending.spec, done, queue_.total(), eta_s());
    auto trial = measure(pending);
    if (!trial) {
        return tl::unexpected(trial.error());
    }
    auto stored = store_.commit_trial(*trial, pending_samples_);
    if (!stored) {
        return tl::unexpected(stored.error());
    }
    pending_samples_ = {};
    ++outcome_.n_trials;
    if (trial->grade == Grade::C) {
        if (pending.attempt_now + 1 < options_.max_attempts) {
            queue_.again(pending);
        } else {
            ++outcome_.n_spoiled;
        }
    }
    listener_.trial_ended(*trial, done + 1, queue_.total(), eta_s());
    return {};
}

Result<TrialRecord> PlanRun::measure(const Pending& pending) {
    Candidate& candidate = candidates_[static_cast<std::size_t>(loaded_)];
    const auto made = request_of(pending.spec);
    if (!made) {
        return tl::unexpected(made.error());
    }
    const TrialRequest& request = *made;
    TrialRecord trial;
    if (options_.reload && !fresh_) {
        candidate.engine->unload();
        if (auto loaded = load(); !loaded) {
            return tl::unexpected(loaded.error());
        }
    }
    fresh_ = false;
    cool_down(trial.caveats);
    trial.begin_ns = recorder_->edge_of_trial(Edge::begin);
    auto result = candidate.engine->run(request, hooks());
    trial.end_ns = recorder_->edge_of_trial(Edge::end);
    if (!result) {
        return tl::unexpected(result.error());
    }
    recorder_->drain(pending_samples_);
    trial.run_id = candidate.run.id;
    trial.session_id = session_.id;
    trial.key = pending.spec.key;
    trial.prompt_id = pending.spec.prompt_id;
    trial.repetition = pending.spec.repetition;
    trial.attempt = pending.attempt;
    trial.n_prompt = result->n_prompt;
    trial.n_reused = result->n_reused;
    trial.n_gen = result->n_gen;
    trial.n_depth = request.n_depth;
    trial.image = result->image;
    trial.answer = std::move(result->answer);
    trial.stop = std::move(result->stop);
    trial.phases = std::move(result->phases);
    trial.figures = trial_figures(pending_samples_, trial);
    Validity validity = grade_trial(trial.figures, options_.limits);
    trial.grade = validity.grade;
    trial.caveats.insert(trial.caveats.end(), validity.caveats.begin(), validity.caveats.end());
    queue_.learn(loaded_, trial.phases);
    return trial;
}

void PlanRun::cool_down(std::vector<Caveat>& caveats) {
    if (options_.delay_s > 0.0) {
        const auto pause_ns = static_cast<std::int64_t>(options_.delay_s * 1e9);
        system_clock().sleep_until(system_clock().now_ns() + pause_ns);
    }
    if (anchor_ && anchor_->wait(kAnchorTolerance, options_.cooldown_cap_s, abort_) < 0.0) {
        caveats.push_back(
            {"not-cooled-down", Severity::note,
             fmt::format("The machine was still more than {:.0f} % slower than at the start after a pause of {:g} s.",
                         kAnchorTolerance * 100.0, options_.cooldown_cap_s),
             "Close other programs, improve the cooling, or allow a longer pause with --cooldown SECONDS."});
    }
}

Result<void> PlanRun::idle(const std::string& where, const std::string& name) {
    const IdleOptions idle{where, options_.idle_s, options_.idle_cap_s, options_.strict,
                           requested_names(options_.meters)};
    auto baseline = record_idle_baseline(*recorder_, pending_samples_, idle, abort_,
                                         [&](double fraction) { listener_.stage("idle baseline " + name, fraction); });
    if (!baseline) {
        return tl::unexpected(baseline.error());
    }
    session_.idle.push_back(baseline->phase);
    for (const Caveat& caveat : baseline->caveats) {
        add_caveat(caveat);
    }
    auto stored = store_.commit_samples(session_.id, pending_samples_);
    pending_samples_ = {};
    return stored;
}

Result<void> PlanRun::staircase() {
    const auto progress = [&](double fraction) {
        listener_.stage("load staircase", fraction);
        recorder_->drain(pending_samples_);
    };
    return options_.staircase ? run_staircase(*options_.staircase, abort_, progress) : Result<void>{};
}

Result<void> PlanRun::end_session() {
    recorder_->stop();
    recorder_->drain(pending_samples_);
    auto samples = store_.commit_samples(session_.id, pending_samples_);
    session_.sampler = recorder_->stats();
    for (const Caveat& caveat : sampler_caveats(session_.sampler, SamplerOptions{options_.rate_hz})) {
        add_caveat(caveat);
    }
    session_.ended_utc = utc_now();
    auto updated = store_.update_session(session_);
    return samples ? updated : samples;
}

void PlanRun::add_caveat(const Caveat& caveat) {
    if (std::find(session_.caveats.begin(), session_.caveats.end(), caveat) == session_.caveats.end()) {
        session_.caveats.push_back(caveat);
        listener_.caveat(caveat);
    }
}

Result<TrialRequest> PlanRun::request_of(const TrialSpec& spec) const {
    TrialRequest request = make_request(plan_, spec);
    if (spec.image >= 0 && images_) {
        auto image = images_->take(plan_.request.images[static_cast<std::size_t>(spec.image)]);
        if (!image) {
            return tl::unexpected(image.error());
        }
        request.image = std::move(*image);
    }
    request.chat_template = options_.chat_template;
    request.sampling = options_.sampling;
    request.ignore_eos = options_.ignore_eos;
    return request;
}

double PlanRun::eta_s() const {
    const double trials_s = queue_.seconds_left();
    return trials_s < 0.0
               ? -1.0
               : trials_s + options_.idle_s + options_.delay_s * static_cast<double>(queue_.pending().size());
}

EngineHooks PlanRun::hooks() {
    return EngineHooks{[this](PhaseKind, bool, std::int64_t) { recorder_->edge_of_phase(); }, abort_,
                       [this](PhaseKind kind, double fraction) { listener_.progress(kind, fraction); },
                       options_.memory};
}

}  // namespace

Result<RunOutcome> run_plan(const Plan& plan, std::vector<Candidate>& candidates, Store& store,
                            const RunnerOptions& options, RunListener& listener, const AbortPoll& abort) {
    return PlanRun(plan, candidates, store, options, listener, abort).execute();
}

}  // namespace landauer
