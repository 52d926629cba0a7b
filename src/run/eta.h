// How long the rest of a plan will take, from what its trials took so far.
#pragma once

#include <cstdint>
#include <vector>

#include "core/records.h"

namespace landauer {

class EtaEstimator {
   public:
    // A finished trial (or the warm-up): its phases say what a token costs.
    void learn(const std::vector<PhaseRecord>& phases);
    // Seconds for that many more tokens; below 0 while nothing is known.
    [[nodiscard]] double seconds(std::int64_t n_prompt, std::int64_t n_gen, std::int64_t n_image = 0) const;

   private:
    // What a token of a kind cost so far.
    struct Rate {
        double s = 0.0;
        std::int64_t tokens = 0;
        [[nodiscard]] bool known() const { return tokens > 0; }
        [[nodiscard]] double per_token() const { return s / static_cast<double>(tokens); }
    };
    Rate image_;  // encoding and prefill together
    Rate prefill_;
    Rate decode_;
};

}  // namespace landauer
