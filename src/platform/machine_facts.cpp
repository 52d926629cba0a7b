#include "platform/machine_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "platform/files.h"
#include "platform/text.h"

namespace landauer {
namespace {

// /proc/cpuinfo writes "model name\t: AMD EPYC".
std::string cpuinfo_value(std::string_view cpuinfo, std::string_view key) {
    while (!cpuinfo.empty()) {
        const std::string_view line = next_line(cpuinfo);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && trim(line.substr(0, colon)) == key) {
            return std::string(trim(line.substr(colon + 1)));
        }
    }
    return {};
}

std::string first_of(std::initializer_list<std::string> candidates) {
    for (const std::string& candidate : candidates) {
        if (!candidate.empty()) {
            return candidate;
        }
    }
    return {};
}

// Device trees end their strings with a zero byte.
std::string without_zeros(std::string text) {
    std::erase(text, '\0');
    return text;
}

}  // namespace

std::string read_cpu_model(const std::filesystem::path& root) {
    const std::string cpuinfo = read_trimmed(root / "proc/cpuinfo");
    return first_of({cpuinfo_value(cpuinfo, "model name"), cpuinfo_value(cpuinfo, "Model"),
                     without_zeros(read_trimmed(root / "proc/device-tree/model")), cpuinfo_value(cpuinfo, "Hardware"),
                     cpuinfo_value(cpuinfo, "cpu model")});
}

std::vector<std::string> read_cpu_flags(const std::filesystem::path& root) {
    const std::string cpuinfo = read_trimmed(root / "proc/cpuinfo");
    const std::string line = first_of({cpuinfo_value(cpuinfo, "flags"), cpuinfo_value(cpuinfo, "Features")});
    std::vector<std::string> flags;
    std::string_view rest = line;
    while (true) {
        const std::string_view word = next_word(rest);
        if (word.empty()) {
            return flags;
        }
        flags.emplace_back(word);
    }
}

std::string read_governor(const std::filesystem::path& root) {
    std::set<std::string> governors;
    for (const NumberedEntry& cpu : list_numbered(root / "sys/devices/system/cpu", "cpu")) {
        std::string governor = read_trimmed(cpu.path / "cpufreq/scaling_governor");
        if (!governor.empty()) {
            governors.insert(std::move(governor));
        }
    }
    return fmt::format("{}", fmt::join(governors, ", "));
}

std::string read_turbo(const std::filesystem::path& root) {
    const auto cpu = root / "sys/devices/system/cpu";
    if (const auto off = read_integer_file(cpu / "intel_pstate/no_turbo")) {
        return *off == 0 ? "on" : "off";
    }
    if (const auto on = read_integer_file(cpu / "cpufreq/boost")) {
        return *on == 0 ? "off" : "on";
    }
    return {};
}

std::string read_virtualisation(const std::filesystem::path& root) {
    const std::string type = read_trimmed(root / "sys/hypervisor/type");
    const std::string vendor = read_trimmed(root / "sys/class/dmi/id/sys_vendor");
    const auto flags = read_cpu_flags(root);
    // Vendors that make nothing but virtual machines; a flag alone does not name the maker.
    constexpr std::array<std::string_view, 8> kMakers = {"QEMU",    "Amazon EC2", "Google",    "VMware",
                                                         "innotek", "Xen",        "Parallels", "OpenStack"};
    const bool made_virtual =
        std::any_of(kMakers.begin(), kMakers.end(), [&](std::string_view maker) { return vendor.starts_with(maker); });
    const bool flagged = std::find(flags.begin(), flags.end(), "hypervisor") != flags.end();
    if (!flagged && type.empty() && !made_virtual) {
        return "none";
    }
    const std::string maker = first_of({type, vendor});
    return maker.empty() ? "virtual machine" : fmt::format("virtual machine ({})", maker);
}

std::string read_container(const std::filesystem::path& root) {
    if (file_exists(root / ".dockerenv")) {
        return "docker";
    }
    if (file_exists(root / "run/.containerenv")) {
        return "podman";
    }
    return read_trimmed(root / "run/systemd/container");
}

}  // namespace landauer
