// A fixed piece of work that takes the same time on a cool, quiet machine: trials wait
// until it does so again (benchmarks do the same by a fixed pause; this one adapts).
#pragma once

#include <cstdint>
#include <functional>

namespace landauer {

class Anchor {
   public:
    // Measures the reference; about 10 ms.
    Anchor();

    // Waits until the work takes no more than `tolerance` longer than at first, at most
    // cap_s. Returns how long it waited, in seconds; below 0: it never came back.
    double wait(double tolerance, double cap_s, const std::function<bool()>& abort) const;

   private:
    std::int64_t reference_ns_ = 0;
};

}  // namespace landauer
