// The energy that making a model takes, where a meter or a stated estimate gives one.
#pragma once

#include <landauer/error.h>
#include <landauer/law_card.h>

#include <memory>
#include <optional>
#include <string>

#include "cli/meter_options.h"

namespace landauer {

struct MakingEnergy {
    Estimate wh;         // net of idle
    std::string covers;  // "package-0 (powercap)"
    bool estimated = false;
};

// Samples the energy meters from its start, after a few idle seconds; without any it costs nothing.
class MakingMeter {
   public:
    // Errors as set_up_joules().
    [[nodiscard]] static Result<MakingMeter> start(const MeterOptions& options);
    MakingMeter(MakingMeter&& other) noexcept;
    MakingMeter& operator=(MakingMeter&& other) noexcept;
    MakingMeter(const MakingMeter&) = delete;
    MakingMeter& operator=(const MakingMeter&) = delete;
    ~MakingMeter();

    // Absent: no energy meter, none whose joules can be trusted, or no more than the machine's idle power may be.
    [[nodiscard]] std::optional<MakingEnergy> stop();

   private:
    struct State;
    explicit MakingMeter(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace landauer
