// When a source that publishes more seldom than it is read must have published.
#pragma once

#include <cstdint>
#include <vector>

namespace landauer {

// A publication seen in the reading at `seen_ns` and not yet in the one `width_s` before.
struct PublicationTime {
    std::int64_t seen_ns = 0;
    double width_s = 0.0;
    std::int64_t t_ns = 0;  // estimated
    double u_s = 0.0;       // its standard uncertainty
};

struct Beat {
    double period_s = 0.0;  // mean; 0 for fewer than two publications
    double unrest_s = 0.0;  // standard deviation of publications about an even beat
};

// Fills in t_ns and u_s: between the middle of the two readings and the instant that an even beat of
// publications gives, weighed by how well the beat is kept.
Beat place_publications(std::vector<PublicationTime>& times);

}  // namespace landauer
