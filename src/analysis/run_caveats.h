// The warnings of a whole run, each once: what a hundred trials said alike is said once, with its count.
#pragma once

#include <landauer/caveat.h>

#include <span>
#include <vector>

#include "core/records.h"

namespace landauer {

class CaveatList {
   public:
    void add(const Caveat& caveat);  // once for each code and sentence
    void add(std::span<const Caveat> caveats);
    // Caveats of the trials: one for each code, the worst of them with how many trials had it.
    void add_trials(std::span<const TrialRecord* const> trials);
    [[nodiscard]] std::vector<Caveat> take();  // worst first

   private:
    std::vector<Caveat> caveats_;
};

}  // namespace landauer
