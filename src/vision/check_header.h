// Holds a projector's header against what its family needs, before libmtmd crashes on what is missing or
// leaves it out of the graph.
#pragma once

#include <landauer/error.h>

#include "vision/families.h"
#include "vision/header.h"

namespace landauer {

// Everyone's keys with the types that libmtmd reads, and image_mean and image_std.
[[nodiscard]] Result<void> check_common_keys(const Header& header);
// The family's own keys and tensors, the blocks, and whether the tensors' widths agree.
[[nodiscard]] Result<void> check_family(const Header& header, const Family& family);
// The output's width, deepstack branches included; Invalid: the tensor that has it is not there.
[[nodiscard]] Result<std::int32_t> output_width(const Header& header, const Family& family);

}  // namespace landauer
