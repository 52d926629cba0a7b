#if defined(__APPLE__)

#include "meters/apple_ioreport.h"
#include "meters/table.h"
#include "platform/ioreport.h"

namespace landauer {

MeterResult probe_apple_ioreport(const std::filesystem::path& root) {
    if (root != "/") {
        return fail(ErrorKind::Absent, "macOS's energy counters are no files and cannot be copied.",
                    "Run landauer on that machine itself.");
    }
    auto report = IoReport::open();
    if (!report) {
        return tl::unexpected(report.error());
    }
    return make_apple_meter([report = *report] { return parse_ioreport_text(report->read()); });
}

}  // namespace landauer

#endif
