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
    [[nodiscard]] double seconds(std::int64_t n_prompt, std::int64_t n_gen) const;

   private:
    double prefill_s_ = 0.0;
    double decode_s_ = 0.0;
    std::int64_t prefill_tokens_ = 0;
    std::int64_t decode_tokens_ = 0;
};

}  // namespace landauer
