#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "platform/cgroup.h"
#include "platform/files.h"
#include "platform/machine_facts.h"
#include "platform/proc_files.h"
#include "platform/sha256.h"
#include "platform/text.h"
#include "platform/topology.h"

namespace landauer {
namespace {

// Flags by which llama.cpp chooses its kernels; the other hundred tell nothing about cost.
bool matters_to_arithmetic(std::string_view flag) {
    constexpr std::array<std::string_view, 14> kExact = {"ssse3", "sse4_2", "fma",  "f16c", "bmi2", "gfni", "fp",
                                                         "fphp",  "asimd",  "i8mm", "bf16", "sve",  "sve2", "sme"};
    constexpr std::array<std::string_view, 5> kFamilies = {"avx", "amx", "asimdhp", "asimddp", "sve"};
    return std::find(kExact.begin(), kExact.end(), flag) != kExact.end() ||
           std::any_of(kFamilies.begin(), kFamilies.end(), [&](std::string_view f) { return flag.starts_with(f); });
}

// PRETTY_NAME="Debian GNU/Linux 12 (bookworm)" of os-release.
std::string read_os_name(const std::filesystem::path& root) {
    for (const char* const file : {"etc/os-release", "usr/lib/os-release"}) {
        const std::string text = read_trimmed(root / file);
        std::string_view rest = text;
        while (!rest.empty()) {
            std::string_view line = trim(next_line(rest));
            constexpr std::string_view kKey = "PRETTY_NAME=";
            if (line.starts_with(kKey)) {
                line.remove_prefix(kKey.size());
                const bool quoted = line.size() >= 2 && (line.front() == '"' || line.front() == '\'');
                return std::string(quoted ? line.substr(1, line.size() - 2) : line);
            }
        }
    }
    return {};
}

std::string compiler_name() {
#if defined(__clang__)
    return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
    return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
    return {};
#endif
}

// Tells machines apart without naming them.
std::string hostname_hash(const std::filesystem::path& root) {
    const std::string id = read_trimmed(root / "etc/machine-id");
    const std::string host = read_trimmed(root / "proc/sys/kernel/hostname");
    constexpr std::size_t kDigits = 16;
    return id.empty() && host.empty() ? std::string() : sha256_text("landauer\n" + id + "\n" + host).substr(0, kDigits);
}

void put(Environment& environment, const char* fact, std::string value) {
    if (!value.empty()) {
        environment[fact] = std::move(value);
    }
}

void put_cpu(Environment& environment, const std::filesystem::path& root) {
    const CpuTopology topology = read_topology(root);
    auto flags = read_cpu_flags(root);
    std::erase_if(flags, [](const std::string& flag) { return !matters_to_arithmetic(flag); });
    put(environment, "cpu_model", read_cpu_model(root));
    put(environment, "cpu_flags", fmt::format("{}", fmt::join(flags, " ")));
    put(environment, "n_cpu_physical", std::to_string(topology.physical));
    put(environment, "n_cpu_logical", std::to_string(topology.logical));
    put(environment, "cpus_allowed", format_cpu_list(topology.allowed));
    if (topology.quota_cores) {
        put(environment, "cpu_quota", fmt::format("{:g}", *topology.quota_cores));
    }
    put(environment, "governor", read_governor(root));
    put(environment, "turbo", read_turbo(root));
}

void put_memory(Environment& environment, const std::filesystem::path& root) {
    const SystemMemory memory = parse_meminfo(read_trimmed(root / "proc/meminfo"));
    if (memory.total_bytes != kMissing) {
        put(environment, "mem_total_bytes", std::to_string(memory.total_bytes));
    }
    if (const auto limit = read_cgroup_limits(root).memory_bytes) {
        put(environment, "mem_limit_bytes", std::to_string(*limit));
    }
}

}  // namespace

Environment read_environment(const std::filesystem::path& root) {
    Environment environment;
    put_cpu(environment, root);
    put_memory(environment, root);
    put(environment, "kernel", read_trimmed(root / "proc/sys/kernel/osrelease"));
    put(environment, "os", read_os_name(root));
    put(environment, "virtualisation", read_virtualisation(root));
    put(environment, "container", read_container(root));
    put(environment, "compiler", compiler_name());
    put(environment, "hostname_hash", hostname_hash(root));
    return environment;
}

}  // namespace landauer
