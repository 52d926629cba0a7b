// Watts from a program of the user's, which may speak to any instrument: one number a line.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/clock.h"
#include "meters/rail_argument.h"
#include "meters/table.h"
#include "meters/wire/watts_line.h"
#include "platform/child_process.h"

namespace landauer {
namespace {

constexpr double kPeriod_s = 0.1;
constexpr std::int64_t kNs = 1'000'000'000;

// The newest power, for as long as it can be called new.
class CommandMeter final : public Meter {
   public:
    CommandMeter(MeterInfo info, std::unique_ptr<ChildProcess> program, Clock& clock)
        : info_(std::move(info)), program_(std::move(program)), clock_(clock) {}

    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }

    int read(std::span<std::int64_t> values) noexcept override {
        std::fill(values.begin(), values.end(), kMissing);
        take_lines();
        const bool is_new = newest_uw_ != kMissing && clock_.now_ns() - newest_ns_ <= patience_ns_;
        if (values.empty() || !is_new || program_->output().ended()) {
            return 0;
        }
        values[0] = newest_uw_;
        return 1;
    }

    // Whether a power was among the lines that have come.
    bool take_lines() noexcept {
        bool got = false;
        while (const auto line = program_->output().next()) {
            if (const auto uw = parse_watts_line(*line)) {
                newest_uw_ = *uw;
                got = true;
            }
        }
        if (got) {
            const std::int64_t now_ns = clock_.now_ns();
            // A value is held until three of the last intervals have passed: then the program is stuck.
            patience_ns_ = std::clamp(3 * (now_ns - newest_ns_), kNs, 30 * kNs);
            newest_ns_ = now_ns;
        }
        return got;
    }

    bool wait_for_power() noexcept {
        using std::chrono::steady_clock;
        const auto until = steady_clock::now() + std::chrono::seconds(5);
        while (!take_lines()) {
            if (program_->output().ended() || steady_clock::now() > until) {
                return false;
            }
            static_cast<void>(program_->output().wait(100));
        }
        return true;
    }

   private:
    MeterInfo info_;
    std::unique_ptr<ChildProcess> program_;
    Clock& clock_;
    std::int64_t newest_uw_ = kMissing;
    std::int64_t newest_ns_ = 0;
    std::int64_t patience_ns_ = 0;
};

MeterInfo describe(const RailArgument& argument) {
    Rail rail;
    rail.kind = argument.kind;
    rail.period_s = kPeriod_s;
    MeterInfo info;
    info.name = "command";
    info.covers = fmt::format("what '{}' says", argument.rest);
    info.channels = {{"command", "power", "W", ChannelKind::gauge, 1e-6, 0, rail}};
    info.blocks = true;
    info.period_s = kPeriod_s;
    info.notes = {"How accurate and how fresh the program's figures are only its author knows: no accuracy is stated."};
    return info;
}

}  // namespace

MeterResult probe_command(const MeterSources& sources, const std::string& argument) {
    const RailArgument asked = rail_argument_from(argument);
    if (asked.rest.empty()) {
        return fail(ErrorKind::Invalid, "The meter command was not told which program to run.",
                    "Name it: --meter 'command:my-meter --watts', or 'command:board=my-meter' for what it measures.");
    }
    auto program = ChildProcess::start(asked.rest);
    if (!program) {
        return tl::unexpected(program.error());
    }
    Clock& clock = sources.clock != nullptr ? *sources.clock : system_clock();
    auto meter = std::make_unique<CommandMeter>(describe(asked), std::move(*program), clock);
    if (!meter->wait_for_power()) {
        return fail(ErrorKind::Failed, fmt::format("'{}' wrote no power within 5 s.", asked.rest),
                    "Have it write lines such as '12.3 W' to its standard output, and flush after each.");
    }
    return meter;
}

}  // namespace landauer
