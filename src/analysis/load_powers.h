// Power with and without load, as the steps of one source tell it.
#pragma once

#include <landauer/windows.h>

#include <optional>
#include <span>

#include "analysis/energy_steps.h"

namespace landauer {

// What is known of the machine besides the meter, to divide a step that an edge of load cuts.
struct LoadContext {
    std::span<const Window> busy = {};  // windows of load, in order of time and apart
    std::optional<double> idle_w = {};  // power outside of them
    std::optional<double> busy_w = {};  // mean power inside of them, for those that no step tells alone
    double idle_sd_w = 0.0;             // how far the mean power of a short stretch strays from that
};

[[nodiscard]] inline bool tells(const EnergyStep& step) { return !step.is_gap && step.end_ns > step.begin_ns; }

class LoadPowers {
   public:
    // window: the one that is asked for; it counts as load where nothing else is known.
    LoadPowers(const EnergySteps& steps, Window window, const LoadContext& load)
        : steps_(steps.steps), window_(window), load_(load) {}

    // The step that holds the instant; at a border the later one.
    [[nodiscard]] std::size_t index_at(std::int64_t at_ns) const;
    // The same, at a border the earlier one.
    [[nodiscard]] std::size_t index_before(std::int64_t at_ns) const;
    // The load that begins last at or before the instant and ends after it.
    [[nodiscard]] std::optional<Window> load_at(std::int64_t at_ns) const;
    // Mean power of the steps that lie wholly in the window of load; empty when there is none.
    [[nodiscard]] std::optional<double> power_within(Window load) const;
    // Power at an instant: of its load, else of idle; `otherwise` where neither is known.
    [[nodiscard]] double power_at(std::int64_t at_ns, double otherwise) const;

    struct Unloaded {
        double watts = 0.0;
        double u_w = 0.0;
    };
    // Power of a stretch without load inside step i: idle, unless the whole step next to it, without load too,
    // shows that other programs were at work.
    [[nodiscard]] Unloaded unloaded(std::size_t i, Window part) const;

    [[nodiscard]] const LoadContext& context() const { return load_; }

   private:
    [[nodiscard]] bool is_without_load(const EnergyStep& step) const;

    const std::vector<EnergyStep>& steps_;
    Window window_;
    const LoadContext& load_;
};

}  // namespace landauer
