#include "compress/heal/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

namespace landauer {
namespace {

using nlohmann::json;

constexpr std::int64_t kFewestSteps = 4;
constexpr double kWritingByReading = 3.5;  // a token that the base writes, against one that it reads
constexpr double kLookBySteps = 0.35;      // a window seen without coming back, against one trained on
constexpr double kLooks = 12.0;
constexpr std::int32_t kMostWindows = 4096;
constexpr std::int64_t kMostRounds = 2;  // of steps through the same windows

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

double seconds_since(std::int64_t begin_ns) { return static_cast<double>(steady_ns() - begin_ns) * 1e-9; }

std::optional<LessonPlan> kept_plan(const std::filesystem::path& file, const std::string& key) {
    std::ifstream in(file);
    const json kept = json::parse(in, nullptr, false);
    if (!kept.is_object() || kept.value("key", "") != key) return std::nullopt;
    try {
        LessonPlan plan;
        plan.n_windows = kept.at("n_windows");
        plan.n_steps = kept.at("n_steps");
        plan.given = kept.at("given");
        return plan;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

Result<void> keep_plan(const std::filesystem::path& file, const std::string& key, const LessonPlan& plan) {
    const std::filesystem::path partial = file.string() + ".part";
    std::error_code problem;
    {
        std::ofstream out(partial);
        out << json{{"key", key}, {"n_windows", plan.n_windows}, {"n_steps", plan.n_steps}, {"given", plan.given}}
                   .dump()
            << '\n';
        if (!out.flush()) problem = std::make_error_code(std::errc::io_error);
    }
    if (!problem) std::filesystem::rename(partial, file, problem);
    if (!problem) return {};
    return fail(ErrorKind::Failed, fmt::format("{} could not be written: {}.", file.string(), problem.message()),
                "Free some space, or put the stages elsewhere (--work).");
}

std::int32_t windows_for(const LessonNeeds& needs, std::int64_t n_steps) {
    const auto n = n_steps * static_cast<std::int64_t>(needs.batch) + needs.held_out;
    return static_cast<std::int32_t>(std::min<std::int64_t>(n, kMostWindows));
}

struct Pace {
    double step = 0.0;     // training on a batch
    double teacher = 0.0;  // the base's answers to a batch
};

// On tokens of no meaning, which take as long as any.
Result<Pace> pace_of(const LessonNeeds& needs, const WeightFile& base, const Student& student,
                     const CompressHooks& hooks) {
    std::vector<TokenWindow> windows(needs.batch);
    const std::size_t n_vocab = student.shape().n_vocab;
    for (std::size_t w = 0; w < windows.size(); ++w) {
        for (std::int32_t i = 0; i < needs.window_tokens; ++i) {
            windows[w].push_back(static_cast<Token>((static_cast<std::size_t>(i) * 7919 + w * 31) % n_vocab));
        }
    }
    Pace pace;
    auto began = steady_ns();
    const auto teacher = teach(base, windows, {}, {}, needs.n_threads, hooks.abort, {});
    if (!teacher) return tl::unexpected(teacher.error());
    pace.teacher = seconds_since(began);
    Lesson lesson;
    for (std::size_t w = 0; w < windows.size(); ++w) {
        lesson.windows.push_back(&windows[w]);
        lesson.streams.push_back(&teacher->streams[w]);
    }
    Gradients gradients;
    for (int round = 0; round < 2; ++round) {  // the first touches memory for the first time
        if (hooks.abort && hooks.abort()) return fail(ErrorKind::Interrupted, "Healing was interrupted.", "");
        began = steady_ns();
        const auto loss = student.loss(*teacher, lesson, &gradients);
        if (!loss) return tl::unexpected(loss.error());
        pace.step = seconds_since(began);
        if (hooks.progress) hooks.progress("timing a step", (round + 1) / 2.0);
    }
    return pace;
}

std::int64_t steps_a_round(const LessonNeeds& needs, std::int64_t n_windows) {
    return std::max<std::int64_t>(0, n_windows - needs.held_out) / static_cast<std::int64_t>(needs.batch);
}

// The base's part of a batch that is made for the purpose: it writes and answers.
double made_seconds(const LessonNeeds& needs, const Pace& pace) {
    const double written = !needs.self ? 0.0 : needs.has_text ? 0.5 : 1.0;
    return pace.teacher * (1.0 + written * kWritingByReading);
}

double seconds_each(const LessonNeeds& needs, const Pace& pace) { return pace.step + made_seconds(needs, pace); }

std::int64_t steps_on_new(const LessonNeeds& needs, const Pace& pace, double seconds) {
    const double held_out = static_cast<double>(needs.held_out) / static_cast<double>(needs.batch);
    return static_cast<std::int64_t>(
        std::floor((seconds - made_seconds(needs, pace) * held_out) / seconds_each(needs, pace)));
}

// Windows that are there need the base's answers alone.
std::int64_t steps_on_given(const LessonNeeds& needs, const Pace& pace, double seconds) {
    const double batches = static_cast<double>(needs.n_given) / static_cast<double>(needs.batch);
    return static_cast<std::int64_t>(std::floor((seconds - pace.teacher * batches) / pace.step));
}

}  // namespace

Result<LessonPlan> plan_lessons(const LessonNeeds& needs, const WeightFile& base, const Student& student,
                                const std::filesystem::path& kept, const CompressHooks& hooks) {
    LessonPlan plan;
    plan.began_at_ns = steady_ns();
    if (needs.n_tokens > 0) {
        const std::int64_t a_step = static_cast<std::int64_t>(needs.batch) * needs.window_tokens;
        plan.n_steps = std::max<std::int64_t>(1, (needs.n_tokens + a_step - 1) / a_step);
        plan.n_windows = windows_for(needs, plan.n_steps);
        plan.given = plan.n_windows <= needs.n_given;
        if (plan.given) plan.n_windows = needs.n_given;
        return plan;
    }
    if (auto known = kept_plan(kept, needs.key)) return *known;
    const auto pace = pace_of(needs, base, student, hooks);
    if (!pace) return tl::unexpected(pace.error());
    plan.step_seconds = pace->step;
    plan.fixed_seconds =
        kLooks * kLookBySteps * pace->step * static_cast<double>(needs.held_out) / static_cast<double>(needs.batch);
    const double left = needs.budget_seconds - seconds_since(plan.began_at_ns) - plan.fixed_seconds;
    const std::int64_t on_given = steps_on_given(needs, *pace, left);
    plan.given = on_given >= kFewestSteps && on_given <= kMostRounds * steps_a_round(needs, needs.n_given);
    const std::int64_t n_steps = plan.given ? on_given : steps_on_new(needs, *pace, left);
    if (n_steps < kFewestSteps) {
        const double each = seconds_each(needs, *pace);
        const double least = needs.budget_seconds - left + static_cast<double>(kFewestSteps) * each +
                             pace->teacher * static_cast<double>(needs.held_out) / static_cast<double>(needs.batch);
        return fail(
            ErrorKind::Invalid,
            fmt::format("{:.0f} s are too few: a step takes {:.1f} s here, and {} are the fewest.",
                        needs.budget_seconds / needs.budget_share, each, kFewestSteps),
            fmt::format("Give {:.0f} s or more, or fewer tokens a window.", std::ceil(least / needs.budget_share)));
    }
    plan.n_windows = plan.given ? needs.n_given : windows_for(needs, n_steps);
    if (auto done = keep_plan(kept, needs.key, plan); !done) return tl::unexpected(done.error());
    return plan;
}

Result<std::int64_t> settle_steps(const LessonPlan& plan, const LessonNeeds& needs, const std::filesystem::path& kept) {
    if (plan.n_steps > 0) return plan.n_steps;
    const std::int64_t planned = steps_a_round(needs, plan.n_windows);
    LessonPlan settled = plan;
    settled.n_steps = planned;
    if (plan.step_seconds > 0.0) {
        const double left = needs.budget_seconds - seconds_since(plan.began_at_ns) - plan.fixed_seconds;
        settled.n_steps =
            std::clamp(static_cast<std::int64_t>(left / plan.step_seconds), kFewestSteps, kMostRounds * planned);
    }
    if (auto done = keep_plan(kept, needs.key, settled); !done) return tl::unexpected(done.error());
    return settled.n_steps;
}

}  // namespace landauer
