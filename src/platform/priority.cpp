#include "platform/priority.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <array>

namespace landauer {

Result<void> set_process_priority(int level) {
    constexpr std::array kNice = {5, 0, -5, -10, -20};
    if (level < -1 || level > 3) {
        return fail(ErrorKind::Invalid, fmt::format("There is no priority {}.", level),
                    "Give --prio -1, 0, 1, 2 or 3.");
    }
    const int step = level + 1;
    const int nice = kNice.at(static_cast<std::size_t>(step));
    if (level != 0 && setpriority(PRIO_PROCESS, 0, nice) != 0) {
        return fail(ErrorKind::Denied, fmt::format("The system does not let this user run at priority {}.", level),
                    "Leave --prio out, or raise the limit: sudo prlimit --nice=40 --pid $$");
    }
    return {};
}

}  // namespace landauer
