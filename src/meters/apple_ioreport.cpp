#include "meters/apple_ioreport.h"

#include <algorithm>
#include <array>
#include <limits>

#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::string_view kGroup = "Energy Model";
constexpr double kNano = 1e-9;
constexpr double kPublishPeriod_s = 1.0;  // seen between 0.3 and 2.2 s

struct RailOfApple {
    std::string_view name;
    RailKind kind;
    int index;
};
// In the order of AppleRail.
constexpr std::array<RailOfApple, kAppleRails> kRails = {{
    {"package-0", RailKind::package, 0},
    {"gpu", RailKind::device, 0},
    {"ane", RailKind::device, 1},
    {"package-0/dram", RailKind::dram, 0},
}};

bool is_number(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "DRAM" and "DRAM0", and not "DRAM Energy2".
bool is_numbered(std::string_view channel, std::string_view word) {
    return channel.starts_with(word) && is_number(channel.substr(word.size()));
}

std::string_view without_die(std::string_view channel) {
    constexpr std::string_view kDie = "DIE_";
    if (!channel.starts_with(kDie)) {
        return channel;
    }
    const std::size_t end = channel.find('_', kDie.size());
    const bool fits =
        end != std::string_view::npos && end > kDie.size() && is_number(channel.substr(kDie.size(), end - kDie.size()));
    return fits ? channel.substr(end + 1) : channel;
}

std::string_view next_field(std::string_view& rest) {
    const std::size_t tab = std::min(rest.find('\t'), rest.size());
    const std::string_view field = rest.substr(0, tab);
    rest.remove_prefix(std::min(tab + 1, rest.size()));
    return field;
}

std::optional<IoReportRecord> parse_record(std::string_view line) {
    if (std::count(line.begin(), line.end(), '\t') != 4) {
        return std::nullopt;
    }
    IoReportRecord record;
    for (std::string* const field : {&record.group, &record.subgroup, &record.channel, &record.unit}) {
        *field = trim(next_field(line));
    }
    const auto value = parse_integer(line);
    if (!value || record.channel.empty()) {
        return std::nullopt;
    }
    record.value = *value;
    return record;
}

class AppleMeter : public Meter {
   public:
    AppleMeter(MeterInfo info, std::vector<std::size_t> rails, IoReportSource fetch)
        : info_(std::move(info)), rails_(std::move(rails)), fetch_(std::move(fetch)) {}
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    int read(std::span<std::int64_t> values) noexcept override {
        const AppleEnergy energy = sum_rails(fetch_());
        int got = 0;
        const std::size_t count = std::min(values.size(), rails_.size());
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = energy[rails_[i]].value_or(kMissing);
            got += values[i] == kMissing ? 0 : 1;
        }
        return got;
    }

   private:
    MeterInfo info_;
    std::vector<std::size_t> rails_;
    IoReportSource fetch_;
};

Channel channel_of(std::size_t i) {
    Rail rail{kRails[i].kind, kRails[i].index};
    rail.period_s = kPublishPeriod_s;
    return {"apple-ioreport", std::string(kRails[i].name), "J", ChannelKind::counter, kNano, 0, rail};
}

}  // namespace

std::vector<IoReportRecord> parse_ioreport_text(std::string_view text) {
    std::vector<IoReportRecord> records;
    while (!text.empty()) {
        if (auto record = parse_record(next_line(text))) {
            records.push_back(std::move(*record));
        }
    }
    return records;
}

std::optional<AppleRail> apple_rail(std::string_view group, std::string_view channel) {
    if (group != kGroup) {
        return std::nullopt;
    }
    channel = without_die(channel);
    if (channel == "CPU Energy") {
        return AppleRail::cpu;
    }
    if (channel == "GPU Energy") {
        return AppleRail::gpu;
    }
    if (is_numbered(channel, "ANE")) {
        return AppleRail::ane;
    }
    return is_numbered(channel, "DRAM") ? std::optional(AppleRail::dram) : std::nullopt;
}

std::optional<std::int64_t> in_nanojoules(std::int64_t value, std::string_view unit) noexcept {
    const std::int64_t factor = unit == "mJ" ? 1'000'000 : unit == "uJ" ? 1'000 : unit == "nJ" ? 1 : 0;
    if (factor == 0 || value < 0 || value > std::numeric_limits<std::int64_t>::max() / factor) {
        return std::nullopt;
    }
    return value * factor;
}

AppleEnergy sum_rails(const std::vector<IoReportRecord>& records) {
    AppleEnergy energy;
    std::array<bool, kAppleRails> spoiled{};
    for (const IoReportRecord& record : records) {
        const auto rail = apple_rail(record.group, record.channel);
        if (!rail) {
            continue;
        }
        const auto i = static_cast<std::size_t>(*rail);
        const auto value_nj = in_nanojoules(record.value, record.unit);
        const std::int64_t sum_nj = energy[i].value_or(0);
        if (!value_nj || *value_nj > std::numeric_limits<std::int64_t>::max() - sum_nj) {
            spoiled[i] = true;
        } else {
            energy[i] = sum_nj + *value_nj;
        }
    }
    for (std::size_t i = 0; i < kAppleRails; ++i) {
        energy[i] = spoiled[i] ? std::nullopt : energy[i];
    }
    return energy;
}

Result<std::unique_ptr<Meter>> make_apple_meter(IoReportSource fetch) {
    const AppleEnergy first = sum_rails(fetch());
    MeterInfo info;
    std::vector<std::size_t> rails;
    for (std::size_t i = 0; i < kAppleRails; ++i) {
        if (first[i]) {
            info.channels.push_back(channel_of(i));
            rails.push_back(i);
        }
    }
    if (rails.empty()) {
        return fail(ErrorKind::Absent, "macOS shows no energy counters that landauer knows (IOReport, Energy Model).",
                    "Apple silicon has them; on an Intel Mac use an external meter.");
    }
    info.name = "apple-ioreport";
    info.covers = "the processor's cores, graphics, neural engine and memory as macOS accounts for them";
    info.notes = {"The counters publish in batches, 0.3 to 2.2 s apart: short windows are uncertain.",
                  "Apple states neither how they are obtained nor how true they are."};
    return std::make_unique<AppleMeter>(std::move(info), std::move(rails), std::move(fetch));
}

}  // namespace landauer
