#include "selftest/emulated_source.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>

namespace landauer {
namespace {

constexpr double kNs = 1e-9;
constexpr double kNonsense = 0.04;  // of the readings

std::int64_t nanoseconds(double seconds) { return std::llround(seconds * 1e9); }

}  // namespace

std::int64_t Publication::seen_at(std::int64_t t_ns) const {
    const double phase = 0.5 + 0.5 * scatter(seed, std::numeric_limits<std::uint64_t>::max());
    const auto instant = [&](std::int64_t number) {
        const double late = jitter * scatter(seed, static_cast<std::uint64_t>(number));
        return nanoseconds((static_cast<double>(number) + phase + late) * period_s);
    };
    std::int64_t number = static_cast<std::int64_t>(static_cast<double>(t_ns) * kNs / period_s) + 1;
    while (number > 0 && instant(number) > t_ns) {
        --number;
    }
    return std::max<std::int64_t>(0, instant(number) - nanoseconds(lag_s));
}

Result<EmulatedSource> EmulatedSource::create(const std::filesystem::path& file, const SourceModel& model) {
    auto created = ScratchFile::create(file);
    if (!created) {
        return tl::unexpected(created.error());
    }
    return EmulatedSource(std::move(*created), model);
}

bool EmulatedSource::has_fault(SourceFault::Kind kind, std::int64_t t_ns) const {
    const SourceFault& fault = model_.fault;
    return fault.kind == kind && t_ns >= fault.when.begin_ns && t_ns < fault.when.end_ns;
}

double EmulatedSource::rail_j(const MachinePower& machine, std::int64_t t_ns) const {
    return model_.gain *
           (model_.share.part * machine.energy_j(t_ns) + model_.share.offset_w * static_cast<double>(t_ns) * kNs);
}

std::int64_t EmulatedSource::counter_value(const MachinePower& machine, std::int64_t t_ns) const {
    const SourceFault& fault = model_.fault;
    std::int64_t seen_ns = model_.publication.seen_at(t_ns);
    if (has_fault(SourceFault::Kind::stuck, seen_ns) || has_fault(SourceFault::Kind::held, seen_ns)) {
        seen_ns = fault.when.begin_ns;
    }
    double joules = model_.start_j + rail_j(machine, seen_ns);
    if (fault.kind == SourceFault::Kind::stuck && seen_ns >= fault.when.end_ns) {
        joules -= rail_j(machine, fault.when.end_ns) - rail_j(machine, fault.when.begin_ns);
    }
    if (fault.kind == SourceFault::Kind::reset && seen_ns >= fault.when.begin_ns) {
        joules -= model_.start_j + rail_j(machine, fault.when.begin_ns);
    }
    const double units = std::floor(joules / model_.unit);
    const auto value = static_cast<std::int64_t>(units * (model_.unit / model_.written));
    return model_.wrap_range > 0 ? value % model_.wrap_range : value;
}

std::int64_t EmulatedSource::gauge_value(const MachinePower& machine, std::int64_t t_ns) const {
    std::int64_t seen_ns = model_.publication.seen_at(t_ns);
    if (has_fault(SourceFault::Kind::stuck, seen_ns)) {
        seen_ns = model_.fault.when.begin_ns;
    }
    const std::int64_t over_ns = std::max(kMillisecond / 10, nanoseconds(model_.averaging_s));
    const std::int64_t from_ns = std::max<std::int64_t>(0, seen_ns - over_ns);
    const double seconds = static_cast<double>(std::max<std::int64_t>(1, seen_ns - from_ns)) * kNs;
    const double watts = (rail_j(machine, seen_ns) - rail_j(machine, from_ns)) / seconds;
    return std::llround(std::round(watts / model_.unit) * (model_.unit / model_.written));
}

bool EmulatedSource::show(const MachinePower& machine, std::int64_t t_ns) {
    ++n_shown_;
    if (has_fault(SourceFault::Kind::unreadable, t_ns) || has_fault(SourceFault::Kind::gone, t_ns)) {
        return file_.write({});
    }
    const std::int64_t value = model_.is_gauge ? gauge_value(machine, t_ns) : counter_value(machine, t_ns);
    const bool nonsense = has_fault(SourceFault::Kind::nonsense, t_ns) &&
                          std::abs(scatter(model_.publication.seed + 1, n_shown_)) < kNonsense;
    return nonsense ? write_nonsense(value) : write(value);
}

bool EmulatedSource::write_nonsense(std::int64_t value) {
    constexpr std::int64_t kFarTooGreat = 10'000'000'000;  // 10 kW in uW
    constexpr std::uint64_t kKinds = 3;
    switch (n_shown_ % kKinds) {
        case 0:
            return write(-value);
        case 1:
            return write(kFarTooGreat + value);
        default:
            return file_.write("nan\n");
    }
}

bool EmulatedSource::write(std::int64_t value) {
    std::array<char, 24> text{};
    if (model_.is_binary) {
        std::memcpy(text.data(), &value, sizeof value);
        return file_.write({text.data(), sizeof value});
    }
    char* const end = std::to_chars(text.data(), text.data() + text.size() - 1, value).ptr;
    *end = '\n';
    return file_.write({text.data(), static_cast<std::size_t>(end - text.data()) + 1});
}

}  // namespace landauer
