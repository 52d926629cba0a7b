// Descent of the divergence from the teacher over a fixed number of steps, watched on windows that are held out.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compress/heal/adam.h"
#include "compress/heal/student.h"
#include "compress/heal/teacher.h"

namespace landauer {

struct TrainSettings {
    std::int64_t n_steps = 0;
    std::size_t batch = 2;     // windows a step
    std::size_t held_out = 4;  // the last so many windows
    double rate = 1.0;         // times the rates that rate_of() gives
    std::size_t n_threads = 1;
    std::filesystem::path snapshot;
    std::string key;  // of everything that the result hangs on
    double snapshot_seconds = 20.0;
};

struct CurvePoint {
    std::int64_t step = 0;
    std::int64_t n_tokens = 0;       // trained on until there
    double held_out = 0.0;           // nats a token
    std::optional<double> training;  // mean over the steps since the last point
};

struct Training {
    std::vector<CurvePoint> curve;
    double before = 0.0;  // held out, nats a token
    double after = 0.0;   // of what the parameters are at the end
    double rate = 1.0;    // of settings, after backing off
    std::int64_t n_backed_off = 0;
    std::int64_t n_tokens = 0;
    double seconds = 0.0;  // of all attempts together, also before an interruption
};

struct TrainHooks {
    std::function<bool()> abort;
    std::function<void(double fraction, const Training& so_far)> progress;
};

// `windows` and teacher.streams belong together; steps take the windows in their order, again and again. Where the
// held-out divergence has risen by half, it goes on from the best parameters at a third of the rate, at most three
// times. At the end the student has the best parameters of the curve. Goes on from the snapshot of an interrupted run,
// to the same result. Interrupted: `abort`. Refused: nothing helped. Failed: numbers that are not finite, no snapshot.
[[nodiscard]] Result<Training> train(Student& student, const Teacher& teacher, const std::vector<TokenWindow>& windows,
                                     const TrainSettings& settings, const TrainHooks& hooks);

}  // namespace landauer
