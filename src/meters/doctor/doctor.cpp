#include "meters/doctor.h"

#include <algorithm>
#include <array>

#include "core/clock.h"
#include "meters/doctor/checks.h"
#include "platform/files.h"

namespace landauer {
namespace {

using namespace doctor;

constexpr std::array kChecks = {
    check_busy_processes, check_steal,    check_quota,       check_throttling,      check_memory,
    check_battery,        check_governor, check_turbo,       check_cores,           check_swap,
    check_energy_meters,  check_amx,      check_perf_events, check_virtual_machine, check_container,
};

CpuTimes read_total(const std::filesystem::path& root) {
    CpuTimes total;
    parse_proc_stat(read_trimmed(root / "proc/stat"), total, {});
    return total;
}

void sleep_on_the_clock(double seconds) {
    Clock& clock = system_clock();
    clock.sleep_until(clock.now_ns() + static_cast<std::int64_t>(seconds * 1e9));
}

Patient examine(const DoctorOptions& options) {
    Patient patient;
    patient.root = options.root;
    patient.compiler = options.compiler;
    patient.watched_s = std::max(0.0, options.observe_s);
    patient.before = read_total(options.root);
    if (patient.watched_s > 0.0) {
        patient.processes_before = read_processes(options.root);
        options.sleep ? options.sleep(patient.watched_s) : sleep_on_the_clock(patient.watched_s);
        patient.processes_after = read_processes(options.root);
    }
    patient.after = read_total(options.root);
    return patient;
}

}  // namespace

std::vector<Caveat> diagnose(const DoctorOptions& options) {
    const Patient patient = examine(options);
    Findings findings;
    for (const auto check : kChecks) {
        check(patient, findings);
    }
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Caveat& a, const Caveat& b) { return a.severity > b.severity; });
    return findings;
}

}  // namespace landauer
