// Another instrument's readings as they come: a file that grows, a named pipe, standard input.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/clock.h"
#include "meters/rail_argument.h"
#include "meters/table.h"
#include "meters/wire/power_csv.h"
#include "platform/line_feed.h"

namespace landauer {
namespace {

constexpr double kAsk_s = 0.05;   // how late a line may be seen
constexpr int kMostLines = 4096;  // of one reading; the rest comes with the next
constexpr int kFirstLine_ms = 1000;
constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kShortestStall_ns = 2'000'000'000;
constexpr std::int64_t kLongestStall_ns = 60'000'000'000;
constexpr double kMicro = 1e-6;

std::int64_t in_micro(double value) noexcept { return std::llround(value / kMicro); }

// A value holds until the next line; it is missing when that is three times as late as the last was.
class ExternalMeter final : public Meter {
   public:
    ExternalMeter(MeterInfo info, LineFeed feed, const wire::PowerLines& lines, Clock& clock)
        : info_(std::move(info)), feed_(std::move(feed)), lines_(lines), clock_(clock) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        const std::int64_t now_ns = clock_.now_ns();
        if (const auto fresh = newest()) {
            if (value_) {
                interval_ns_ = now_ns - arrival_ns_;
            }
            value_ = in_micro(*fresh);
            arrival_ns_ = now_ns;
        }
        const std::int64_t stall_ns = std::clamp(3 * interval_ns_, kShortestStall_ns, kLongestStall_ns);
        if (value_ && now_ns - arrival_ns_ > stall_ns) {
            value_.reset();
        }
        if (values.empty()) {
            return 0;
        }
        values[0] = value_.value_or(kMissing);
        return value_ ? 1 : 0;
    }

   private:
    std::optional<double> newest() noexcept {
        const bool wants_energy = info_.channels[0].kind == ChannelKind::counter;
        std::optional<double> newest;
        for (int i = 0; i < kMostLines; ++i) {
            const auto line = feed_.next();
            if (!line) {
                break;
            }
            const auto sample = lines_.read(*line);
            if (sample && sample->is_energy == wants_energy) {
                newest = sample->value;
            }
        }
        return newest;
    }

    MeterInfo info_;
    LineFeed feed_;
    wire::PowerLines lines_;
    Clock& clock_;
    std::optional<std::int64_t> value_;
    std::int64_t arrival_ns_ = 0;
    std::int64_t interval_ns_ = 0;
};

// Titles and a first sample, if any come within a second, tell whether these are watts or joules.
Result<wire::PowerLines> learn(LineFeed& feed) {
    wire::PowerLines lines;
    Clock& clock = system_clock();
    const std::int64_t deadline_ns = clock.now_ns() + kFirstLine_ms * kNsPerMs;
    for (bool waited = false; !waited;) {
        while (const auto line = feed.next()) {
            if (lines.read(*line)) {
                return lines;
            }
            if (lines.hopeless()) {
                return fail(ErrorKind::Invalid, fmt::format("The readings cannot be used: {}.", lines.why()),
                            "Give the readings titles such as time_s,power_w, or write bare watts, one a line.");
            }
        }
        const auto left_ms = static_cast<int>((deadline_ns - clock.now_ns()) / kNsPerMs);
        waited = feed.ended() || left_ms <= 0 || !feed.wait(left_ms);
    }
    return lines;
}

MeterInfo describe(const RailArgument& argument, bool is_energy) {
    MeterInfo info;
    info.name = "external";
    info.covers = fmt::format("what another instrument says, taken for the {}", name(argument.kind));
    info.blocks = true;
    info.period_s = kAsk_s;
    Rail rail{argument.kind};
    info.channels = {is_energy ? Channel{"external", "energy", "J", ChannelKind::counter, kMicro, 0, rail}
                               : Channel{"external", "power", "W", ChannelKind::gauge, kMicro, 0, rail}};
    info.notes = {
        "Each reading is stamped when its line arrives; an instrument that writes blocks of lines arrives "
        "late (stdbuf -oL helps). landauer runs attach aligns a whole recording afterwards.",
        "Its accuracy is not known here."};
    return info;
}

}  // namespace

MeterResult probe_external(const MeterSources& sources, const std::string& argument) {
    const RailArgument where = rail_argument_from(argument);
    if (where.rest.empty()) {
        return fail(ErrorKind::Invalid, "The meter 'external' needs to know where the readings are.",
                    "--meter external:FILE, or external:- for standard input; external:board=FILE when they are not "
                    "taken at the wall.");
    }
    auto feed = LineFeed::open(where.rest);
    if (!feed) {
        return tl::unexpected(feed.error());
    }
    auto lines = learn(*feed);
    if (!lines) {
        return tl::unexpected(lines.error());
    }
    feed->skip_to_end();
    MeterInfo info = describe(where, lines->is_energy());
    Clock& clock = sources.clock != nullptr ? *sources.clock : system_clock();
    return std::make_unique<ExternalMeter>(std::move(info), std::move(*feed), *lines, clock);
}

}  // namespace landauer
