// What the machine costs when nothing is asked of it: the baseline that net figures subtract.
#pragma once

#include <landauer/caveat.h>
#include <landauer/law_card.h>
#include <landauer/trace.h>
#include <landauer/windows.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace landauer {

// An idle stretch. Means carry 95 % intervals that know about autocorrelation.
struct IdleBaseline {
    std::string where;  // "before_load", "before", "after"
    std::int64_t session_id = 0;
    Window window;
    // "cpu_percent" (machine, 100 = one core), "others_percent" (less our own), "rss_bytes",
    // "system_used_bytes", "power_w"; what was not sampled is absent.
    std::map<std::string, Estimate> means;
    bool contaminated = false;
    std::vector<Caveat> caveats;
};

struct IdleLimits {
    double others_percent = 10.0;          // other programs' mean CPU use, of one core
    double burst_percent = 50.0;           // of one core over one second
    double drift_percent = 5.0;            // CPU: least change between halves or baselines that counts
    double drift_power = 0.05;             // power: the same as a fraction
    std::vector<std::string> meters = {};  // whose power, as energy_scope() takes them
};

// Means over the window; contaminated when other programs were busy or the level drifted
// between the halves by more than their intervals allow.
[[nodiscard]] IdleBaseline measure_idle(const Trace& trace, Window window, std::string where,
                                        const IdleLimits& limits = {});

// Marks the later of two baselines contaminated when CPU use or power moved between them.
void compare_idle(const IdleBaseline& before, IdleBaseline& after, const IdleLimits& limits = {});

// When a baseline is long enough. The defaults ask for what costs a 10 s trial 0.2 CPU seconds.
struct IdleGoal {
    double least_s = 10.0;
    double most_s = 60.0;
    double cpu_half_width_percent = 2.0;   // of the 95 % interval of the mean, of one core
    double power_half_width = 0.02;        // as a fraction of the mean
    std::vector<std::string> meters = {};  // whose power, as energy_scope() takes them
};

// For the run loop, as samples come in: true once `least_s` has passed and every 95 %
// interval is narrower than asked, or once `most_s` has passed.
[[nodiscard]] bool idle_is_settled(const Trace& trace, Window so_far, const IdleGoal& goal = {});

// Idle level of one rate for the trials between baselines: the mean of those that are
// there, its interval holding their own and half of the drift between them.
[[nodiscard]] std::optional<Estimate> idle_level(const std::vector<const IdleBaseline*>& around,
                                                 const std::string& rate);

}  // namespace landauer
