#include "cli/stage_line.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "core/clock.h"
#include "platform/terminal.h"

namespace landauer {
namespace {

constexpr std::int64_t kRedrawNs = 200'000'000;

}  // namespace

StageLine::StageLine() : live_(is_terminal(Stream::err)) {}

StageLine::~StageLine() { end(); }

void StageLine::show(const std::string& stage, double fraction) {
    const std::int64_t now_ns = system_clock().now_ns();
    const bool is_new = stage != stage_;
    if (is_new) {
        end();
        stage_ = stage;
        begin_ns_ = now_ns;
    }
    if (!live_ || (!is_new && now_ns - shown_ns_ < kRedrawNs)) return;
    shown_ns_ = now_ns;
    talk(fmt::format("\r\x1b[K{}: {:.0f} %{}", stage, 100.0 * fraction, left_words(now_ns, fraction)));
}

void StageLine::end() {
    if (stage_.empty()) return;
    const double seconds = static_cast<double>(system_clock().now_ns() - begin_ns_) * 1e-9;
    talk(fmt::format("{}{}: {:.1f} s\n", live_ ? "\r\x1b[K" : "", stage_, seconds));
    stage_.clear();
}

std::string StageLine::left_words(std::int64_t now_ns, double fraction) const {
    const double spent_s = static_cast<double>(now_ns - begin_ns_) * 1e-9;
    if (fraction < 0.02 || spent_s < 2.0) return "";
    return fmt::format(", {:.0f} s left", spent_s / fraction * (1.0 - fraction));
}

}  // namespace landauer
