// RAPL energy counters of Intel and AMD processors, from the kernel's perf events: the same
// joules as powercap, widened by the kernel to 64 bits, so that no wrap is ever seen.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>

#include "meters/perf_event_text.h"
#include "meters/rapl_names.h"
#include "meters/table.h"
#include "platform/files.h"
#include "platform/perf_event.h"
#include "platform/text.h"

namespace landauer {
namespace {

constexpr std::string_view kUnit = "sys/bus/event_source/devices/power";
constexpr std::string_view kPrefix = "energy-";

struct Event {
    std::string rail;  // "", "core", "uncore", "dram", "psys": as powercap calls it; empty: the package
    std::uint64_t config = 0;
    double scale_j = 0.0;
};

struct Place {
    int cpu = 0;  // that reads the package's counter
    PackageName package;
    std::string name;  // "package-0", "package-0-die-1"
};

class PerfRaplMeter : public Meter {
   public:
    PerfRaplMeter(MeterInfo info, std::vector<PerfCounter> counters)
        : info_(std::move(info)), counters_(std::move(counters)) {}
    [[nodiscard]] const MeterInfo& info() const noexcept override { return info_; }
    int read(std::span<std::int64_t> values) noexcept override {
        int got = 0;
        const std::size_t count = std::min(values.size(), counters_.size());
        for (std::size_t i = 0; i < count; ++i) {
            const auto value = counters_[i].read();
            values[i] = value.value_or(kMissing);
            got += value ? 1 : 0;
        }
        return got;
    }

   private:
    MeterInfo info_;
    std::vector<PerfCounter> counters_;
};

// powercap's word for the rail of "energy-ram"; nothing for events nobody has explained to us.
std::optional<std::string> rail_word(std::string_view event) {
    if (event == "pkg") {
        return "";
    }
    if (event == "cores") {
        return "core";
    }
    if (event == "ram") {
        return "dram";
    }
    if (event == "gpu") {
        return "uncore";
    }
    return event == "psys" ? std::optional<std::string>("psys") : std::nullopt;
}

std::optional<Event> read_event(const std::filesystem::path& events, const std::string& file) {
    const auto rail = rail_word(std::string_view(file).substr(kPrefix.size()));
    const auto config = parse_event_config(read_trimmed(events / file));
    const auto scale = parse_real(read_trimmed(events / (file + ".scale")));
    if (!rail || !config || !scale || *scale <= 0.0 || read_trimmed(events / (file + ".unit")) != "Joules") {
        return std::nullopt;
    }
    return Event{*rail, *config, *scale};
}

std::vector<Event> find_events(const std::filesystem::path& events) {
    std::vector<Event> found;
    for (const std::string& file : list_folder(events)) {
        if (file.starts_with(kPrefix) && file.find('.') == std::string::npos) {
            if (auto event = read_event(events, file)) {
                found.push_back(std::move(*event));
            }
        }
    }
    const auto by_rail = [](const Event& a, const Event& b) { return a.rail < b.rail; };
    std::sort(found.begin(), found.end(), by_rail);
    return found;
}

int topology_number(const std::filesystem::path& root, int cpu, const char* file) {
    const auto value =
        read_integer_file(root / fmt::format("sys/devices/system/cpu/cpu{}/topology", cpu) / file).value_or(0);
    return value < 0 || value > std::numeric_limits<int>::max() ? 0 : static_cast<int>(value);
}

// Where the counters are read. A package is named with its die only where it has several, as
// powercap does it.
std::vector<Place> find_places(const std::filesystem::path& root) {
    std::vector<Place> places;
    for (const int cpu : parse_cpu_list(read_trimmed(root / kUnit / "cpumask"))) {
        places.push_back(
            {cpu, {topology_number(root, cpu, "physical_package_id"), topology_number(root, cpu, "die_id")}, {}});
    }
    const auto by_package = [](const Place& a, const Place& b) { return a.package < b.package; };
    std::stable_sort(places.begin(), places.end(), by_package);
    for (Place& place : places) {
        const int package = place.package.package;
        const auto here = [&](const Place& other) { return other.package.package == package; };
        place.name = fmt::format("package-{}", package);
        if (std::count_if(places.begin(), places.end(), here) > 1) {
            place.name += fmt::format("-die-{}", place.package.die);
        }
    }
    return places;
}

std::vector<PackageName> packages_of(const std::vector<Place>& places) {
    std::vector<PackageName> packages;
    packages.reserve(places.size());
    for (const Place& place : places) {
        packages.push_back(parse_package_name(place.name));
    }
    return packages;
}

struct Harvest {
    MeterInfo info;
    std::vector<PerfCounter> counters;
    std::optional<Error> first_error;

    void add(Channel channel, Result<int> descriptor) {
        if (descriptor) {
            counters.emplace_back(*descriptor);
            info.channels.push_back(std::move(channel));
        } else if (!first_error || descriptor.error().kind == ErrorKind::Denied) {
            first_error = std::move(descriptor.error());
        }
    }
};

Error absent() {
    return {ErrorKind::Absent, "The kernel shows no energy counters among its perf events (no power unit).",
            "On an Intel or AMD machine: sudo modprobe rapl. Virtual machines have none; there, measure on the host."};
}

Error denied() {
    return {ErrorKind::Denied,
            "This machine has RAPL energy counters, but this user may not count on a whole CPU "
            "(kernel.perf_event_paranoid is above 0).",
            "For this program only: sudo setcap cap_perfmon+ep \"$(command -v landauer)\"; or for every program, until "
            "the next boot: sudo sysctl kernel.perf_event_paranoid=0"};
}

using OpenPerf = std::function<Result<int>(std::uint32_t, std::uint64_t, int)>;

// A copied /sys describes counters that only its own machine has.
OpenPerf opener(const MeterSources& sources) {
    if (sources.open_perf) {
        return sources.open_perf;
    }
    if (sources.root == "/") {
        return open_perf_counter;
    }
    return [](std::uint32_t, std::uint64_t, int) -> Result<int> {
        return fail(ErrorKind::Absent, "Perf counters cannot be read from a copied /sys.",
                    "Run landauer on that machine itself.");
    };
}

Harvest open_all(const MeterSources& sources, std::uint32_t type, const std::vector<Event>& events) {
    const std::vector<Place> places = find_places(sources.root);
    const std::vector<PackageName> packages = packages_of(places);
    const OpenPerf open = opener(sources);
    Harvest harvest;
    for (const Place& place : places) {
        for (const Event& event : events) {
            const bool whole = event.rail == "psys";
            if (whole && &place != &places.front()) {
                continue;  // one counter for the whole machine, seen from every package
            }
            std::string name = whole ? event.rail : place.name + (event.rail.empty() ? "" : "/") + event.rail;
            const Rail rail = rapl_rail(name, packages);
            harvest.add({"perf-rapl", std::move(name), "J", ChannelKind::counter, event.scale_j, 0, rail},
                        open(type, event.config, place.cpu));
        }
    }
    return harvest;
}

}  // namespace

std::optional<std::uint64_t> parse_event_config(std::string_view text) {
    constexpr std::string_view kEvent = "event=";
    if (!text.starts_with(kEvent)) {
        return std::nullopt;
    }
    const auto value = parse_hexadecimal(text.substr(kEvent.size()));
    return value && *value >= 0 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

MeterResult probe_perf_rapl(const MeterSources& sources, const std::string& /*argument*/) {
    const auto type = read_integer_file(sources.root / kUnit / "type");
    const std::vector<Event> events = find_events(sources.root / kUnit / "events");
    if (!type || *type < 0 || *type > std::numeric_limits<std::uint32_t>::max() || events.empty()) {
        return tl::unexpected(absent());
    }
    Harvest harvest = open_all(sources, static_cast<std::uint32_t>(*type), events);
    if (harvest.counters.empty()) {
        const Error why = harvest.first_error.value_or(absent());
        return tl::unexpected(why.kind == ErrorKind::Denied ? denied() : why);
    }
    harvest.info.name = "perf-rapl";
    harvest.info.covers = "energy of the processor's rails, RAPL counted by the kernel without wraps";
    harvest.info.permission = "CAP_PERFMON, or kernel.perf_event_paranoid at 0 or below";
    harvest.info.notes = {
        "A package's energy holds its core and uncore, and not its dram; discs, fans, network and the power "
        "supply's losses are in none of them.",
        "Intel and AMD state no accuracy for these counters."};
    if (harvest.first_error) {
        harvest.info.notes.push_back("Some counters are missing here: " + harvest.first_error->sentence);
    }
    return std::make_unique<PerfRaplMeter>(std::move(harvest.info), std::move(harvest.counters));
}

}  // namespace landauer
