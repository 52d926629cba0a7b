// What a reader of an image law has to know: knees that should not be there, and those that are missing.
#pragma once

#include <span>
#include <vector>

#include "analysis/laws/law2.h"

namespace landauer {

[[nodiscard]] std::vector<Caveat> image_law_caveats(const Law2Request& request, const Law2& law,
                                                    std::span<const ImageCase> cases);

}  // namespace landauer
