// What the engine tests share: hooks that write down what they saw, requests, the real model.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "temp_folder.h"

namespace landauer::testing {

struct Mark {
    PhaseKind kind;
    bool begins;
    std::int64_t t_ns;
};

// Hooks that record, and abort once told.
struct Watch {
    std::vector<Mark> marks;
    std::atomic<bool> stop = false;
    // Stops by itself at the nth poll after a prefill began; 0: never.
    int stop_after_polls = 0;
    int polls_in_prefill = 0;
    bool in_prefill = false;
    std::int64_t stopped_at_ns = 0;

    EngineHooks hooks() {
        EngineHooks hooks;
        hooks.phase = [this](PhaseKind kind, bool begins, std::int64_t t_ns) {
            marks.push_back({kind, begins, t_ns});
            in_prefill = kind == PhaseKind::prefill && begins;
        };
        hooks.abort = [this] {
            if (in_prefill && stop_after_polls > 0 && ++polls_in_prefill == stop_after_polls) {
                stop = true;
                stopped_at_ns = system_clock().now_ns();
            }
            return stop.load();
        };
        return hooks;
    }
};

inline TrialRequest text_request(std::string text, std::int32_t n_gen) {
    TrialRequest request;
    request.text = std::move(text);
    request.n_gen = n_gen;
    return request;
}

inline TrialRequest grid_request(std::int32_t n_prompt, std::int32_t n_gen, std::int32_t n_depth = 0) {
    TrialRequest request;
    request.is_grid = true;
    request.n_prompt = n_prompt;
    request.n_gen = n_gen;
    request.n_depth = n_depth;
    request.seed = 7;
    return request;
}

// Every phase record has its two marks, at the same instants and in the same order.
inline void expect_marks_match(const std::vector<Mark>& marks, const std::vector<PhaseRecord>& phases) {
    ASSERT_EQ(marks.size(), 2 * phases.size());
    std::int64_t last = 0;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        EXPECT_EQ(marks[2 * i].kind, phases[i].kind);
        EXPECT_TRUE(marks[2 * i].begins);
        EXPECT_EQ(marks[2 * i].t_ns, phases[i].begin_ns);
        EXPECT_EQ(marks[2 * i + 1].kind, phases[i].kind);
        EXPECT_FALSE(marks[2 * i + 1].begins);
        EXPECT_EQ(marks[2 * i + 1].t_ns, phases[i].end_ns);
        EXPECT_GE(phases[i].begin_ns, last);
        EXPECT_GE(phases[i].end_ns, phases[i].begin_ns);
        last = phases[i].end_ns;
    }
}

}  // namespace landauer::testing
