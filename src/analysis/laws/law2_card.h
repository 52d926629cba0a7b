// An image law as a card.
#pragma once

#include "analysis/laws/law2.h"

namespace landauer {

// The chosen form of a fit over `variable`. How cases were weighted, how the knee's interval was found and the
// test against no knee stand in the scope.
[[nodiscard]] LawCard image_card(const Law2Request& request, ImageVariable variable, const Segmented& fit);

}  // namespace landauer
