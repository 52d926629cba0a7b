// What the machine runs on and in, and whether its energy can be measured.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "meters/doctor/checks.h"
#include "meters/table.h"
#include "platform/files.h"
#include "platform/machine_facts.h"

namespace landauer::doctor {
namespace {

constexpr std::int64_t kOpenPerf = 2;  // the kernel's own default

}  // namespace

void check_battery(const Patient& patient, Findings& out) {
    const auto supplies = patient.root / "sys/class/power_supply";
    for (const std::string& name : list_folder(supplies)) {
        const auto supply = supplies / name;
        const bool of_machine = read_trimmed(supply / "scope") != "Device";  // not a mouse's
        if (of_machine && read_trimmed(supply / "type") == "Battery" &&
            read_trimmed(supply / "status") == "Discharging") {
            out.push_back({"on-battery", Severity::warning,
                           "The machine runs on its battery, so it may save power in the middle of a trial.",
                           "Plug it in."});
            return;
        }
    }
}

void check_energy_meters(const Patient& patient, Findings& out) {
    std::optional<Error> denied;
    for (const MeterEntry& entry : meter_table()) {
        if (entry.use == MeterUse::on_request) {
            continue;
        }
        const auto meter = entry.probe(MeterSources{patient.root}, {});
        if (meter && (*meter)->info().is_energy()) {
            return;
        }
        constexpr std::array kOthers = {"process", "machine", "memory", "frequency", "thermal", "throttle"};
        const bool is_energy = std::find(kOthers.begin(), kOthers.end(), entry.name) == kOthers.end();
        if (!meter && is_energy && !denied && meter.error().kind == ErrorKind::Denied) {
            denied = meter.error();
        }
    }
    if (denied) {
        out.push_back({"energy-denied", Severity::warning, denied->sentence, denied->remedy});
        return;
    }
    out.push_back({"no-energy-meter", Severity::note,
                   "No energy meter can be read here, so time, CPU and memory are measured and no joules.",
                   "Measure on a physical Intel or AMD machine (RAPL) or a Raspberry Pi 5, or use a smart plug or USB "
                   "meter: landauer meters --explain."});
}

void check_perf_events(const Patient& patient, Findings& out) {
    const auto level = read_integer_file(patient.root / "proc/sys/kernel/perf_event_paranoid");
    if (level && *level > kOpenPerf) {
        out.push_back(
            {"perf-closed", Severity::note,
             fmt::format("kernel.perf_event_paranoid is {}, so tools such as perf cannot explain a slow trial "
                         "to an ordinary user.",
                         *level),
             "For as long as you need them: sudo sysctl kernel.perf_event_paranoid=1"});
    }
}

void check_virtual_machine(const Patient& patient, Findings& out) {
    const std::string kind = read_virtualisation(patient.root);
    if (kind != "none") {
        out.push_back({"virtual-machine", Severity::note,
                       fmt::format("This is a {}: its host hides energy, frequency and temperature, and may slow it "
                                   "down unseen.",
                                   kind),
                       "Use it to compare, interleaved and repeated; take absolute figures on a physical machine."});
    }
}

void check_container(const Patient& patient, Findings& out) {
    const std::string kind = read_container(patient.root);
    if (!kind.empty()) {
        out.push_back({"container", Severity::note,
                       fmt::format("This runs in a container ({}): processes outside it are busy unseen, though their "
                                   "CPU time is counted.",
                                   kind),
                       "Run landauer doctor outside the container to see who is busy."});
    }
}

}  // namespace landauer::doctor
