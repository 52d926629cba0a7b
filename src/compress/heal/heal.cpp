#include "compress/heal/heal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <utility>

#include "compress/heal/plan.h"
#include "compress/heal/write_healed.h"
#include "compress/own_products.h"
#include "engine/windows.h"
#include "gguf/summary.h"
#include "platform/sha256.h"

namespace landauer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 2;  // windows a step: a text's and one that the base wrote

void say(const CompressHooks& hooks, const std::string& stage, double fraction) {
    if (hooks.progress) hooks.progress(stage, fraction);
}

Result<void> check(const HealSettings& settings, const Healed& healed) {
    const auto invalid = [](std::string sentence, std::string remedy) {
        return fail(ErrorKind::Invalid, std::move(sentence), std::move(remedy));
    };
    if (healed.model_sha256 == healed.base_sha256) {
        return invalid(fmt::format("{} and {} are the same model.", settings.model.string(), settings.base.string()),
                       "Give the model that the smaller one was made from as --base.");
    }
    if (!(settings.rate > 0.0 && settings.rate <= 10.0)) {
        return invalid(fmt::format("{} times the usual rate is no rate to train at.", settings.rate),
                       "Use more than 0, and 10 at most; 1 is usual, 0.3 cautious.");
    }
    if (settings.n_tokens < 0 || (settings.n_tokens == 0 && !(settings.budget_seconds > 0.0))) {
        return invalid("There is no time to heal in.", "Give --budget 5m, or --tokens 25000.");
    }
    for (const fs::path* file : {&settings.base, &settings.model}) {
        const auto summary = inspect_gguf(*file);
        if (!summary) return tl::unexpected(summary.error());
        if (!summary->synthetic || settings.allow_synthetic) continue;
        return invalid(
            fmt::format("{} has synthetic weights: what healing makes of noise says nothing.", file->string()),
            "Heal the real model, or say --allow-synthetic to measure costs.");
    }
    return check_same_vocabulary(settings.base, settings.model);
}

// Windows of so many tokens out of longer ones; what is left over of each goes.
std::vector<TokenWindow> cut(const std::vector<TokenWindow>& windows, std::size_t n_tokens) {
    std::vector<TokenWindow> pieces;
    for (const TokenWindow& window : windows) {
        for (std::size_t first = 0; first + n_tokens <= window.size(); first += n_tokens) {
            const auto begin = window.begin() + static_cast<std::ptrdiff_t>(first);
            pieces.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(n_tokens));
        }
    }
    return pieces;
}

// Of each pair of neighbours, which come from windows of two kinds, one after the other: piece 0 of both, piece 1 of
// both.
std::vector<TokenWindow> in_turns(std::vector<TokenWindow> pieces, std::size_t of_each) {
    std::vector<TokenWindow> out;
    for (std::size_t first = 0; first < pieces.size(); first += 2 * of_each) {
        const std::size_t n = std::min(2 * of_each, pieces.size() - first);
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t from = n == 2 * of_each ? i % 2 * of_each + i / 2 : i;
            out.push_back(std::move(pieces[first + from]));
        }
    }
    return out;
}

// Those that are held out go to the end; windows of text and the base's own stand in turns, so that both are among
// them.
std::vector<TokenWindow> held_out_last(std::vector<TokenWindow> windows, std::size_t held_out) {
    std::rotate(windows.begin(), windows.begin() + static_cast<std::ptrdiff_t>(held_out), windows.end());
    return windows;
}

class Healing {
   public:
    Healing(const HealSettings& settings, const CompressHooks& hooks) : settings_(settings), hooks_(hooks) {}

    Result<Healed> run() {
        if (auto opened = open(); !opened) return tl::unexpected(opened.error());
        const OwnProducts own(static_cast<std::size_t>(settings_.n_threads));
        auto plan = plan_lessons(needs(), *base_, *student_, stage_file("plan.json"), hooks_);
        if (!plan) return tl::unexpected(plan.error());
        auto windows = lessons(*plan);
        if (!windows) return tl::unexpected(windows.error());
        // Windows are cut up and put in order by these.
        const std::string lessons_key = sha256_text(fmt::format("{} {} {} {}", healed_.base_sha256, calibration_sha256_,
                                                                settings_.window_tokens, settings_.held_out));
        const auto teacher = teach(*base_, *windows, lessons_key, settings_.work / "heal-teacher.gguf",
                                   static_cast<std::size_t>(settings_.n_threads), hooks_.abort,
                                   [&](double fraction) { say(hooks_, "the base's answers", fraction); });
        if (!teacher) return tl::unexpected(teacher.error());
        const auto n_steps = settle_steps(*plan, needs(), stage_file("plan.json"));
        if (!n_steps) return tl::unexpected(n_steps.error());
        healed_.n_steps = *n_steps;
        if (auto trained = descend(*teacher, *windows); !trained) return tl::unexpected(trained.error());
        if (auto written = write(); !written) return tl::unexpected(written.error());
        return healed_;
    }

   private:
    [[nodiscard]] fs::path stage_file(const char* what) const {
        return settings_.work / fmt::format("{}-{}", settings_.stage, what);
    }

    Result<void> open() {
        const auto base_sha = sha256_file(settings_.base, hooks_.abort);
        if (!base_sha) return tl::unexpected(base_sha.error());
        const auto model_sha = sha256_file(settings_.model, hooks_.abort);
        if (!model_sha) return tl::unexpected(model_sha.error());
        healed_.base_sha256 = *base_sha;
        healed_.model_sha256 = *model_sha;
        if (auto good = check(settings_, healed_); !good) return good;
        auto base = WeightFile::open(settings_.base);
        if (!base) return tl::unexpected(base.error());
        base_ = std::make_unique<WeightFile>(std::move(*base));
        StudentSettings how;
        how.trained = settings_.trained;
        how.n_threads = static_cast<std::size_t>(settings_.n_threads);
        auto student = Student::open(settings_.model, how);
        if (!student) return tl::unexpected(student.error());
        student_ = std::make_unique<Student>(std::move(*student));
        describe();
        return check_memory();
    }

    // What is there already is counted as free no more: moments, gradients, the best so far, and a snapshot's copies.
    [[nodiscard]] Result<void> check_memory() const {
        constexpr std::uint64_t kCopies = 4;
        constexpr double kGib = 1024.0 * 1024.0 * 1024.0;
        const std::uint64_t needed = healed_.n_values * sizeof(float) * kCopies;
        const std::uint64_t free = hooks_.memory ? hooks_.memory() : needed;
        if (needed <= free) return {};
        return fail(ErrorKind::Refused,
                    fmt::format("Training {} values takes {:.1f} GiB of memory more, and {:.1f} GiB are free.",
                                healed_.n_values, static_cast<double>(needed) / kGib, static_cast<double>(free) / kGib),
                    "Train fewer: --train low-rank, scales or channels.");
    }

    void describe() {
        healed_.n_trained = student_->n_trained();
        healed_.n_matrices = student_->n_matrices();
        for (const Parameter& parameter : student_->parameters()) healed_.n_values += parameter.values.values().size();
        const std::size_t left = healed_.n_matrices - healed_.n_trained;
        if (left == 0) return;
        healed_.caveats.push_back(
            fmt::format("{} of the {} matrices are of types without scales of their own and stay as they are.", left,
                        healed_.n_matrices));
    }

    [[nodiscard]] LessonNeeds needs() const {
        LessonNeeds needs;
        needs.key = sha256_text(fmt::format("{} {} {} {} {} {} {} {} {}", healed_.base_sha256, healed_.model_sha256,
                                            sha256_text(settings_.text), settings_.self, settings_.window_tokens,
                                            settings_.held_out, settings_.n_tokens, settings_.budget_seconds,
                                            static_cast<int>(settings_.trained)));
        needs.batch = kBatch;
        needs.window_tokens = settings_.window_tokens;
        needs.held_out = settings_.held_out;
        needs.n_tokens = settings_.n_tokens;
        if (settings_.windows) {
            needs.n_given = settings_.windows->settings.n_windows *
                            (settings_.windows->settings.n_tokens / std::max(1, settings_.window_tokens));
        }
        needs.budget_seconds = settings_.budget_seconds;
        needs.budget_share = settings_.budget_share;
        needs.self = settings_.self;
        needs.has_text = !settings_.text.empty();
        needs.n_threads = static_cast<std::size_t>(settings_.n_threads);
        return needs;
    }

    [[nodiscard]] KeptWindows new_windows(std::int32_t n_windows) const {
        KeptWindows made;
        made.settings.text = settings_.text;
        made.settings.self = settings_.self;
        made.settings.n_windows = n_windows;
        made.settings.n_tokens = settings_.window_tokens;
        made.settings.n_threads = settings_.n_threads;
        made.settings.seed = settings_.seed;
        made.file = settings_.work / "heal-windows.json";
        return made;
    }

    Result<std::vector<TokenWindow>> lessons(const LessonPlan& plan) {
        healed_.windows = plan.given && settings_.windows ? *settings_.windows : new_windows(plan.n_windows);
        const CalibrationSettings& how = healed_.windows.settings;
        auto found = calibration_windows(settings_.base, healed_.base_sha256, how, healed_.windows.file, hooks_.abort,
                                         [&](double fraction) { say(hooks_, "texts", fraction); });
        if (!found) return tl::unexpected(found.error());
        if (how.n_tokens != settings_.window_tokens) {
            const auto n_tokens = static_cast<std::size_t>(settings_.window_tokens);
            found->windows = in_turns(cut(found->windows, n_tokens), static_cast<std::size_t>(how.n_tokens) / n_tokens);
        }
        healed_.caveats.insert(healed_.caveats.end(), found->caveats.begin(), found->caveats.end());
        healed_.n_text_tokens = found->n_text_tokens;
        healed_.n_self_tokens = found->n_self_tokens;
        calibration_sha256_ = found->sha256;
        const auto held_out = static_cast<std::size_t>(settings_.held_out);
        if (found->windows.size() < held_out + kBatch) {
            return fail(ErrorKind::Invalid,
                        fmt::format("The text fills {} windows of {} tokens; {} are held out and {} at least are for "
                                    "training.",
                                    found->windows.size(), settings_.window_tokens, held_out, kBatch),
                        "Give more text, or leave --no-self out: the base then writes some.");
        }
        for (std::size_t w = 0; w < held_out; ++w) {
            healed_.n_held_out_tokens += static_cast<std::int64_t>(found->windows[w].size());
        }
        return held_out_last(std::move(found->windows), held_out);
    }

    Result<void> descend(const Teacher& teacher, const std::vector<TokenWindow>& windows) {
        TrainSettings how;
        how.n_steps = healed_.n_steps;
        how.batch = kBatch;
        how.held_out = static_cast<std::size_t>(settings_.held_out);
        how.rate = settings_.rate;
        how.n_threads = static_cast<std::size_t>(settings_.n_threads);
        how.snapshot = stage_file("snapshot.gguf");
        how.key = sha256_text(fmt::format("{} {} {} {} {} {}", needs().key, calibration_sha256_, how.n_steps, how.rate,
                                          how.batch, settings_.seed));
        TrainHooks hooks;
        hooks.abort = hooks_.abort;
        hooks.progress = [&](double fraction, const Training& so_far) {
            say(hooks_, fmt::format("healing, {:.4f} nats on held-out text", so_far.curve.back().held_out), fraction);
        };
        const std::vector<Parameter> before = student_->parameters();
        auto training = train(*student_, teacher, windows, how, hooks);
        if (!training) return tl::unexpected(training.error());
        healed_.training = std::move(*training);
        add_movements(before);
        if (auto settled = student_->settle(); !settled) return settled;
        Lesson held_out;
        for (std::size_t w = windows.size() - how.held_out; w < windows.size(); ++w) {
            held_out.windows.push_back(&windows[w]);
            held_out.streams.push_back(&teacher.streams[w]);
        }
        const auto stored = student_->loss(teacher, held_out, nullptr);
        if (!stored) return tl::unexpected(stored.error());
        healed_.stored = *stored;
        if (healed_.stored < healed_.training.before) return {};
        return fail(ErrorKind::Refused,
                    fmt::format("The healed model is no nearer to the base on held-out text: {:.4f} nats a token, and "
                                "{:.4f} before.",
                                healed_.stored, healed_.training.before),
                    "Nothing was written. Give more text or time (--text, --budget), or a lower rate (--rate 0.3).");
    }

    void add_movements(const std::vector<Parameter>& before) {
        for (std::size_t p = 0; p < before.size(); ++p) {
            const auto then = before[p].values.values();
            const auto now = student_->parameters()[p].values.values();
            double square = 0.0;
            double size = 0.0;
            for (std::size_t i = 0; i < then.size(); ++i) {
                const auto by = static_cast<double>(now[i] - then[i]);
                square += by * by;
                size += static_cast<double>(std::fabs(then[i]));
            }
            const auto n = static_cast<double>(then.size());
            const double moved = size > 0.0 ? std::sqrt(square / n) / (size / n) : 0.0;
            healed_.movements.push_back({before[p].tensor, before[p].kind, moved});
        }
    }

    Result<void> write() {
        const std::vector<std::pair<std::string, GgufValue>> making = {
            {"landauer.heal.base_sha256", healed_.base_sha256},
            {"landauer.heal.source_sha256", healed_.model_sha256},
            {"landauer.heal.windows_sha256", calibration_sha256_},
            {"landauer.heal.options", settings_.options},
            {"landauer.heal.landauer", settings_.version},
            {"landauer.heal.tokens", static_cast<std::int64_t>(healed_.training.n_tokens)},
            {"landauer.heal.steps", healed_.n_steps},
            {"landauer.heal.nats_before", healed_.training.before},
            {"landauer.heal.nats_after", healed_.stored},
        };
        const auto bytes = write_healed(*student_, settings_.model, making, settings_.out, hooks_.abort,
                                        [&](double fraction) { say(hooks_, "writing", fraction); });
        if (!bytes) return tl::unexpected(bytes.error());
        healed_.out_bytes = *bytes;
        return {};
    }

    const HealSettings& settings_;
    const CompressHooks& hooks_;
    std::unique_ptr<WeightFile> base_;
    std::unique_ptr<Student> student_;
    std::string calibration_sha256_;
    Healed healed_;
};

}  // namespace

Result<Healed> heal_model(const HealSettings& settings, const CompressHooks& hooks) {
    return Healing(settings, hooks).run();
}

void remove_heal_stages(const fs::path& work) {
    std::error_code ignored;
    for (const char* name :
         {"heal-plan.json", "heal-windows.json", "heal-teacher.gguf", "heal-snapshot.gguf", "narrow-plan.json",
          "narrow-snapshot.gguf", "narrow.gguf", "narrow-healed.gguf", "narrow-statistics.gguf"}) {
        fs::remove(work / name, ignored);
    }
    fs::remove(work, ignored);  // fails, as it should, where something else is left
}

}  // namespace landauer
