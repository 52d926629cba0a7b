// The doctor's checks. A new one: a function that adds what it finds, and one line here and
// in the table of doctor.cpp.
#pragma once

#include <landauer/caveat.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "platform/proc_files.h"
#include "platform/processes.h"

namespace landauer::doctor {

// What the checks look at: the machine, and how it behaved while it was watched.
struct Patient {
    std::filesystem::path root;
    std::string compiler;
    double watched_s = 0.0;
    CpuTimes before;
    CpuTimes after;
    std::vector<ProcessTimes> processes_before;
    std::vector<ProcessTimes> processes_after;
};

using Findings = std::vector<Caveat>;

void check_governor(const Patient& patient, Findings& out);
void check_turbo(const Patient& patient, Findings& out);
void check_cores(const Patient& patient, Findings& out);
void check_quota(const Patient& patient, Findings& out);
void check_throttling(const Patient& patient, Findings& out);
void check_amx(const Patient& patient, Findings& out);

void check_busy_processes(const Patient& patient, Findings& out);
void check_steal(const Patient& patient, Findings& out);
void check_memory(const Patient& patient, Findings& out);
void check_swap(const Patient& patient, Findings& out);

void check_battery(const Patient& patient, Findings& out);
void check_energy_meters(const Patient& patient, Findings& out);
void check_perf_events(const Patient& patient, Findings& out);
void check_virtual_machine(const Patient& patient, Findings& out);
void check_container(const Patient& patient, Findings& out);

}  // namespace landauer::doctor
