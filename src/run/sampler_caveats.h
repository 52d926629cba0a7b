// What the sampler's own record says against the figures made from its samples.
#pragma once

#include <landauer/caveat.h>
#include <landauer/sampler.h>

#include <vector>

namespace landauer {

[[nodiscard]] std::vector<Caveat> sampler_caveats(const SamplerStats& stats, const SamplerOptions& options);

}  // namespace landauer
