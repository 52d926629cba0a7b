#include "compress/heal/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "compress/heal/kept_matrices.h"
#include "compress/own_products.h"

namespace landauer {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::int64_t kMostBackOffs = 3;
constexpr double kBackOff = 1.0 / 3.0;
constexpr double kRisen = 1.5;          // less is the noise of a full rate, which the cosine takes away
constexpr std::int64_t kPoints = 10;    // of the curve, beside its beginning
constexpr double kKeepingShare = 20.0;  // a snapshot's time goes so many times into the time between two

json to_json(const Training& training, std::int64_t step, double sum, std::int64_t n_summed) {
    json curve = json::array();
    for (const CurvePoint& point : training.curve) {
        curve.push_back({point.step, point.n_tokens, point.held_out, point.training ? json(*point.training) : json()});
    }
    return {{"step", step},
            {"sum", sum},
            {"n_summed", n_summed},
            {"before", training.before},
            {"rate", training.rate},
            {"n_backed_off", training.n_backed_off},
            {"n_tokens", training.n_tokens},
            {"seconds", training.seconds},
            {"curve", curve}};
}

std::vector<MatrixF> values_of(const std::vector<Parameter>& parameters) {
    std::vector<MatrixF> values;
    values.reserve(parameters.size());
    for (const Parameter& parameter : parameters) values.push_back(parameter.values);
    return values;
}

void set_values(const std::vector<MatrixF>& values, std::vector<Parameter>& parameters) {
    for (std::size_t p = 0; p < parameters.size(); ++p) parameters[p].values = values[p];
}

bool is_finite(const Gradients& gradients) {
    return std::ranges::all_of(gradients, [](const MatrixF& gradient) {
        return std::ranges::all_of(gradient.values(), [](float value) { return std::isfinite(value); });
    });
}

class Trainer {
   public:
    Trainer(Student& student, const Teacher& teacher, const std::vector<TokenWindow>& windows,
            const TrainSettings& settings, const TrainHooks& hooks)
        : student_(student),
          teacher_(teacher),
          windows_(windows),
          settings_(settings),
          hooks_(hooks),
          rates_(rates_of(student.parameters())),
          n_lessons_(windows.size() - settings.held_out) {}

    Result<Training> run() {
        if (!resume()) {
            begin();
            if (auto first = examine(); !first) return tl::unexpected(first.error());
            training_.before = training_.curve.front().held_out;
            take_best();
        }
        while (step_ < settings_.n_steps) {
            if (auto stepped = step(); !stepped) return tl::unexpected(stepped.error());
        }
        set_values(best_, student_.parameters());
        training_.after = best_held_out_;
        passed();
        if (training_.after < training_.before) return training_;
        return fail(
            ErrorKind::Refused,
            fmt::format("Healing does not help: the divergence from the base on held-out text was {:.4f} nats a "
                        "token before, and {:.4f} after {} steps.",
                        training_.before, training_.curve.back().held_out, step_),
            "The model may be as near to its base as its scales allow. Give more text or time (--text, "
            "--budget), or a lower rate (--rate 0.3).");
    }

   private:
    void begin() {
        adam_ = empty_adam(student_.parameters());
        step_ = 0;
        sum_ = 0.0;
        n_summed_ = 0;
        training_.rate = settings_.rate;
    }

    [[nodiscard]] Lesson lesson_at(std::size_t first, std::size_t n, std::size_t among, std::size_t from) const {
        Lesson lesson;
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t w = from + (first + i) % among;
            lesson.windows.push_back(&windows_[w]);
            lesson.streams.push_back(&teacher_.streams[w]);
        }
        return lesson;
    }

    Result<void> step() {
        if (hooks_.abort && hooks_.abort()) {
            if (auto kept = keep(); !kept) return kept;
            return fail(ErrorKind::Interrupted, "Healing was interrupted.", "");
        }
        const auto first = static_cast<std::size_t>(step_) * settings_.batch;
        const Lesson lesson = lesson_at(first, settings_.batch, n_lessons_, 0);
        const auto loss = student_.loss(teacher_, lesson, &gradients_);
        if (!loss) return tl::unexpected(loss.error());
        if (!std::isfinite(*loss) || !is_finite(gradients_)) {
            return fail(ErrorKind::Failed, fmt::format("The divergence is no finite number at step {}.", step_),
                        "Lower the rates: --rate 0.3.");
        }
        const double factor = training_.rate * scheduled(step_, settings_.n_steps);
        adam_step(gradients_, rates_, factor, step_, adam_, student_.parameters(), settings_.n_threads);
        ++step_;
        sum_ += *loss;
        ++n_summed_;
        training_.n_tokens += static_cast<std::int64_t>(lesson.n_tokens());
        if (is_point(step_)) {
            if (auto seen = look(); !seen) return seen;
        }
        passed();
        if (hooks_.progress) {
            hooks_.progress(static_cast<double>(step_) / static_cast<double>(settings_.n_steps), training_);
        }
        const std::chrono::duration<double> since = Clock::now() - kept_at_;
        if (since < std::max(std::chrono::duration<double>(settings_.snapshot_seconds), kKeepingShare * keeping_)) {
            return {};
        }
        return keep();
    }

    // Evenly over the steps, soon after the warm-up, and at the end.
    [[nodiscard]] bool is_point(std::int64_t step) const {
        const std::int64_t every = std::max<std::int64_t>(1, settings_.n_steps / kPoints);
        return step == settings_.n_steps || step % every == 0 || step == warm_up_steps(settings_.n_steps) + 1;
    }

    // Where the held-out divergence has risen by much, it goes on from the best parameters, more slowly.
    Result<void> look() {
        if (auto seen = examine(); !seen) return seen;
        const double held_out = training_.curve.back().held_out;
        if (held_out < best_held_out_) {
            take_best();
        } else if (held_out > kRisen * best_held_out_ && training_.n_backed_off < kMostBackOffs) {
            set_values(best_, student_.parameters());
            adam_ = empty_adam(student_.parameters());
            ++training_.n_backed_off;
            training_.rate *= kBackOff;
        }
        return {};
    }

    // The next point of the curve.
    Result<void> examine() {
        const Lesson lesson = lesson_at(0, settings_.held_out, settings_.held_out, n_lessons_);
        const auto held_out = student_.loss(teacher_, lesson, nullptr);
        if (!held_out) return tl::unexpected(held_out.error());
        CurvePoint point{step_, training_.n_tokens, *held_out, std::nullopt};
        if (n_summed_ > 0) point.training = sum_ / static_cast<double>(n_summed_);
        training_.curve.push_back(point);
        sum_ = 0.0;
        n_summed_ = 0;
        return {};
    }

    void take_best() {
        best_ = values_of(student_.parameters());
        best_held_out_ = training_.curve.back().held_out;
    }

    void passed() {
        const auto now = Clock::now();
        training_.seconds += std::chrono::duration<double>(now - counted_to_).count();
        counted_to_ = now;
    }

    // In the order of keep().
    bool resume() {
        auto kept = kept_matrices(settings_.snapshot, settings_.key);
        const std::size_t n = student_.parameters().size();
        if (!kept || kept->matrices.size() != 4 * n) return false;
        const json state = json::parse(kept->text, nullptr, false);
        try {
            read_state(state);
        } catch (const json::exception&) {
            return false;
        }
        const auto take = [&](std::size_t group) {
            std::vector<MatrixF> some;
            some.reserve(n);
            for (std::size_t p = 0; p < n; ++p) some.push_back(std::move(kept->matrices[group * n + p]));
            return some;
        };
        set_values(take(0), student_.parameters());
        adam_.first = take(1);
        adam_.second = take(2);
        best_ = take(3);
        return true;
    }

    void read_state(const json& state) {
        Training training;
        for (const json& point : state.at("curve")) {
            CurvePoint one{point.at(0), point.at(1), point.at(2), std::nullopt};
            if (!point.at(3).is_null()) one.training = point.at(3).get<double>();
            training.curve.push_back(one);
        }
        training.before = state.at("before");
        training.rate = state.at("rate");
        training.n_backed_off = state.at("n_backed_off");
        training.n_tokens = state.at("n_tokens");
        training.seconds = state.at("seconds");
        step_ = state.at("step");
        sum_ = state.at("sum");
        n_summed_ = state.at("n_summed");
        best_held_out_ = state.at("best");
        training_ = std::move(training);
    }

    Result<void> keep() {
        kept_at_ = Clock::now();
        if (settings_.snapshot.empty()) return {};
        auto kept = keep_state();
        keeping_ = Clock::now() - kept_at_;
        return kept;
    }

    Result<void> keep_state() {
        std::vector<const MatrixF*> all;
        const auto add = [&](const std::vector<MatrixF>& some) {
            for (const MatrixF& one : some) all.push_back(&one);
        };
        for (const Parameter& parameter : student_.parameters()) all.push_back(&parameter.values);
        add(adam_.first);
        add(adam_.second);
        add(best_);
        json state = to_json(training_, step_, sum_, n_summed_);
        state["best"] = best_held_out_;
        return keep_matrices(settings_.snapshot, settings_.key, state.dump(), all);
    }

    Student& student_;
    const Teacher& teacher_;
    const std::vector<TokenWindow>& windows_;
    const TrainSettings& settings_;
    const TrainHooks& hooks_;
    std::vector<float> rates_;
    std::size_t n_lessons_;
    Gradients gradients_;
    AdamState adam_;
    Training training_;
    std::vector<MatrixF> best_;
    double best_held_out_ = 0.0;
    std::int64_t step_ = 0;
    double sum_ = 0.0;  // of the losses since the last point
    std::int64_t n_summed_ = 0;
    Clock::time_point counted_to_ = Clock::now();
    Clock::time_point kept_at_ = Clock::now();
    std::chrono::duration<double> keeping_{0.0};  // what a snapshot takes
};

}  // namespace

Result<Training> train(Student& student, const Teacher& teacher, const std::vector<TokenWindow>& windows,
                       const TrainSettings& settings, const TrainHooks& hooks) {
    if (windows.size() != teacher.streams.size() || windows.size() <= settings.held_out || settings.held_out == 0 ||
        settings.batch == 0 || settings.n_steps < 1) {
        return fail(ErrorKind::Bug, "Windows, lessons and steps of a training do not belong together.",
                    "Give more windows than are held out.");
    }
    return Trainer(student, teacher, windows, settings, hooks).run();
}

}  // namespace landauer
