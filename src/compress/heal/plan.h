// How many windows and steps a budget of time allows, found by timing a step; kept, so that an interrupted run goes on
// with the same.
#pragma once

#include <landauer/error.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "compress/heal/student.h"
#include "compress/pipeline.h"

namespace landauer {

struct LessonNeeds {
    std::string key;  // of everything that the plan hangs on
    std::size_t batch = 2;
    std::int32_t window_tokens = 256;
    std::int32_t held_out = 4;
    std::int64_t n_tokens = 0;  // 0: by the budget
    std::int32_t n_given = 0;   // windows that are there already, used while a budget repeats them twice at most
    double budget_seconds = 0.0;
    double budget_share = 1.0;  // of the time that was asked for, which is what an error speaks of
    bool self = true;
    bool has_text = true;
    std::size_t n_threads = 1;
};

struct LessonPlan {
    std::int32_t n_windows = 0;    // those held out among them
    std::int64_t n_steps = 0;      // 0: not settled yet
    bool given = false;            // the windows are those that are there already
    double step_seconds = 0.0;     // 0: not timed
    double fixed_seconds = 0.0;    // what training takes beside its steps
    std::int64_t began_at_ns = 0;  // the steady clock's
};

// Errors as the student's and the teacher's; Invalid: too little time for a few steps.
[[nodiscard]] Result<LessonPlan> plan_lessons(const LessonNeeds& needs, const WeightFile& base, const Student& student,
                                              const std::filesystem::path& kept, const CompressHooks& hooks);

// The steps that the rest of the budget allows, once windows and teacher are there. Failed: it cannot be kept.
[[nodiscard]] Result<std::int64_t> settle_steps(const LessonPlan& plan, const LessonNeeds& needs,
                                                const std::filesystem::path& kept);

}  // namespace landauer
