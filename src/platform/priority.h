// How much the scheduler prefers this process.
#pragma once

#include <landauer/error.h>

namespace landauer {

// level as in llama.cpp: -1 low, 0 normal, 1 medium, 2 high, 3 realtime. Denied without
// the right to raise priority, with the command that would grant it.
[[nodiscard]] Result<void> set_process_priority(int level);

}  // namespace landauer
